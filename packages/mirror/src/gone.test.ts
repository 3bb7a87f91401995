/* An account that goes while its mirror runs, as another process (`stopgap erase`, `account remove`) makes it go. */
import { beginLeaving, findMailAccount, findMirror, listRemoteMailboxes, removeAccount, someMailOf } from '@stopgap/store';
import { expect, test } from 'vitest';
import { ALICE, letter, openBench, type Bench } from './test-bench.ts';
import { LIMIT_MS, running, type Running } from './test-running.ts';

/** The worker looks every quarter of a second. */
const SOON_MS = 2000;

interface Going extends AsyncDisposable {
  readonly bench: Bench;
  readonly mirror: Running;
  /** What was logged as an error. */
  readonly errors: readonly string[];
  /** Rows that are here because of her mail. */
  rows(): number;
}

async function going(): Promise<Going> {
  const bench = await openBench({ kinds: ['imap'] });
  const errors: string[] = [];
  const log = { warn: () => undefined, error: (text: string) => void errors.push(text) };
  const mirror = running({ ...bench, deps: { ...bench.deps, log } });
  return {
    bench,
    mirror,
    errors,
    rows: () =>
      bench.store.read(
        (reader) =>
          someMailOf(reader, ALICE, 10_000).length +
          listRemoteMailboxes(reader, ALICE).length +
          (findMailAccount(reader, ALICE) ? 1 : 0) +
          (findMirror(reader, ALICE) ? 1 : 0),
      ),
    [Symbol.asyncDispose]: () => mirror[Symbol.asyncDispose](),
  };
}

/** In the middle of its first sync. */
async function midway({ bench, mirror }: Going): Promise<void> {
  bench.provider.paths.imap.faults.delayMs = 50;
  for (let i = 0; i < 1000; i += 1) bench.there.deliver('INBOX', letter(i));
  await mirror.becomes(() => (bench.here()['INBOX'] ?? []).length > 0);
}

async function idle({ bench, mirror }: Going): Promise<void> {
  bench.there.deliver('INBOX', letter(1));
  await mirror.becomes(() => mirror.state() === 'idle' && bench.provider.paths.imap.open.size === 1);
}

async function pass({ bench }: Going, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 250) await bench.clock.advance(250);
}

test.each([
  ['in the middle of a round', midway],
  ['between two rounds', idle],
] as const)('removed %s: its session ends, nobody logs in again, nothing is written', { timeout: 2 * LIMIT_MS }, async (_, until) => {
  await using one = await going();
  await until(one);
  await one.bench.store.write((tx) => removeAccount(tx, ALICE));
  const { logIns } = one.bench.provider.paths.imap;
  await pass(one, SOON_MS);
  expect(one.bench.provider.paths.imap.open.size).toBe(0);
  one.bench.there.deliver('INBOX', letter('late'));
  await pass(one, LIMIT_MS);
  expect(one.bench.provider.paths.imap.logIns).toBe(logIns);
  expect(one.rows()).toBe(0);
  expect(one.errors).toEqual([]);
});

test.each([
  ['in the middle of a round', midway],
  ['between two rounds', idle],
] as const)(
  'erased %s: from the first moment nothing is added, and its row in `mirror` tells when it is let go',
  { timeout: 2 * LIMIT_MS },
  async (_, until) => {
    await using one = await going();
    await until(one);
    await one.bench.store.write((tx) => beginLeaving(tx, ALICE, one.bench.clock.nowMs()));
    const messages = (one.bench.here()['INBOX'] ?? []).length;
    const { path, logIns } = { path: one.bench.provider.paths.imap, logIns: one.bench.provider.paths.imap.logIns };
    await one.mirror.becomes(() => one.bench.store.read((reader) => findMirror(reader, ALICE)) === undefined);
    expect(path.open.size).toBe(0);
    one.bench.there.deliver('INBOX', letter('late'));
    await pass(one, LIMIT_MS);
    expect(one.bench.here()['INBOX']).toHaveLength(messages);
    expect(path.logIns).toBe(logIns);
    expect(one.errors).toEqual([]);
  },
);

test('removed and added again, it begins anew', { timeout: 2 * LIMIT_MS }, async () => {
  await using one = await going();
  await idle(one);
  await one.bench.store.write((tx) => removeAccount(tx, ALICE));
  await pass(one, SOON_MS);
  await one.bench.addAccount();
  await one.mirror.becomes(() => one.mirror.isEqual());
  expect(one.bench.here()['INBOX']).toHaveLength(1);
});
