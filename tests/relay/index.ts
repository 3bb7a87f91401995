export type { Desk } from './desk.ts';
export { letterTo, type LetterOptions } from './letter.ts';
export {
  hashOf,
  mirrored,
  provided,
  readStore,
  statusOf,
  uidsIssued,
  type Copy,
  type CopyHere,
  type Equality,
  type MirrorStatus,
} from './mirrored.ts';
export { untilPath } from './paths.ts';
export { providerOf, type IncomingKind, type PathConfig, type ProviderChoice } from './provider.ts';
export { detailOf, queueOf } from './queue.ts';
export { runCli, startRelay, type CliResult, type Relay, type RelayOptions } from './relay.ts';
export { startPatientLab, startScene, type Scene, type SceneOptions } from './scene.ts';
export { UidLedger, type LedgerRow } from './uid-ledger.ts';
export { startMirrorScene, type MirrorScene, type MirrorSceneOptions } from './mirror-scene.ts';
