export { startFakeRoundcube, type FakeRoundcube, type FakeRoundcubeOptions } from './fake-roundcube.ts';
export type { FakeMailbox, FakeMessage } from './mailboxes.ts';
export type { FakeRoundcubeSwitches, Sending } from './switches.ts';
export { throughNetSmtp } from './net-smtp.ts';
export { fakeBackDoor } from './back-door.ts';
