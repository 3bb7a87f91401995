import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FakeClock, tempStore } from '@stopgap/testkit';
import { openSessionKeys } from './session-keys.ts';
import { createTokens } from './tokens.ts';

const DAY_MS = 24 * 60 * 60_000;

test('a key signs for ninety days; of the one before tokens are still taken, of an older one not', async () => {
  await using temp = await tempStore();
  const clock = new FakeClock();
  const open = () => openSessionKeys(temp.dataDir, clock);
  const kids = [(await open()).signing.kid];
  clock.jump(90 * DAY_MS - 1);
  expect((await open()).signing.kid).toBe(kids[0]);
  const token = await createTokens(await open(), clock).issue('session');
  clock.jump(1);
  kids.push((await open()).signing.kid);
  expect(await createTokens(await open(), clock).read(token)).toBe('session');
  clock.jump(90 * DAY_MS);
  kids.push((await open()).signing.kid);
  expect(new Set(kids).size).toBe(3);
  const keys = await open();
  expect(kids.map((kid) => keys.verifying(kid) !== undefined)).toEqual([false, true, true]);
});

test('a file that is none stops the start with a sentence, and is left as it is', async () => {
  await using temp = await tempStore();
  const file = join(temp.dataDir, 'session.keys');
  await writeFile(file, '{"keys":[]}');
  await expect(openSessionKeys(temp.dataDir, new FakeClock())).rejects.toThrow(
    `${file} can not be read as session keys. Remove the file: everybody logs in once more.`,
  );
  expect(await readFile(file, 'utf8')).toBe('{"keys":[]}');
});
