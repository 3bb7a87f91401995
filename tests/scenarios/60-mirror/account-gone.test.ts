/* An account that goes beside a running relay, in the middle of its first sync: nothing of it is written after it is gone, and no log-in stays open. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../../lab/index.ts';
import { letterTo, mirrored, startMirrorScene, type MirrorScene } from '../../relay/index.ts';

const WORDS = 'unmistakable words';
const MESSAGES = 400;
const PADDING = Buffer.from(`${'x'.repeat(70)}\r\n`.repeat(280));
/** Some ten seconds for all of them. */
const BYTES_PER_SECOND = 800_000;

let scene: MirrorScene;

beforeAll(async () => {
  scene = await startMirrorScene({ incoming: ['imap'], lab: { users: ['alice', 'bob'], parts: ['dovecot'] } });
  const door = await scene.door('alice');
  for (let number = 0; number < MESSAGES; number += 1) {
    const bytes = letterTo(`${WORDS} ${number}`, { from: 'far@only-alice-knows.test', to: [scene.lab.address('alice')], body: PADDING });
    await door.append(['INBOX'], { bytes });
  }
});

afterAll(() => scene?.[Symbol.asyncDispose]());

/** Files of the data directory in which it stands, receipts apart; the relay runs, and some go while they are looked for. */
function filesWith(text: string): string[] {
  return readdirSync(scene.relay.dataDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.endsWith('receipts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => existsSync(file) && bytesOf(file).includes(text));
}

function bytesOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    if (existsSync(file)) throw error;
    return Buffer.alloc(0);
  }
}

/** How many sessions this person has at the provider; the back door is one. */
async function sessionsOf(user: string): Promise<number> {
  const { stdout } = await promisify(execFile)('doveadm', ['-c', join(scene.lab.dir, 'dovecot/dovecot.conf'), 'who', '-1']);
  return stdout.split('\n').filter((line) => line.startsWith(`${scene.lab.address(user)} `)).length;
}

test('erased in the middle of its first sync', async () => {
  const alice = scene.lab.address('alice');
  await scene.lab.edge.set('imaps', { mode: 'slow', bytesPerSecond: BYTES_PER_SECOND });
  await scene.add('alice');
  await until('some of it is here', async () => (await mirrored(scene.relay, alice)).length > 0);
  expect(await sessionsOf('alice')).toBe(2);
  const { code, stdout } = await scene.relay.cli(['erase', alice, '--yes']);
  expect(code).toBe(0);
  const [, messages = ''] = /^ {2}(\d+) messages? \(/m.exec(stdout) ?? [];
  expect(Number(messages)).toBeGreaterThan(0);
  expect(Number(messages)).toBeLessThan(MESSAGES);
  expect(filesWith(WORDS)).toEqual([]);
  expect(filesWith(alice)).toEqual([]);
  await until('her session is over', async () => (await sessionsOf('alice')) === 1);

  // The relay has gone on meanwhile.
  await scene.lab.edge.set('imaps', { mode: 'pass' });
  await (
    await scene.door('bob')
  ).append(['INBOX'], { bytes: letterTo('hello', { from: 'far@outside.test', to: [scene.lab.address('bob')] }) });
  await scene.add('bob');
  await scene.untilEqual('bob');
  expect(filesWith(WORDS)).toEqual([]);
  expect(filesWith(alice)).toEqual([]);
  expect(await sessionsOf('alice')).toBe(1);
  expect(await scene.relay.log()).not.toContain('"level":"error"');
});

test('removed while its session watches for news', async () => {
  await until('bob has a session that stays', async () => (await sessionsOf('bob')) === 2);
  expect(readdirSync(join(scene.relay.dataDir, 'search')).length).toBeGreaterThan(0);
  expect(await scene.relay.cli(['account', 'remove', scene.lab.address('bob')])).toMatchObject({ code: 0 });
  await until('his session is over', async () => (await sessionsOf('bob')) === 1);
  await until('nothing is kept for a search', () => readdirSync(join(scene.relay.dataDir, 'search')).length === 0);
});
