import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { programOf } from './main.ts';

const PROGRAM = resolve(import.meta.dirname, 'stopgap.mjs');

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'stopgap-main-'));
});

afterAll(() => rm(directory, { recursive: true, force: true }));

function stopgap(args: readonly string[], env = process.env): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((done) => {
    const child = spawn(process.execPath, [PROGRAM, ...args], { cwd: directory, stdio: 'pipe', env });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.on('close', (code) => done({ code, stdout, stderr }));
    child.stdin.end();
  });
}

function commandsOf(command: Command): Command[] {
  return command.commands.flatMap((one) => [one, ...commandsOf(one)]);
}

describe('help', () => {
  test.each(commandsOf(programOf()).map((command) => [command.name(), command] as const))('%s explains itself', (name, command) => {
    expect(command.description()).not.toBe('');
    for (const option of command.options) expect(option.description, `${name} ${option.flags}`).not.toBe('');
    expect(command.helpInformation()).toContain('Usage: stopgap ');
  });

  test('is printed on standard output and is no failure', async () => {
    const { code, stdout, stderr } = await stopgap(['queue', 'resolve', '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('--as <how>');
  });
});

test.runIf(process.platform === 'linux').each([
  ['serve', ['serve', '--role', ''], ['undefined', '2']],
  ['serve behind an option', ['--config', 'none.yaml', 'serve'], ['undefined', '2']],
  ['the demo', ['--config=none.yaml', 'demo', '--jsn'], ['undefined', '2']],
  ['no other command', ['--config', 'none.yaml', 'status'], ['undefined']],
])('%s begins once more with few arenas of malloc', async (_name, args, arenas) => {
  // Said at each beginning of a process.
  const tell = join(directory, 'tell.mjs');
  await writeFile(tell, 'process.stderr.write(`arenas ${process.env.MALLOC_ARENA_MAX}\\n`);\n');
  const { stderr } = await stopgap(args, { ...process.env, MALLOC_ARENA_MAX: undefined, NODE_OPTIONS: `--import ${tell}` });
  expect([...stderr.matchAll(/^arenas (\w+)$/gm)].map(([, told]) => told)).toEqual(arenas);
});

describe('wrong usage is 2, with a word about it and no output', () => {
  test.each([
    ['an unknown command', ['qeue', 'list']],
    ['an unknown option', ['status', '--jsn']],
    ['an unknown state', ['queue', 'list', '--state', 'lost']],
    ['a limit that is none', ['queue', 'list', '--limit', '0']],
    ['an account that is no address', ['queue', 'list', '--account', 'alice']],
    ['an unknown role', ['serve', '--role', 'intake,smtp']],
    ['an empty role', ['serve', '--role', '']],
    ['a play without the demo', ['serve', '--play']],
    ['a role for the demo', ['serve', '--role', 'intake', '--demo']],
    ['a missing id', ['queue', 'show']],
    ['one argument too many', ['queue', 'show', 'a', 'b']],
    ['retry of nothing', ['queue', 'retry']],
    ['retry of one and of all', ['queue', 'retry', 'x', '--all']],
    ['resolve without a decision', ['queue', 'resolve', 'x']],
    ['resolve with an odd decision', ['queue', 'resolve', 'x', '--as', 'perhaps']],
    ['an address that is none', ['account', 'add', 'alice']],
    ['a take-out without a place', ['export', 'alice@a.test']],
    ['a release for nobody', ['mirror', 'release']],
  ])('%s', async (_name, args) => {
    const { code, stdout, stderr } = await stopgap(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr.trim()).not.toBe('');
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});

describe('where no store is', () => {
  test.each([
    [['queue', 'list'], []],
    [['account', 'list'], []],
    [['mirror', 'status'], []],
    [['status'], { serving: expect.any(Boolean), providers: [], outages: [], queue: { waiting: 0, unsure: 0, held: 0 } }],
  ])('%j --json is one empty document, standard error has the hint, and none is made', async (args, empty) => {
    const { code, stdout, stderr } = await stopgap([...args, '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual(empty);
    expect(stderr).toContain('There is no store in');
    expect(await readdir(directory)).not.toContain('stopgap-data');
  });

  test.each([
    [['queue', 'show', 'x']],
    [['queue', 'retry', '--all']],
    [['queue', 'cancel', 'x']],
    [['account', 'remove', 'a@b.test']],
    [['mirror', 'sync']],
    [['mirror', 'report', 'a@b.test']],
  ])('%j fails with one sentence', async (args) => {
    const { code, stdout, stderr } = await stopgap(args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(await readdir(directory)).not.toContain('stopgap-data');
  });

  test('check says so, and fails because nothing is configured', async () => {
    const { code, stdout, stderr } = await stopgap(['check', '--json']);
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      checks: [{ what: 'configuration' }, { what: 'store', ok: true }, { ok: false }],
    });
    expect(await readdir(directory)).not.toContain('stopgap-data');
  });
});

describe('failures are 1', () => {
  test('a configuration that is not there', async () => {
    const { code, stdout, stderr } = await stopgap(['status', '--config', 'nowhere.yaml', '--json']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^stopgap: .*nowhere\.yaml/);
  });

  test('serve with a broken configuration tells every problem, and starts nothing', async () => {
    const file = join(directory, 'broken.yaml');
    await writeFile(file, 'hostnam: relay.test\nenrolment: maybe\nretry: { first: soon }\n');
    const { code, stderr } = await stopgap(['serve', '--config', file]);
    expect(code).toBe(1);
    for (const word of ['hostnam', 'enrolment', 'retry.first']) expect(stderr).toContain(word);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(await readdir(directory)).not.toContain('stopgap-data');
  });

  test('config check fails as serve would, and passes what serve would take', async () => {
    const good = join(directory, 'good.yaml');
    await writeFile(good, 'hostname: relay.test\n');
    expect(await stopgap(['config', 'check', good])).toMatchObject({ code: 0, stdout: `${good}: valid, 0 providers.\n` });
    const bad = join(directory, 'bad.yaml');
    await writeFile(bad, 'hostname: [\n');
    expect(await stopgap(['config', 'check', bad])).toMatchObject({ code: 1, stdout: '' });
    expect(await stopgap(['config', 'check', bad, '--config', good])).toMatchObject({ code: 1, stdout: '' });
  });
});

test('config dns prints records for name servers, or says why there are none', async () => {
  const provider = { name: 'p', domains: ['example.org'], outgoing: [{ kind: 'smtp', host: 'smtp.example.org' }] };
  const fileOf = async (name: string, more: object): Promise<string> => {
    const file = join(directory, name);
    await writeFile(file, JSON.stringify({ providers: [provider], ...more }));
    return file;
  };
  const named = await fileOf('named.yaml', { hostname: 'relay.example.org', clients: { imaps: 993 } });
  const { code, stdout } = await stopgap(['config', 'dns', '--config', named]);
  expect(code).toBe(0);
  expect(stdout).toContain('_imaps._tcp.example.org. 3600 IN SRV 0 1 993 relay.example.org.\n');
  const numbered = await fileOf('numbered.yaml', { hostname: 'relay.example.org', clients: { hostname: '192.0.2.1' } });
  expect(await stopgap(['config', 'dns', '--config', numbered])).toMatchObject({ code: 1, stdout: '' });
});

test('a reader that has seen enough is no failure', async () => {
  const child = spawn(process.execPath, [PROGRAM, 'config'], { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  await new Promise((done) => child.once('close', done));
  expect(stderr).toBe('');
});
