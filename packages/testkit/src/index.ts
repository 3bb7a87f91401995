export { RecordingRoute, type Answer, type Taken } from './recording-route.ts';
export { FakeClock } from './fake-clock.ts';
export { tempStore, type TempStore } from './temp-store.ts';
export {
  appendToFake,
  fakeBackDoor,
  freshFakeMailbox,
  fromModifiedUtf7,
  startFakeRoundcube,
  throughNetSmtp,
  toModifiedUtf7,
  type FakeMailbox,
  type FakeMessage,
  type FakeStorage,
  type FakeRoundcube,
  type FakeRoundcubeOptions,
  type FakeRoundcubeSwitches,
  type Sending,
} from './fake-roundcube/index.ts';
export {
  startFakeJmap,
  type FakeJmap,
  type FakeJmapOptions,
  type FakeJmapSwitches,
  type JmapRefusal,
  type JmapSending,
} from './fake-jmap/index.ts';
export { runDialog, type Dialog } from './dialog.ts';
export { until } from './until.ts';
export { ImapTalk } from './imap-talk.ts';
export { StrictImapClient } from './strict-imap-client.ts';
export { selectInSomeWay, workAtRandom, type ImapWork, type ImapWorkplace } from './random-imap-work.ts';
export {
  startHostileSmtp,
  STANDARD_OFFERS,
  type HostileSmtp,
  type HostileSmtpOptions,
  type Script,
  type Says,
  type Step,
} from './hostile-smtp.ts';
export {
  fetched,
  startHostileImap,
  type HostileImap,
  type HostileImapMessage,
  type HostileImapOptions,
  type ImapCommand,
  type ImapSays,
  type ImapScript,
} from './hostile-imap.ts';
export {
  POP3_OFFERS,
  startHostilePop3,
  type HostilePop3,
  type HostilePop3Options,
  type Letter,
  type Pop3Says,
  type Pop3Script,
  type Pop3Step,
} from './hostile-pop3.ts';
export type { HostileTalk } from './hostile-smtp-talk.ts';
export { makeCertificate } from './certificate.ts';
export { makeJob } from './delivery-job.ts';
export {
  MemoryAccount,
  MemoryProvider,
  type Delivery,
  type MemoryMailbox,
  type MemoryMessage,
  type MemoryPath,
  type PathFaults,
  type ViewKind,
} from './memory-provider/index.ts';
