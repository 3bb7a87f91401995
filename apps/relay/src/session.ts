import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { accountIdOf, MailError, parseAddress, systemClock } from '@stopgap/core';
import { loadConfig, type Config, type ConfigSource } from '@stopgap/config';
import { findAccount, openStore, openVault, type AccountRow, type Reader, type Store, type Vault } from '@stopgap/store';
import type { Command } from 'commander';

/** What a command that works beside a running `serve` needs. */
export interface CommandSession {
  readonly config: Config;
  readonly store: Store;
}

/** The configuration that `--config`, the environment and the current directory give. @throws ConfigError with its sentences */
export function configOf(command: Command): Config {
  return loadConfig(sourceOf(command));
}

export function sourceOf(command: Command): ConfigSource {
  const { config } = command.optsWithGlobals<{ config?: string }>();
  return { ...(config === undefined ? {} : { file: config }), env: process.env, cwd: process.cwd() };
}

/** Opens the store for one command, made if need be, and closes it again whatever happens. */
export async function withStore<T>(command: Command, run: (session: CommandSession) => Promise<T>): Promise<T> {
  const config = configOf(command);
  const store = await openStore({ dataDir: config.dataDir, clock: systemClock });
  try {
    return await run({ config, store });
  } finally {
    await store.close();
  }
}

/** For commands that change what is there: in the wrong directory they must not leave an empty store behind. @throws when there is none */
export function withOldStore<T>(command: Command, run: (session: CommandSession) => Promise<T>): Promise<T> {
  const { dataDir } = configOf(command);
  if (!hasStore(dataDir)) throw new MailError('permanent', noStore(dataDir), { code: 'no-store' });
  return withStore(command, run);
}

/** For commands that only look: where no store is yet, `empty` is the answer, and standard error says so. */
export function readStore<T>(command: Command, read: (reader: Reader, config: Config) => T, empty: (config: Config) => T): Promise<T> {
  const config = configOf(command);
  if (hasStore(config.dataDir)) return withStore(command, async ({ store }) => store.read((reader) => read(reader, config)));
  process.stderr.write(`stopgap: ${noStore(config.dataDir)}\n`);
  return Promise.resolve(empty(config));
}

/** @throws MailError with a sentence when there is no such account */
export function accountNamed(store: Store, text: string): AccountRow {
  const address = parseAddress(text);
  const account = address && store.read((reader) => findAccount(reader, accountIdOf(address)));
  if (account) return account;
  throw new MailError('permanent', `There is no account ${text}. "stopgap account list" shows them.`, { code: 'not-there' });
}

export function hasStore(dataDir: string): boolean {
  return existsSync(join(dataDir, 'stopgap.db'));
}

export function vaultOf(config: Config, store: Store): Promise<Vault> {
  return store.read((reader) => openVault({ dataDir: config.dataDir, reader, ...(config.vaultKey ? { envKey: config.vaultKey } : {}) }));
}

function noStore(dataDir: string): string {
  return `There is no store in ${dataDir} yet: "stopgap serve" makes it. If it is elsewhere, name its configuration with --config.`;
}
