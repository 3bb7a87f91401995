export { startFakeRoundcube, type FakeRoundcube, type FakeRoundcubeOptions } from './fake-roundcube.ts';
export {
  append as appendToFake,
  freshMailbox as freshFakeMailbox,
  type FakeMailbox,
  type FakeMessage,
  type FakeStorage,
} from './mailboxes.ts';
export { fromModifiedUtf7, toModifiedUtf7 } from './modified-utf7.ts';
export type { FakeRoundcubeSwitches, Sending } from './switches.ts';
export { throughNetSmtp } from './net-smtp.ts';
export { fakeBackDoor } from './back-door.ts';
