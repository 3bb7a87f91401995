import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { until } from '../lab/index.ts';
import { reckon } from './reckoning.ts';
import { PASSWORD, startWorld, USER } from './world.ts';

/** As itself, in base64 at each of the three offsets, and as AUTH PLAIN and LOGIN carry it. */
function formsOf(secret: string): string[] {
  const shifted = [0, 1, 2].map((offset) => {
    const text = Buffer.from(`${'x'.repeat(offset)}${secret}`).toString('base64');
    // The ends mix with what stands around.
    return text.slice(offset === 0 ? 0 : 4, -4);
  });
  return [secret, encodeURIComponent(secret), ...shifted, Buffer.from(secret).toString('hex')];
}

async function filesBelow(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

async function findings(needles: readonly string[], texts: ReadonlyMap<string, Buffer>): Promise<string[]> {
  return [...texts].flatMap(([name, bytes]) => needles.filter((needle) => bytes.includes(needle)).map((needle) => `${needle} in ${name}`));
}

test('a password is nowhere in the data directory, the debug log, the answers to the operator or the metrics', async () => {
  await using world = await startWorld();
  const relay = await world.start({ config: { log: { format: 'json', level: 'debug' } } });
  const load = world.load();
  load.aim(relay.ports.submission);
  await until('mail goes in', () => load.acknowledged > 20);
  world.farSide.misbehave(0.4);
  const wrong = world.load({ name: 'wrong', password: `${PASSWORD}-wrong`, clients: 1 });
  wrong.aim(relay.ports.submission);
  await until('a wrong one was refused', () => [...wrong.refusals.keys()].some((stage) => stage.startsWith('log-in 5')));
  await wrong.stop();
  await until('mail still goes in', () => load.acknowledged > 60);
  await load.stop();
  const texts = new Map<string, Buffer>();
  for (const file of await filesBelow(world.dataDir)) texts.set(file, await readFile(file));
  for (const words of [['queue', 'list', '--json'], ['account', 'list', '--json'], ['status', '--json'], ['check']]) {
    const { stdout, stderr } = await relay.cli(words);
    texts.set(words.join(' '), Buffer.from(stdout + stderr));
  }
  for (const path of ['metrics', 'status.json', 'readyz']) {
    texts.set(path, Buffer.from(await (await fetch(`http://127.0.0.1:${relay.ports.http}/${path}`)).text()));
  }
  await reckon(world, relay);
  await relay.end();
  texts.set('log', Buffer.from(await relay.log()));
  expect([...texts.keys()].some((name) => name.endsWith('-wal'))).toBe(true);
  // What is looked through does hold what it should: the address is in the store and in the log.
  expect((await findings([USER], texts)).length).toBeGreaterThan(2);
  expect(await findings(formsOf(PASSWORD), texts)).toEqual([]);
});

test('a missing or wrong vault key refuses the start with a sentence, and the right one brings everything back', async () => {
  await using world = await startWorld();
  const first = await world.start();
  const load = world.load({ clients: 1 });
  load.aim(first.ports.submission);
  await until('mail goes in', () => load.acknowledged > 3);
  await load.stop();
  await first.end();
  const file = join(world.dataDir, 'vault.key');
  const key = await readFile(file, 'utf8');
  await rm(file);
  await expect(world.start()).rejects.toThrow(/Credentials are stored but .*vault\.key is missing\. Bring the key file back\./);
  const { current } = JSON.parse(key) as { current: string };
  await writeFile(file, JSON.stringify({ current, keys: { [current]: Buffer.alloc(32, 7).toString('base64') } }));
  await expect(world.start()).rejects.toThrow(/does not open the stored credentials/);
  await writeFile(file, 'not a key');
  await expect(world.start()).rejects.toThrow(/can not be read as a key file/);
  await writeFile(file, key);
  await reckon(world, await world.start());
});
