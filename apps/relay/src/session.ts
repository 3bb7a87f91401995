import { systemClock } from '@stopgap/core';
import { loadConfig, type Config } from '@stopgap/config';
import { openStore, openVault, type Store, type Vault } from '@stopgap/store';
import type { Command } from 'commander';

/** What a command that works beside a running `serve` needs. */
export interface CommandSession {
  readonly config: Config;
  readonly store: Store;
}

/** The configuration that `--config`, the environment and the current directory give. @throws ConfigError with its sentences */
export function configOf(command: Command): Config {
  const { config } = command.optsWithGlobals<{ config?: string }>();
  return loadConfig({ ...(config === undefined ? {} : { file: config }), env: process.env, cwd: process.cwd() });
}

/** Opens the store for one command and closes it again, whatever happens. */
export async function withStore<T>(command: Command, run: (session: CommandSession) => Promise<T>): Promise<T> {
  const config = configOf(command);
  const store = await openStore({ dataDir: config.dataDir, clock: systemClock });
  try {
    return await run({ config, store });
  } finally {
    await store.close();
  }
}

export function vaultOf(config: Config, store: Store): Promise<Vault> {
  return store.read((reader) => openVault({ dataDir: config.dataDir, reader, ...(config.vaultKey ? { envKey: config.vaultKey } : {}) }));
}
