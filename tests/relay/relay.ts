import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { claimNamed, until } from '../lab/index.ts';

const PROGRAM = resolve(import.meta.dirname, '../../apps/relay/src/stopgap.mjs');
const DOORS = ['submission', 'submissions', 'imap', 'imaps', 'pop3', 'pop3s', 'http'] as const;
const READY_MS = 90_000;
const STOP_MS = 10_000;

export interface RelayOptions {
  /** Keys of stopgap.yaml beside `data`, `listen` and `hostname`. */
  readonly config: Readonly<Record<string, unknown>>;
  /** An earlier relay's; undefined: a new one, removed at the end. */
  readonly dataDir?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** `serve --role`; `http` must be among them, as it is asked whether the relay is ready. */
  readonly roles?: string;
  /** What to start the relay with: `['strace', ...]`. */
  readonly wrapper?: readonly string[];
}

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A relay in a process of its own, as an operator runs it. */
export interface Relay extends AsyncDisposable {
  readonly ports: Readonly<Record<(typeof DOORS)[number], number>>;
  readonly dataDir: string;
  readonly configFile: string;
  /** Its self-signed certificate. */
  readonly caFile: string;
  readonly process: ChildProcess;
  /** Runs `stopgap ARGS` beside it, with its configuration. */
  cli(args: readonly string[], stdin?: string): Promise<CliResult>;
  /** `queue list --json` and the like. */
  json<T>(args: readonly string[]): Promise<T>;
  log(): Promise<string>;
  /** Signals it and waits for its end. */
  end(signal?: NodeJS.Signals): Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  /** A new process on the same data, configuration and ports. The old one must have ended. `env` replaces the old one's. */
  again(env?: Readonly<Record<string, string>>): Promise<Relay>;
}

/** Starts `stopgap serve` and waits until its doors are open. */
export async function startRelay(options: RelayOptions): Promise<Relay> {
  const home = await mkdtemp(join(tmpdir(), 'stopgap-relay-'));
  const { ports, release } = await claimNamed(DOORS);
  const dataDir = options.dataDir ?? join(home, 'data');
  const configFile = join(home, 'stopgap.yaml');
  const content = {
    hostname: 'relay.test',
    data: dataDir,
    listen: Object.fromEntries(DOORS.map((door) => [door, `127.0.0.1:${ports[door]}`])),
    log: { format: 'json' },
    ...options.config,
  };
  // JSON is YAML.
  await writeFile(configFile, JSON.stringify(content, null, 2));
  return launch({ options, home, dataDir, configFile, ports, alive: new Set(), release });
}

interface Launch {
  readonly options: RelayOptions;
  readonly home: string;
  readonly dataDir: string;
  readonly configFile: string;
  readonly ports: Relay['ports'];
  /** Every process of this home that runs, those of `again()` too: how to end it at once. */
  readonly alive: Set<() => Promise<void>>;
  /** Of the ports. */
  readonly release: () => Promise<void>;
}

async function launch(setup: Launch): Promise<Relay> {
  const { options, home, dataDir, configFile, ports, alive, release } = setup;
  const logFile = join(home, 'serve.log');
  const [program, ...args] = [...(options.wrapper ?? []), process.execPath, PROGRAM, 'serve', '--config', configFile];
  if (options.roles !== undefined) args.push('--role', options.roles);
  // A session of its own: killing a wrapper (strace) alone would leave what it wraps behind; and Linux shares the processor among sessions
  // (autogroup), so beside the daemons of the lab it gets its fair part.
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...options.env }, detached: true });
  const killAll = () => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // Nobody of the group is left.
    }
  };
  const sink = createWriteStream(logFile, { flags: 'a' });
  child.stdout.pipe(sink, { end: false });
  child.stderr.pipe(sink, { end: false });
  // Whatever ends the test process, no relay stays behind.
  process.once('exit', killAll);
  const endNow = async () => {
    killAll();
    await ended;
  };
  alive.add(endNow);
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((done) => {
    child.once('exit', (code, signal) => {
      process.off('exit', killAll);
      killAll();
      alive.delete(endNow);
      done({ code, signal });
    });
  });
  const log = () => readFile(logFile, 'utf8').catch(() => '');
  const cli = (words: readonly string[], stdin?: string) => runCli([...words, '--config', configFile], stdin);
  const relay: Relay = {
    ports,
    dataDir,
    configFile,
    caFile: join(dataDir, 'self-signed.cert.pem'),
    process: child,
    cli,
    async json<T>(words: readonly string[]) {
      const result = await cli([...words, '--json']);
      if (result.code !== 0) throw new Error(`stopgap ${words.join(' ')}: ${result.stderr}`);
      return JSON.parse(result.stdout) as T;
    },
    log,
    async end(signal = 'SIGTERM') {
      if (signal === 'SIGKILL') killAll();
      else child.kill(signal);
      const timer = setTimeout(killAll, STOP_MS);
      const result = await ended;
      clearTimeout(timer);
      return result;
    },
    again: (env) => launch(env === undefined ? setup : { ...setup, options: { ...options, env } }),
    async [Symbol.asyncDispose]() {
      await Promise.all([...alive].map((end) => end()));
      await release();
      await rm(home, { recursive: true, force: true });
    },
  };
  await until(
    'the relay is ready',
    async () => {
      if (child.exitCode !== null || child.signalCode !== null) throw new Error(`the relay ended at its start:\n${await log()}`);
      return (await fetch(`http://127.0.0.1:${ports.http}/readyz`).catch(() => undefined))?.ok === true;
    },
    READY_MS,
  ).catch((error: unknown) => {
    killAll();
    throw error;
  });
  return relay;
}

export function runCli(args: readonly string[], stdin?: string): Promise<CliResult> {
  return new Promise((done) => {
    const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.on('close', (code) => done({ code, stdout, stderr }));
    child.stdin.end(stdin ?? '');
  });
}
