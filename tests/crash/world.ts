import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRelay, type Relay } from '../relay/index.ts';
import { startFarSide, type FarSide } from './far-side.ts';
import { startLoad, type Load, type LoadOptions } from './load.ts';
import { randomFrom, seedOf, type Random } from './random.ts';

export const USER = 'alice@far.test';
/** Marked, so that it can be looked for in everything the relay writes. */
export const PASSWORD = 'Geheim-7c1e55ad-Losung';

export interface StartOptions {
  readonly wrapper?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly config?: Readonly<Record<string, unknown>>;
}

/** The far side, a data directory, and relays that come and go on it. */
export interface World extends AsyncDisposable {
  readonly seed: number;
  readonly random: Random;
  readonly farSide: FarSide;
  readonly dataDir: string;
  /** The loads that were started, for the reckoning. */
  readonly loads: readonly Load[];
  start(options?: StartOptions): Promise<Relay>;
  load(options?: Partial<LoadOptions>): Load;
}

export interface WorldOptions {
  /** Undefined: one that goes with the world. */
  readonly dataDir?: string;
  /** Undefined: a submission server. */
  readonly farSide?: (options: { readonly random: Random; readonly user: string; readonly password: string }) => Promise<FarSide>;
}

export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const seed = seedOf();
  const random = randomFrom(seed);
  const home = await mkdtemp(join(tmpdir(), 'stopgap-crash-'));
  const dataDir = options.dataDir ?? join(home, 'data');
  const farSide = await (options.farSide ?? startFarSide)({ random, user: USER, password: PASSWORD });
  const relays: Relay[] = [];
  const loads: Load[] = [];
  const world: World = {
    seed,
    random,
    farSide,
    dataDir,
    loads,
    async start({ config, ...how } = {}) {
      const relay = await startRelay({ dataDir, ...how, config: { ...configFor(farSide), ...config } });
      relays.push(relay);
      return relay;
    },
    load(more = {}) {
      const load = startLoad({ user: USER, password: PASSWORD, to: ['bob@elsewhere.test'], name: `load${loads.length}`, ...more });
      loads.push(load);
      return load;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(loads.map((load) => load.stop()));
      for (const relay of relays) await relay[Symbol.asyncDispose]();
      await farSide[Symbol.asyncDispose]();
      await rm(home, { recursive: true, force: true });
    },
  };
  return world;
}

/** An upstream that goes wrong often: quick to be tried again, never to be given up. */
function configFor(farSide: FarSide): Record<string, unknown> {
  return {
    allowPrivateUpstreams: true,
    providers: [
      {
        name: 'far',
        domains: ['far.test'],
        ...farSide.paths,
        probe: { every: '200ms', timeout: '2s', downAfter: 5, upAfter: 1 },
      },
    ],
    retry: { first: '100ms', factor: 1, longest: '200ms', delayNoticeAfter: false },
    unsure: { settle: '300ms', retries: 100 },
  };
}
