export type * from './config.ts';
export type { LogFormat, LogLevel } from './schema.ts';
export { formatDuration, parseDuration } from './duration.ts';
export { formatHostPort, isLoopback, parseHostPort, type HostPort } from './host-port.ts';
export { parseSize } from './size.ts';
export { loadConfig, type ConfigSource } from './load.ts';
export { ConfigError } from './problem.ts';
export { configManual, exampleConfig } from './manual.ts';
