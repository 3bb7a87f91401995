import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { QueueDetail, QueueEntry } from '@stopgap/outbox';
import { expect } from 'vitest';
import { sendMail, startLab, until, type Lab, type LabOptions } from '../lab/index.ts';
import { isLetter, letterTo } from './letter.ts';
import { untilPath } from './paths.ts';
import { providerOf, type ProviderChoice } from './provider.ts';
import { detailOf, queueOf } from './queue.ts';
import { startRelay, type Relay } from './relay.ts';

/** Roundcube counts log-ins by person and minute; a test makes more of them than a person would. */
const PATIENT = `$config['login_rate_limit'] = 1000;`;
/** Where Postfix keeps what it has not delivered. */
const UNDELIVERED = ['maildrop', 'incoming', 'active', 'deferred'] as const;
const LIMIT_MS = 45_000;

export interface SceneOptions extends ProviderChoice {
  /** What to start, or one that runs already and stays when the scene ends. */
  readonly lab?: LabOptions | Lab;
  /** Further keys of stopgap.yaml. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
  /** As `serve --role` takes them; default: all. */
  readonly roles?: string;
}

export interface Sending {
  /** A user of the lab; default alice. */
  readonly as?: string;
  readonly password?: string;
  /** Local parts of the lab or whole addresses. */
  readonly to: readonly string[];
  readonly raw?: Buffer;
}

/** A provider, a relay beside it, and two ledgers: what the relay took with 250, and what is in the mailboxes. */
export interface Scene extends AsyncDisposable {
  readonly lab: Lab;
  /** The one that runs now. */
  readonly relay: Relay;
  /** Sends as a mail program does; resolves at 250 with the relay's id. Rejects with SmtpFailure. */
  send(id: string, sending: Sending): Promise<string>;
  /** The copies of a message that one recipient has, whole and oldest first. */
  copies(id: string, recipient: string): Promise<Buffer[]>;
  queue(): Promise<readonly QueueEntry[]>;
  show(submission: string): Promise<QueueDetail>;
  /** Kills the relay as a power cut would, and starts another one on the same data. */
  kill(): Promise<void>;
  revive(env?: Readonly<Record<string, string>>): Promise<void>;
  untilPath(direction: 'incoming' | 'outgoing', kind: string, state: string): Promise<void>;
  untilEmpty(limitMs?: number): Promise<void>;
  /**
   * Waits until nothing is under way any more, then compares the ledgers: every recipient of every message taken has it once, byte for byte,
   * but for those of `exceptions`: `id recipient` -> copies.
   */
  settle(exceptions?: Readonly<Record<string, number>>): Promise<void>;
}

export async function startScene(options: SceneOptions = {}): Promise<Scene> {
  const { lab: given = {} } = options;
  const [lab, isOwn] = 'edge' in given ? [given, false] : [await startPatientLab(given), true];
  const leave = async () => (isOwn ? lab.stop() : undefined);
  try {
    const relay = await startRelay({
      config: configOf(lab, options),
      ...(options.env ? { env: options.env } : {}),
      ...(options.roles === undefined ? {} : { roles: options.roles }),
    });
    return sceneOf(lab, relay, leave);
  } catch (error) {
    await leave();
    throw error;
  }
}

/** A lab whose webmail bears many log-ins, for several scenes one after the other. */
export function startPatientLab(options: LabOptions = {}): Promise<Lab> {
  const { extraConfig = '', ...roundcube } = options.roundcube ?? {};
  return startLab({ ...options, roundcube: { ...roundcube, extraConfig: `${PATIENT}\n${extraConfig}` } });
}

function configOf(lab: Lab, options: SceneOptions): Record<string, unknown> {
  const probe = { every: '500ms', timeout: '1500ms', ...options.probe };
  return {
    allowPrivateUpstreams: true,
    providers: [providerOf(lab, { ...options, probe })],
    retry: { first: '1s', longest: '3s' },
    unsure: { settle: '2s', retries: 1 },
    ...options.config,
  };
}

