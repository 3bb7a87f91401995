export { letterTo, type LetterOptions } from './letter.ts';
export { providerOf, type PathConfig, type ProviderChoice } from './provider.ts';
export { runCli, startRelay, type CliResult, type Relay, type RelayOptions } from './relay.ts';
export { startPatientLab, startScene, type QueueDetail, type QueueEntry, type Scene, type SceneOptions } from './scene.ts';
