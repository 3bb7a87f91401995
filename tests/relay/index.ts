export { providerOf } from './provider.ts';
export { runCli, startRelay, type CliResult, type Relay, type RelayOptions } from './relay.ts';