interface Taken {
  readonly id: string;
  readonly to: readonly string[];
  readonly raw: Buffer;
}

function sceneOf(lab: Lab, first: Relay, leave: () => Promise<void>): Scene {
  let relay = first;
  const taken: Taken[] = [];
  const addressOf = (name: string) => (name.includes('@') ? name : lab.address(name));

  const scene: Scene = {
    lab,
    get relay() {
      return relay;
    },
    async send(id, { as = 'alice', password = lab.password(as), to, raw }) {
      const addresses = to.map(addressOf);
      const bytes = raw ?? letterTo(id, { from: lab.address(as), to: addresses });
      const { submission: port } = relay.ports;
      const user = lab.address(as);
      const reply = await sendMail({ port, caFile: relay.caFile, user, password, from: user, to: addresses, raw: bytes });
      taken.push({ id, to: addresses, raw: bytes });
      return /queued as (\S+)/.exec(reply)?.[1] ?? '';
    },
    async copies(id, recipient) {
      const address = addressOf(recipient);
      const at = address.lastIndexOf('@');
      if (address.slice(at + 1) === lab.domain) return (await lab.inbox(address.slice(0, at))).filter((raw) => isLetter(raw, id));
      const departed = await lab.outside();
      return departed.filter((one) => one.to.includes(address) && isLetter(one.raw, id)).map((one) => one.raw);
    },
    queue: () => queueOf(relay),
    show: (submission) => detailOf(relay, submission),
    async kill() {
      await relay.end('SIGKILL');
    },
    async revive(env) {
      relay = await relay.again(env);
    },
    untilPath: (direction, kind, state) => untilPath(relay, direction, kind, state),
    async untilEmpty(limitMs = LIMIT_MS) {
      await until('nothing waits', async () => (await scene.queue()).length === 0, limitMs);
    },
    async settle(exceptions = {}) {
      const wanted = taken.flatMap(({ id, to, raw }) =>
        to.map((recipient) => ({ id, recipient, raw, count: exceptions[`${id} ${recipient}`] ?? 1 })),
      );
      for (const { id, recipient, count } of wanted)
        await until(`${recipient} has ${id}`, async () => (await scene.copies(id, recipient)).length >= count, LIMIT_MS);
      await scene.untilEmpty();
      await until('Postfix has delivered everything', () => undelivered(lab) === 0, LIMIT_MS);
      for (const { id, recipient, raw, count } of wanted) {
        const copies = await scene.copies(id, recipient);
        expect(copies.length, `copies of ${id} for ${recipient}`).toBe(count);
        for (const copy of copies) expect(isWhole(copy, raw), `bytes of ${id} for ${recipient}`).toBe(true);
      }
    },
    async [Symbol.asyncDispose]() {
      await relay[Symbol.asyncDispose]();
      await leave();
    },
  };
  return scene;
}

/**
 * Byte for byte, but for what is put before it on its way (Received, Resent-*), and for one line of preamble, which a multipart message may get for the
 * webmail's sake: no part and no signature takes notice of it.
 */
function isWhole(copy: Buffer, raw: Buffer): boolean {
  if (endsWith(copy, raw)) return true;
  const head = raw.subarray(0, raw.indexOf('\r\n\r\n') + 4);
  const parts = raw.subarray(head.length);
  if (!parts.subarray(0, 2).equals(Buffer.from('--')) || !endsWith(copy, parts)) return false;
  const before = copy.subarray(0, copy.length - parts.length);
  return endsWith(before.subarray(0, before.lastIndexOf('\r\n', before.length - 3) + 2), head);
}

function endsWith(bytes: Buffer, end: Buffer): boolean {
  return bytes.length >= end.length && bytes.subarray(bytes.length - end.length).equals(end);
}

function undelivered(lab: Lab): number {
  const spool = join(lab.dir, 'postfix/spool');
  return UNDELIVERED.map((name) => join(spool, name))
    .filter((dir) => existsSync(dir))
    .reduce((sum, dir) => sum + readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length, 0);
}
