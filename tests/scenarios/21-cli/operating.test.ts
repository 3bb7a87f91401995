import { connect } from 'node:net';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { QueueEntry } from '@stopgap/outbox';
import { until, type Lab } from '../../lab/index.ts';
import { queueOf, runCli, type Relay } from '../../relay/index.ts';
import { sentenceOf, startWorld, type World } from './world.ts';

const PROGRAM = resolve(import.meta.dirname, '../../../apps/relay/src/stopgap.mjs');
const STOPS_WITHIN_MS = 5000;

interface Status {
  readonly serving: boolean | null;
  readonly providers: readonly { readonly name: string; readonly paths: readonly Readonly<Record<string, unknown>>[] }[];
  readonly outages: readonly Readonly<Record<string, unknown>>[];
  readonly queue: Readonly<Record<string, number>>;
}

let world: World;
let lab: Lab;
let relay: Relay;
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'stopgap-cli-'));
  world = await startWorld(['smtp', 'roundcube']);
  ({ lab, relay } = world);
});

afterEach(() => lab?.edge.set('all', { mode: 'pass' }));

afterAll(async () => {
  await world?.[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

const statusOf = () => relay.json<Status>(['status']);

describe('check', () => {
  test('is content when every path answers', async () => {
    const { code, stdout, stderr } = await relay.cli(['check', '--json']);
    expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: '' });
    const { ok, checks } = JSON.parse(stdout) as { ok: boolean; checks: { what: string; ok: boolean; detail: string }[] };
    expect(ok).toBe(true);
    expect(checks.map((check) => check.what)).toEqual(['configuration', 'store', ...checks.slice(2).map((check) => check.what)]);
    expect(checks.length).toBe(5);
    expect((await relay.cli(['check'])).stdout).toContain('Everything is in order.');
  });

  test('fails when one path is dead, and says which and why', async () => {
    await lab.edge.set('submission', { mode: 'refuse' });
    const { code, stdout, stderr } = await relay.cli(['check']);
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout).toMatch(/^FAIL +lab outgoing smtp \S+ +\S/m);
    expect(stdout).toContain('1 of 5 checks failed.');
    const json = await relay.cli(['check', '--json']);
    expect(json.code).toBe(1);
    expect(JSON.parse(json.stdout)).toMatchObject({ ok: false });
  });
});

