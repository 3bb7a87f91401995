import { asId } from '@stopgap/core';
import { findMirror, openIntents, type MirrorRow } from '@stopgap/store';
import { openBackDoor, sendMail, until, type Lab, type LabOptions, type OpenBackDoor } from '../lab/index.ts';
import { openDesk, type Desk } from './desk.ts';
import { readStore, untilEqual, type CopyHere, type Equality } from './mirrored.ts';
import { providerOf, type IncomingKind } from './provider.ts';
import { startRelay, type Relay, type RelayOptions } from './relay.ts';
import { startPatientLab } from './scene.ts';

const LIMIT_MS = 60_000;
/** Told with a failure. */
const LOG_LINES = 40;
const MOST_TOLD = 100;

export interface MirrorSceneOptions {
  /** The provider's incoming paths, best first. */
  readonly incoming: readonly IncomingKind[];
  readonly lab: LabOptions;
  /** Further keys of stopgap.yaml. */
  readonly config?: Readonly<Record<string, unknown>>;
}

/** A provider with mailboxes, a relay that mirrors them, and a back door into the provider's store. */
export interface MirrorScene extends AsyncDisposable {
  readonly lab: Lab;
  /** The one that runs now. */
  readonly relay: Relay;
  /** Another mail program of this person; one for each, which logs in again when the server has hung up. */
  door(user: string): Promise<OpenBackDoor>;
  /** This person at the mail that is here; to be closed by the caller. */
  desk(user: string): Promise<Desk>;
  /** `account add` */
  add(user: string, ...more: readonly string[]): Promise<void>;
  /** Delivers from outside, as the provider's MX takes it. */
  deliver(user: string, raw: Buffer): Promise<void>;
  /** Sends as a mail program does; resolves at 250. */
  send(user: string, to: readonly string[], raw: Buffer): Promise<void>;
  untilEqual(user: string, equality?: Equality): Promise<readonly CopyHere[]>;
  /** Waits until a round by a path of this kind that began from now on has ended; gives what the mirror says of itself. */
  untilLooked(user: string, kind: string): Promise<MirrorRow>;
  untilState(user: string, state: string): Promise<void>;
  /** As the lab's; a failure tells the last lines of the relay's log. */
  until(what: string, probe: () => boolean | Promise<boolean>): Promise<void>;
  /** Waits until nothing that was done here waits to be told upstream. */
  untilCarried(user: string): Promise<void>;
  mirrorOf(user: string): Promise<MirrorRow | undefined>;
  /** Ends the relay; `SIGKILL`: as a power cut would. */
  end(signal?: NodeJS.Signals): Promise<void>;
  /** Another one on the same data. */
  revive(): Promise<void>;
}

export async function startMirrorScene(options: MirrorSceneOptions): Promise<MirrorScene> {
  const lab = await startPatientLab(options.lab);
  try {
    return sceneOf(lab, await startRelay(relayOptions(lab, options)), options);
  } catch (error) {
    await lab.stop();
    throw error;
  }
}

function relayOptions(lab: Lab, { incoming, config }: MirrorSceneOptions): RelayOptions {
  return {
    config: {
      allowPrivateUpstreams: true,
      providers: [providerOf(lab, { incoming, probe: { every: '500ms', timeout: '1500ms' } })],
      mirror: { pollEvery: '1s' },
      retry: { first: '1s', longest: '3s' },
      unsure: { settle: '2s', retries: 1 },
      ...config,
    },
  };
}

function sceneOf(lab: Lab, first: Relay, { lab: { parts } }: MirrorSceneOptions): MirrorScene {
  let relay = first;
  const doors = new Map<string, Promise<OpenBackDoor>>();
  const port = parts?.includes('cyrus') === true ? lab.ports.cyrusImap : lab.ports.imap;
  const scene: MirrorScene = {
    lab,
    get relay() {
      return relay;
    },
    async door(user) {
      const former = await doors.get(user);
      if (former && (await former.command('NOOP').catch(() => undefined))) return former;
      const there = openBackDoor({ port, user: lab.address(user), password: lab.password(user) });
      doors.set(user, there);
      return there;
    },
    desk: (user) => openDesk(relay, lab.address(user)),
    async add(user, ...more) {
      const { code, stderr } = await relay.cli(['account', 'add', lab.address(user), ...more], `${lab.password(user)}\n`);
      if (code !== 0) throw new Error(stderr);
    },
    async deliver(user, raw) {
      await sendMail({
        port: lab.ports.smtp,
        caFile: lab.caFile,
        security: 'none',
        from: 'far@outside.test',
        to: [lab.address(user)],
        raw,
      });
    },
    async send(user, to, raw) {
      const { submission } = relay.ports;
      const from = lab.address(user);
      await sendMail({ port: submission, caFile: relay.caFile, user: from, password: lab.password(user), from, to, raw });
    },
    async untilEqual(user, equality) {
      try {
        return await untilEqual({ relay, door: await scene.door(user), address: lab.address(user) }, equality);
      } catch (error) {
        const row = JSON.stringify(await scene.mirrorOf(user));
        throw new Error(`${String(error)}\n${row}\n${await lastLines(relay)}`, { cause: error });
      }
    },
    async untilLooked(user, kind) {
      const fromMs = Date.now();
      return until(
        `${user}'s mailboxes were looked at by ${kind}`,
        async () => {
          const row = await scene.mirrorOf(user);
          // The round before may have begun earlier and ended just now: `sinceMs` is when it became idle, `syncing` when it began.
          const isNew = row?.lastUpdateMs !== undefined && row.lastUpdateMs > fromMs + 1000;
          return isNew && row.path?.includes(kind) === true && (row.state === 'idle' || row.state === 'held') ? row : undefined;
        },
        LIMIT_MS,
      );
    },
    async untilState(user, state) {
      await until(`the mirror of ${user} is ${state}`, async () => (await scene.mirrorOf(user))?.state === state, LIMIT_MS);
    },
    async until(what, probe) {
      await until(what, probe, LIMIT_MS).catch(async (error: unknown) => {
        throw new Error(`${String(error)}\n${await lastLines(relay)}`, { cause: error });
      });
    },
    async untilCarried(user) {
      const open = () => readStore(relay.dataDir, (reader) => openIntents(reader, asId.account(lab.address(user)), MOST_TOLD));
      await until('all of it is carried back', async () => (await open()).length === 0, LIMIT_MS).catch(async (error: unknown) => {
        const left = (await open()).map((intent) => JSON.stringify(intent)).join('\n');
        throw new Error(`${String(error)}\n${left}\n${await lastLines(relay)}`, { cause: error });
      });
    },
    mirrorOf: (user) => readStore(relay.dataDir, (reader) => findMirror(reader, asId.account(lab.address(user)))),
    async end(signal) {
      await relay.end(signal);
    },
    async revive() {
      relay = await relay.again();
    },
    async [Symbol.asyncDispose]() {
      for (const door of doors.values()) await door.then((one) => one.close()).catch(() => undefined);
      await relay[Symbol.asyncDispose]();
      await lab.stop();
    },
  };
  return scene;
}

async function lastLines(relay: Relay): Promise<string> {
  return (await relay.log()).split('\n').slice(-LOG_LINES).join('\n');
}
