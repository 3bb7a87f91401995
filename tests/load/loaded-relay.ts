import { readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { startRelay, type Relay } from '../relay/index.ts';
import type { Target } from './driver.ts';

const ADDRESS = 'alice@provider.test';
const PASSWORD = 'load-alice';
/** Nobody listens there: the provider is dead. */
export const DEAD_PORT = 1;
/** An office behind one address: every client of the benchmark. */
const CONNECTIONS = 2000;

export interface LoadedRelay extends AsyncDisposable {
  readonly relay: Relay;
  readonly target: Target;
  /** When its doors were open, on the monotonic clock. */
  readonly readyAtMs: number;
}

/** `stopgap serve` in a process of its own, with accounts (one, if none are named) that were added while the provider is down, all with one password. */
export async function startLoadedRelay(
  options: {
    readonly outgoing?: Readonly<Record<string, unknown>>;
    readonly dataDir?: string;
    readonly dnsPort?: number;
    readonly addresses?: readonly string[];
    /** At once, from one address and of one account. */
    readonly connections?: number;
    /** Gets a CPU profile of the relay when it ends. */
    readonly profileDir?: string | undefined;
  } = {},
): Promise<LoadedRelay> {
  const { connections = CONNECTIONS } = options;
  const dead = { host: '127.0.0.1', port: DEAD_PORT, security: 'none' };
  const relay = await startRelay({
    config: {
      allowPrivateUpstreams: true,
      limits: { connections, connectionsPerAddress: connections, connectionsPerAccount: connections },
      ...(options.dnsPort === undefined ? {} : { dns: { servers: [`127.0.0.1:${options.dnsPort}`] } }),
      providers: [
        {
          name: 'load',
          domains: ['provider.test'],
          incoming: [{ kind: 'imap', ...dead }],
          outgoing: [options.outgoing ?? { kind: 'smtp', ...dead }],
          probe: { every: '1s', timeout: '3s', downAfter: 1, upAfter: 2 },
        },
      ],
    },
    ...(options.dataDir === undefined ? {} : { dataDir: options.dataDir }),
    ...(options.profileDir === undefined ? {} : { env: { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${resolve(options.profileDir)}` } }),
  });
  const readyAtMs = performance.now();
  const { addresses = [ADDRESS] } = options;
  await addAccounts(relay, addresses);
  return {
    relay,
    target: { port: relay.ports.submission, address: addresses[0] ?? ADDRESS, password: PASSWORD },
    readyAtMs,
    async [Symbol.asyncDispose]() {
      await relay.end();
      await relay[Symbol.asyncDispose]();
    },
  };
}

async function addAccounts(relay: Relay, addresses: readonly string[]): Promise<void> {
  const file = join(relay.dataDir, '..', 'accounts.csv');
  await writeFile(file, addresses.map((address) => `${address},${PASSWORD}\n`).join(''), { mode: 0o600 });
  const { code, stderr } = await relay.cli(['account', 'import', file, '--unverified']);
  await rm(file);
  if (code !== 0) throw new Error(`the accounts could not be added: ${stderr}`);
}

/** Since it was last asked for, in milliseconds. */
export async function eventLoopDelayP99(relay: Relay): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${relay.ports.http}/metrics`)).text();
  const value = /^stopgap_nodejs_eventloop_lag_p99_seconds (\S+)$/m.exec(text)?.[1];
  if (value === undefined) throw new Error('no event loop delay in /metrics');
  return Number(value) * 1000;
}

export interface Memory {
  readonly rssMb: number;
  /** The highest since its start. */
  readonly peakMb: number;
}

export function memoryOf(relay: Relay): Memory {
  const status = readFileSync(`/proc/${relay.process.pid}/status`, 'latin1');
  const megabytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? Number.NaN) / 1024;
  return { rssMb: megabytes('VmRSS'), peakMb: megabytes('VmHWM') };
}
