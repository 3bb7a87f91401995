import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { until } from '../lab/index.ts';
import { startRelay, type Relay } from '../relay/index.ts';
import type { FullProvider } from './full-mailboxes.ts';
import { DEAD_PORT } from './loaded-relay.ts';

const LIMIT_MS = 900_000;

export interface MirroringOptions {
  /** Default: the server itself. */
  readonly imapPort?: number;
  readonly pollEvery?: string;
  readonly probeEvery?: string;
  readonly profileDir?: string | undefined;
}

/** `stopgap serve` as an operator starts it, to mirror a full provider in clear. */
export function startMirroringRelay(provider: FullProvider, options: MirroringOptions = {}): Promise<Relay> {
  const { lab } = provider;
  return startRelay({
    config: {
      allowPrivateUpstreams: true,
      mirror: { pollEvery: options.pollEvery ?? '60s' },
      providers: [
        {
          name: 'load',
          domains: [lab.domain],
          incoming: [{ kind: 'imap', host: '127.0.0.1', port: options.imapPort ?? lab.ports.imap, security: 'none' }],
          outgoing: [{ kind: 'smtp', host: '127.0.0.1', port: DEAD_PORT, security: 'none' }],
          ...(options.probeEvery === undefined ? {} : { probe: { every: options.probeEvery } }),
        },
      ],
    },
    ...(options.profileDir === undefined ? {} : { env: { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${resolve(options.profileDir)}` } }),
  });
}

/** Adds the account, whose mirror begins with that. Resolves to when it was there, on the monotonic clock. */
export async function addAccount(relay: Relay, { address, password }: FullProvider): Promise<number> {
  const adding = relay.cli(['account', 'add', address], `${password}\n`);
  const found = new Finds(relay.dataDir);
  await until('the account is there', () => found.accounts() === 1, LIMIT_MS);
  const atMs = performance.now();
  found.close();
  const { code, stderr } = await adding;
  if (code !== 0) throw new Error(`the account could not be added: ${stderr}`);
  return atMs;
}

/** Resolves as soon as so many messages are here, with their content. */
export async function untilHeld(relay: Relay, messages: number): Promise<void> {
  const found = new Finds(relay.dataDir);
  await until(`${messages} messages are here`, () => found.held() >= messages, LIMIT_MS);
  found.close();
}

/** Resolves as soon as so many messages can be searched. */
export async function untilIndexed(relay: Relay, messages: number): Promise<void> {
  await until(`${messages} messages are indexed`, () => indexed(relay.dataDir) >= messages, LIMIT_MS);
}

/** The relay's own word for it. @throws when it says something else */
export async function expectComplete(relay: Relay, messages: number): Promise<void> {
  const [status] = await relay.json<readonly { readonly messages: number; readonly total: number }[]>(['mirror', 'status']);
  if (status?.messages !== messages || status.total !== messages) {
    throw new Error(`${messages} messages should be here, mirror status says ${JSON.stringify(status)}`);
  }
}

/** Looks into the store from outside, often and cheaply: a command each time would cost more than what is measured. */
class Finds {
  readonly #database: DatabaseSync;
  #version: number | undefined;
  #held = 0;

  constructor(dataDir: string) {
    this.#database = new DatabaseSync(join(dataDir, 'stopgap.db'), { readOnly: true });
  }

  accounts(): number {
    return countIn(this.#database, 'SELECT count(*) AS n FROM account');
  }

  /** Counted only after a commit: to look must not cost what is measured. Index message_blob. */
  held(): number {
    const version = numberIn(this.#database, 'PRAGMA data_version', 'data_version');
    if (version !== this.#version) this.#held = countIn(this.#database, 'SELECT count(*) AS n FROM message WHERE blob_id IS NOT NULL');
    this.#version = version;
    return this.#held;
  }

  close(): void {
    this.#database.close();
  }
}

function indexed(dataDir: string): number {
  const directory = join(dataDir, 'search');
  if (!existsSync(directory)) return 0;
  let sum = 0;
  for (const name of readdirSync(directory).filter((file) => file.endsWith('.db'))) {
    const database = new DatabaseSync(join(directory, name), { readOnly: true });
    // A file that is just being made has no table yet.
    const hasTable = countIn(database, `SELECT count(*) AS n FROM sqlite_schema WHERE name = 'message'`) === 1;
    if (hasTable) sum += countIn(database, 'SELECT count(*) AS n FROM message');
    database.close();
  }
  return sum;
}

function countIn(database: DatabaseSync, sql: string): number {
  return numberIn(database, sql, 'n');
}

function numberIn(database: DatabaseSync, sql: string, column: string): number {
  return Number(database.prepare(sql).get()?.[column] ?? 0);
}
