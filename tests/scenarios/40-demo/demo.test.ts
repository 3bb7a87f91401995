import { spawn, type ChildProcess } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { until } from '../../lab/index.ts';

const PROGRAM = resolve(import.meta.dirname, '../../../apps/relay/src/stopgap.mjs');
const PLAY_MS = 100_000;

let temp: string;

beforeEach(async () => {
  temp = await mkdtemp(join(tmpdir(), 'stopgap-demo-test-'));
});

afterEach(() => rm(temp, { recursive: true, force: true }));

interface Play {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  readonly text: () => string;
}

/** The demo with a temporary directory of its own, so that what it leaves behind can be told from other people's. */
function play(args: readonly string[]): Play {
  const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, TMPDIR: temp } });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const ended = new Promise<number | null>((done) => {
    child.once('close', done);
  });
  return { child, ended, text: () => text };
}

/** Processes that were started with something in our temporary directory. */
async function leftOver(): Promise<string[]> {
  const found: string[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (line.includes(temp)) found.push(line.replaceAll('\0', ' '));
  }
  return found;
}

/** The compile cache of Node is meant to stay. */
async function leftFiles(): Promise<string[]> {
  return (await readdir(temp)).filter((name) => name !== 'node-compile-cache');
}

test.each([[['demo']], [['serve', '--demo']]])(
  '%j plays an outage to its good end and leaves nothing behind',
  async (args) => {
    const { ended, text } = play(args);
    expect(await ended, text()).toBe(0);
    expect(text()).toContain('Four sent, four arrived, each once.');
    expect(await leftOver()).toEqual([]);
    expect(await leftFiles()).toEqual([]);
  },
  PLAY_MS,
);

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s in the middle ends it at once, with its relay and its directory',
  async (signal) => {
    const { child, ended, text } = play(['demo']);
    await until('the play has begun', () => text().includes('\n3. '), PLAY_MS);
    expect((await leftOver()).length).toBeGreaterThan(0);
    child.kill(signal);
    expect(await ended, text()).toBe(0);
    expect(text()).toContain('Ended early');
    expect(text()).not.toContain('Four sent');
    expect(await leftOver()).toEqual([]);
    expect(await leftFiles()).toEqual([]);
  },
  PLAY_MS,
);
