export { openDoor, type Arrival, type Door, type DoorLimits, type DoorOptions, type TlsFiles, type Visit } from './door.ts';
export { mayLogIn, type PlaintextAuth } from './plaintext-auth.ts';
