import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { connect as connectPlain, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { promisify } from 'node:util';
import { createAccounts, type Accounts } from '@stopgap/accounts';
import { asId, Secret, systemClock, type Clock, type LoginVerdict, type StagedBlob } from '@stopgap/core';
import { createPut, type PutRequest } from '@stopgap/outbox';
import { createSmtpIntake, type SmtpIntake, type SmtpIntakeOptions } from '@stopgap/smtp-intake';
import { openVault } from '@stopgap/store';
import { tempStore, type TempStore } from '@stopgap/testkit';
import { PROVIDER } from '../provider.ts';

/** At the provider; both are accounts here already, carol is not. */
const PASSWORDS: Readonly<Record<string, string>> = { 'alice@a.test': 'wonder land', 'bob@a.test': 'builder', 'carol@a.test': 'christmas' };

export interface Taken extends Omit<PutRequest, 'blob'> {
  readonly content: string;
}

/** Deviations from the defaults, for one dialog. */
export type DialogOptions = Partial<Pick<SmtpIntakeOptions, 'plaintextAuth'>> & {
  readonly limits?: Partial<SmtpIntakeOptions['limits']>;
  readonly noRoom?: boolean;
  readonly providerDown?: boolean;
  readonly storeFails?: Error;
  readonly clock?: Clock;
  /** In the queue of the store, where a repetition is known. */
  readonly isQueued?: boolean;
};

/** A store and two accounts for all dialogs of a file; each dialog gets doors of its own. */
export class RelayForDialogs implements AsyncDisposable {
  readonly #temp: TempStore;
  readonly #home: string;
  readonly #tls: SmtpIntakeOptions['tls'];
  readonly #accounts: Accounts;
  #isProviderDown = false;

  static async start(): Promise<RelayForDialogs> {
    const temp = await tempStore();
    const home = await mkdtemp(join(tmpdir(), 'stopgap-dialogs-'));
    const [keyFile, certFile] = [join(home, 'key.pem'), join(home, 'cert.pem')];
    const request = [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '2',
      '-subj',
      '/CN=localhost',
    ];
    await promisify(execFile)('openssl', [...request, '-keyout', keyFile, '-out', certFile]);
    const tls = { cert: await readFile(certFile), key: await readFile(keyFile) };
    const relay = new RelayForDialogs(temp, home, {
      tls,
      vault: await temp.store.read((reader) => openVault({ dataDir: temp.dataDir, reader })),
    });
    for (const address of ['alice@a.test', 'bob@a.test']) {
      const password = new Secret(PASSWORDS[address] ?? '');
      const aliases = address === 'alice@a.test' ? ['sales@a.test'] : [];
      const added = await relay.#accounts.add({ address, password, aliases }, AbortSignal.timeout(10_000));
      if (added.kind !== 'added') throw new Error(`${address} was not added: ${added.kind}`);
    }
    return relay;
  }

  private constructor(
    temp: TempStore,
    home: string,
    made: { readonly tls: SmtpIntakeOptions['tls']; readonly vault: Awaited<ReturnType<typeof openVault>> },
  ) {
    this.#temp = temp;
    this.#home = home;
    this.#tls = made.tls;
    this.#accounts = createAccounts({
      store: temp.store,
      vault: made.vault,
      providers: [PROVIDER],
      upstreams: {
        imap: {
          verify: async (_path, { username, password }) => this.#verdict(username, password),
          probe: async () => ({ kind: 'answered', elapsedMs: 1 }),
        },
      },
      clock: systemClock,
      limits: { loginFailures: { perAccount: 10, perAddress: 30, withinMs: 60_000 }, recipientsPerHour: false },
      enrolment: 'open',
    });
  }

  async open(options: DialogOptions = {}): Promise<OpenRelay> {
    const taken: Taken[] = [];
    const clock = options.clock ?? systemClock;
    const queue = createPut({ store: this.#temp.store, dataDir: this.#temp.dataDir, clock, onPut: () => undefined });
    this.#isProviderDown = options.providerDown ?? false;
    const intake = createSmtpIntake({
      hostname: 'relay.test',
      listen: { submission: { host: '127.0.0.1', port: 0 }, submissions: { host: '127.0.0.1', port: 0 } },
      tls: this.#tls,
      plaintextAuth: options.plaintextAuth ?? 'loopback',
      limits: { messageBytes: 1_000_000, recipients: 100, connections: 100, connectionsPerAddress: 50, hops: 50, ...options.limits },
      accounts: this.#accounts,
      put: async ({ blob, ...request }) => {
        if (options.storeFails !== undefined) throw options.storeFails;
        const queued = options.isQueued ? await queue({ blob, ...request }) : undefined;
        if (queued?.repeated) return queued;
        taken.push({ ...request, content: await contentOf(blob) });
        return queued ?? { id: asId.submission(`id${taken.length}`), repeated: false };
      },
      stageBlob: () => this.#temp.store.blobs.stage(),
      roomFor: () => !options.noRoom,
      clock,
      events: { accepted: () => undefined, refused: () => undefined, failed: () => undefined },
    });
    await intake.listen();
    return new OpenRelay(intake, taken, join(this.#temp.dataDir, 'blobs', 'tmp'));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#accounts.close();
    await this.#temp.dispose();
    await rm(this.#home, { recursive: true, force: true });
  }

  #verdict(username: string, password: Secret): LoginVerdict {
    if (this.#isProviderDown) return { kind: 'undecided', reason: { class: 'connect', text: 'connection refused' } };
    if (PASSWORDS[username] === password.open()) return { kind: 'accepted' };
    return { kind: 'refused', reason: { class: 'auth', text: 'wrong password' } };
  }
}

export class OpenRelay implements AsyncDisposable {
  readonly intake: SmtpIntake;
  readonly taken: readonly Taken[];
  readonly #spool: string;

  constructor(intake: SmtpIntake, taken: readonly Taken[], spool: string) {
    this.intake = intake;
    this.taken = taken;
    this.#spool = spool;
  }

  port(door: 'submission' | 'submissions'): number {
    return this.intake.addresses()[door]?.port ?? 0;
  }

  async connect(door: 'submission' | 'submissions'): Promise<Socket> {
    const port = this.port(door);
    if (door === 'submissions') return await secured(connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false }));
    const socket = connectPlain({ port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    return socket;
  }

  async startTls(socket: Socket): Promise<Socket> {
    return await secured(connectTls({ socket, rejectUnauthorized: false }));
  }

  /** Of messages that came in part. */
  async leftovers(): Promise<number> {
    return (await readdir(this.#spool)).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.intake.close({ graceMs: 100 });
  }
}

export function plainToken(address: string): string {
  return Buffer.from(`\0${address}\0${PASSWORDS[address] ?? 'wrong'}`).toString('base64');
}

export function passwordOf(address: string): string {
  return PASSWORDS[address] ?? '';
}

async function secured(socket: Socket): Promise<Socket> {
  await once(socket, 'secureConnect');
  return socket;
}

async function contentOf(blob: StagedBlob): Promise<string> {
  return (blob.inline ?? (await readFile(blob.file ?? ''))).toString('latin1');
}
