import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Home } from './home.ts';
import { isOpen } from './ports.ts';
import { groupMembers, signalGroup } from './processes.ts';
import { until } from './until.ts';

const TERM_LIMIT_MS = 5_000;
const TERM_AGAIN_MS = 250;
const KILL_LIMIT_MS = 5_000;
const LOG_TAIL_BYTES = 2_000;

export interface DaemonSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly uid?: number;
  readonly gid?: number;
  /** Started when all of these accept connections. */
  readonly ports: readonly number[];
}

/** One foreign server, run in the foreground as leader of its own process group, output in `log/<name>.out`. */
export class Daemon {
  readonly pid: number;
  readonly #home: Home;
  #exited = false;

  constructor(home: Home, spec: DaemonSpec) {
    this.#home = home;
    // Never a pipe: a daemon's helpers inherit it, and whoever reads it to the end waits for all of them.
    const out = openSync(outputFile(home, spec.name), 'a');
    const child = spawn(spec.command, spec.args, {
      cwd: spec.cwd ?? '/',
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8', ...spec.env },
      stdio: ['ignore', out, out],
      detached: true,
      ...(spec.uid === undefined ? {} : { uid: spec.uid }),
      ...(spec.gid === undefined ? {} : { gid: spec.gid }),
    });
    closeSync(out);
    child.once('exit', () => (this.#exited = true));
    child.once('error', () => (this.#exited = true));
    child.unref();
    if (child.pid === undefined) throw new Error(`${spec.command} can not be started`);
    this.pid = child.pid;
    home.roster.add(this.pid);
  }

  get hasExited(): boolean {
    return this.#exited;
  }

  /**
   * TERM to the whole group: the leader alone would wait seconds for its helpers. And again, for a helper that is just being born
   * misses the first one.
   */
  async stop(): Promise<void> {
    const killAt = Date.now() + TERM_LIMIT_MS;
    while (!this.#isGone()) {
      signalGroup(this.pid, Date.now() < killAt ? 'SIGTERM' : 'SIGKILL');
      signalGroup(this.pid, 'SIGCONT');
      await this.#isGoneWithin(TERM_AGAIN_MS);
      if (Date.now() > killAt + KILL_LIMIT_MS) throw new Error(`process group ${this.pid} does not die`);
    }
    this.#home.roster.remove(this.pid);
  }

  /** Connections are still accepted by the kernel, nothing is answered: a black hole. */
  freeze(): void {
    signalGroup(this.pid, 'SIGSTOP');
  }

  thaw(): void {
    signalGroup(this.pid, 'SIGCONT');
  }

  async #isGoneWithin(limitMs: number): Promise<void> {
    const deadline = Date.now() + limitMs;
    await until('the daemon ends', () => this.#isGone() || Date.now() > deadline);
  }

  #isGone(): boolean {
    return groupMembers(this.pid).length === 0;
  }
}

export async function startDaemon(home: Home, spec: DaemonSpec): Promise<Daemon> {
  const daemon = new Daemon(home, spec);
  for (const port of spec.ports) {
    await until(`${spec.name} answers on port ${port}`, async () => {
      if (daemon.hasExited) throw new Error(`${spec.name} ended at once: ${tail(outputFile(home, spec.name))}`);
      return isOpen(port);
    });
  }
  return daemon;
}

/** Runs a short command to its end; throws with its output when it fails. */
export async function run(home: Home, command: string, args: readonly string[], cwd = '/'): Promise<void> {
  const file = outputFile(home, 'commands');
  const out = openSync(file, 'a');
  const child = spawn(command, args, { cwd, stdio: ['ignore', out, out] });
  closeSync(out);
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} failed (${code}): ${tail(file)}`);
}

function outputFile(home: Home, name: string): string {
  return join(home.logs, `${name}.out`);
}

function tail(file: string): string {
  return readFileSync(file, 'utf8').slice(-LOG_TAIL_BYTES).trim() || `nothing in ${file}`;
}