describe('status', () => {
  test('tells every path, the outage with its reason, and the backlog', async () => {
    await until('all paths are up', async () => (await statusOf()).providers[0]?.paths.every((path) => path['state'] === 'up'));
    await lab.edge.set('submission', { mode: 'refuse' });
    const status = await until('SMTP is down', async () => {
      const now = await statusOf();
      return now.providers[0]?.paths.some((path) => path['state'] === 'down') ? now : undefined;
    });
    const [provider] = status.providers;
    expect(provider?.name).toBe('lab');
    expect(provider?.paths.map(({ direction, kind, state }) => [direction, kind, state])).toEqual([
      ['incoming', 'imap', 'up'],
      ['outgoing', 'smtp', 'down'],
      ['outgoing', 'roundcube', 'up'],
    ]);
    for (const path of provider?.paths ?? []) {
      expect(path['since']).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
      expect(path['reason'] === null || typeof path['reason'] === 'string').toBe(true);
    }
    expect(status.outages.find((one) => one['end'] === null)).toMatchObject({
      provider: 'lab',
      path: expect.stringContaining('smtp') as string,
      start: expect.stringMatching(/Z$/) as string,
      end: null,
      reason: expect.any(String) as string,
    });
    expect(status.serving).toBe(true);
    expect(status.queue).toEqual({ waiting: 0, unsure: 0, held: 0 });
    const { stdout } = await relay.cli(['status']);
    expect(stdout).toMatch(/^PROVIDER +DIRECTION +KIND +PLACE +STATE +SINCE \(UTC\) +REASON\n/);
    expect(stdout).toMatch(/lab +outgoing +smtp +\S+ +down +\d{4}-\d\d-\d\d \d\d:\d\d \(/);
    expect(stdout).toContain('going on');
    expect(stdout).toContain('Queue: 0 waiting, 0 unsure, 0 held (recipients).');
  });
});

const ANY_PORT = Object.fromEntries(
  ['submission', 'submissions', 'imap', 'imaps', 'pop3', 'pop3s', 'http'].map((door) => [door, '127.0.0.1:0']),
);

describe('serve', () => {
  test('begins once more with few arenas of malloc, and is still the process that was started', async () => {
    const environment = await readFile(`/proc/${relay.process.pid}/environ`, 'utf8');
    expect(environment.split('\0')).toContain('MALLOC_ARENA_MAX=2');
    expect(await readFile(join(relay.dataDir, '..', 'serve.log'), 'utf8')).not.toContain('Warning');
  });

  test('a second one on the same data is refused with a sentence', async () => {
    const config = JSON.parse(await readFile(relay.configFile, 'utf8')) as Record<string, unknown>;
    const file = join(directory, 'second.yaml');
    const off = { submission: '127.0.0.1:0', submissions: false, imap: false, imaps: false, pop3: false, pop3s: false, http: false };
    await writeFile(file, JSON.stringify({ ...config, listen: off }));
    expect(sentenceOf(await runCli(['serve', '--config', file]))).toContain('Another stopgap already serves');
  });

  test.each(['submission', 'pop3', 'http'] as const)('the %s port in use is told with its number and the key to change', async (door) => {
    const config = JSON.parse(await readFile(relay.configFile, 'utf8')) as { listen: Record<string, unknown> };
    const file = join(directory, `${door}.yaml`);
    const listen = { ...ANY_PORT, [door]: config.listen[door] };
    await writeFile(file, JSON.stringify({ ...config, data: join(directory, door), listen, providers: [] }));
    const { code, stderr } = await runCli(['serve', '--config', file]);
    expect(code).toBe(1);
    expect(stderr).toContain(String(config.listen[door]));
    expect(stderr).toContain(`listen.${door}`);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  test('without a configuration it opens its doors, and says where they are and what to do next', async () => {
    const file = join(directory, 'empty.yaml');
    await writeFile(file, JSON.stringify({ data: join(directory, 'empty'), listen: ANY_PORT }));
    const child = spawn(process.execPath, [PROGRAM, 'serve', '--config', file], { stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
    const ended = new Promise<number | null>((done) => {
      child.once('exit', done);
    });
    try {
      await until('the next step is told', () => text.includes('write a stopgap.yaml'));
      for (const door of ['submission', 'submissions', 'pop3', 'pop3s', 'http'])
        expect(text).toMatch(new RegExp(`"door":"${door}","address":"127\\.0\\.0\\.1:\\d+"`));
    } finally {
      child.kill('SIGINT');
      // As npm does it: the terminal and npm each send one.
      child.kill('SIGINT');
    }
    expect(await ended).toBe(0);
  });

  test('stops within five seconds although a client idles, the webmail has a session and an attempt is stuck', async () => {
    await lab.edge.set('submission', { mode: 'refuse' });
    await world.send('by-webmail');
    await until('it left by the webmail', async () => (await queueOf(relay)).length === 0, 60_000);
    await lab.edge.set('roundcube', { mode: 'delayRequest', match: 'POST', ms: 60_000 });
    await world.send('stuck');
    const underWay = async () => (await queueOf(relay)).some(({ recipients }) => recipients.some(({ state }) => state === 'leased'));
    await until('the attempt is under way', underWay);
    const idle = connect(relay.ports.submission, '127.0.0.1');
    idle.on('error', () => undefined);
    await new Promise((done) => idle.once('data', done));
    const startMs = performance.now();
    const { code } = await relay.end('SIGTERM');
    expect(performance.now() - startMs).toBeLessThan(STOPS_WITHIN_MS);
    expect(code).toBe(0);
    idle.destroy();
    // What was stuck is given back, not lost.
    expect(await relay.json<QueueEntry[]>(['queue', 'list'])).toHaveLength(1);
    expect(await relay.json<QueueEntry[]>(['queue', 'list', '--state', 'leased'])).toEqual([]);
  });
});
