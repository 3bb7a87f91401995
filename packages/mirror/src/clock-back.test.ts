/* The clock of this machine was ahead by a year, and is set right: nothing waits until it is as late again. */
import { describe, expect, test } from 'vitest';
import { MailError } from '@stopgap/core';
import { moveMessages } from '@stopgap/mailbox';
import { askForMirror } from '@stopgap/store';
import { Bodies } from './bodies.ts';
import { act, append, mailbox, message } from './test-acts.ts';
import { ALICE, contentHere, hashOf, letter, mailThere, openBench, type Bench } from './test-bench.ts';
import { running } from './test-running.ts';

const YEAR_MS = 365 * 24 * 3_600_000;

async function mirrored(): Promise<Bench> {
  const bench = await openBench({ settings: { retry: { firstMs: 15_000, factor: 2, longestMs: 60_000 } } });
  for (const name of ['Work', 'Empty']) bench.there.createMailbox(name);
  for (let i = 0; i < 6; i += 1) bench.there.deliver('INBOX', letter(i));
  await bench.round('imap');
  return bench;
}

/** Some may fail: ids that have fallen back are believed at the second look. */
async function rounds(bench: Bench, kind: 'imap' | 'jmap' = 'imap', count = 4): Promise<void> {
  for (let i = 0; i < count; i += 1) await bench.round(kind).catch(() => undefined);
}

/** They go by, and it looks and carries whenever it would. */
async function minutes(bench: Bench, count: number): Promise<void> {
  for (let i = 0; i < count * 60; i += 1) await bench.clock.advance(1000);
}

function refuse(bench: Bench): void {
  const reason = { class: 'content', text: 'No' } as const;
  bench.provider.paths.imap.faults.onCall = (name, when) => {
    if (name === 'append' && when === 'before') throw new MailError('transient', 'No', { code: 'refused', reason });
  };
}

describe('what was noted before', () => {
  test('a message that was missed once goes', async () => {
    await using bench = await mirrored();
    bench.provider.paths.imap.faults.lie = 'empty';
    await bench.round('imap');
    bench.provider.paths.imap.faults.lie = undefined;
    bench.there.expunge('INBOX', 1);
    bench.clock.jump(-YEAR_MS);
    await rounds(bench);
    expect(contentHere(bench.store)).toEqual(mailThere(bench.there));
  });

  test('few that are held go when all listings have agreed for a week', async () => {
    await using bench = await mirrored();
    for (const uid of [1, 2, 3]) bench.there.expunge('INBOX', uid);
    await rounds(bench);
    bench.clock.jump(-YEAR_MS);
    await rounds(bench);
    expect(bench.here()['INBOX']).toHaveLength(6);
    bench.clock.jump(8 * 24 * 3_600_000);
    await rounds(bench);
    expect(contentHere(bench.store)).toEqual(mailThere(bench.there));
  });

  test('what another path had shown, and this one does not, goes', async () => {
    await using bench = await mirrored();
    bench.there.expunge('INBOX', 1);
    await bench.round('jmap');
    bench.clock.jump(-YEAR_MS);
    await rounds(bench, 'jmap');
    expect(contentHere(bench.store)).toEqual(mailThere(bench.there));
  });

  test('a mailbox that was missed once goes', async () => {
    await using bench = await mirrored();
    bench.there.deleteMailbox('Empty');
    await bench.round('imap');
    bench.clock.jump(-YEAR_MS);
    await rounds(bench);
    expect(Object.keys(bench.here())).not.toContain('Empty');
  });

  test('ids that have fallen back are believed', async () => {
    await using bench = await mirrored();
    const backup = bench.there.backUp('Work');
    bench.there.deliver('Work', letter('lost'));
    await bench.round('imap');
    bench.there.restore('Work', backup);
    bench.there.deliver('Work', letter('under its id'));
    await rounds(bench, 'imap', 1);
    bench.clock.jump(-YEAR_MS);
    await rounds(bench);
    expect(bench.here()['Work']?.map(({ hash }) => hash)).toContain(hashOf(letter('under its id')));
  });

  test('an append that was looked for once is stored', async () => {
    const bench = await mirrored();
    await append(bench, 'Work', letter('own'));
    bench.provider.paths.imap.faults.losesAnswer = 'before';
    await using mirror = running(bench);
    await minutes(bench, 2);
    expect(bench.openIntents()).toBe(1);
    bench.clock.jump(-YEAR_MS);
    await minutes(bench, 4);
    expect(mirror.isEqual()).toBe(true);
  });

  test('what can not be looked for is told after an hour', async () => {
    const bench = await mirrored();
    await act(bench, (mail) => moveMessages(mail, [message(bench, 'INBOX')], mailbox(bench, 'Work'), 'here'));
    bench.provider.paths.imap.faults.losesAnswer = 'before';
    await bench.round('imap').catch(() => undefined);
    for (const uid of [1, 2, 3, 4]) bench.there.expunge('INBOX', uid);
    await rounds(bench);
    bench.clock.jump(-YEAR_MS);
    await using mirror = running(bench);
    await minutes(bench, 4);
    expect(bench.openIntents()).toBe(1);
    bench.clock.jump(3_600_000);
    await minutes(bench, 4);
    expect(bench.openIntents()).toBe(0);
    expect(mirror.state()).toBe('held');
  });

  test('a mailbox is listed in full after a day', async () => {
    await using bench = await mirrored();
    let full = 0;
    const { upstream } = bench.provider.paths.imap;
    const open: typeof upstream.open = async (...to) => {
      const session = await upstream.open?.(...to);
      if (!session) throw new Error('there is no session');
      const changes = session.changes.bind(session);
      return Object.assign(session, {
        changes: (...asked: Parameters<typeof changes>) => {
          if (asked[1].wantsAll === true) full += 1;
          return changes(...asked);
        },
      });
    };
    Object.assign(bench.provider.paths.imap, { upstream: { ...upstream, open } });
    await bench.round('imap');
    expect(full).toBe(0);
    bench.clock.jump(-YEAR_MS);
    await bench.round('imap');
    bench.clock.jump(25 * 3_600_000);
    bench.there.deliver('INBOX', letter('new'));
    await bench.round('imap');
    expect(full).toBeGreaterThan(0);
  });
});

describe('what was put off', () => {
  test('is carried, where the clock is set while the mirror runs', async () => {
    const bench = await mirrored();
    refuse(bench);
    await append(bench, 'Work', letter('own'));
    await using mirror = running(bench);
    await minutes(bench, 4);
    expect(bench.openIntents()).toBe(1);
    bench.clock.jump(-YEAR_MS);
    bench.provider.paths.imap.faults.onCall = undefined;
    await minutes(bench, 4);
    expect(mirror.isEqual()).toBe(true);
  });

  test('is carried, where it was set before the start', async () => {
    const bench = await mirrored();
    refuse(bench);
    await append(bench, 'Work', letter('own'));
    await bench.round('imap');
    bench.provider.paths.imap.faults.onCall = undefined;
    bench.clock.jump(-YEAR_MS);
    await using mirror = running(bench);
    await minutes(bench, 4);
    expect(mirror.isEqual()).toBe(true);
  });

  test('a body is asked for again', async () => {
    await using bench = await openBench({ kinds: ['imap'] });
    bench.there.deliver('INBOX', letter(1));
    await bench.round('imap');
    const id = message(bench, 'INBOX');
    await bench.store.write((tx) => tx.run(`UPDATE message SET completeness = 'headers', blob_id = NULL`));
    const bodies = new Bodies(bench.deps);
    bench.provider.paths.imap.faults.isDown = true;
    expect(await bodies.fetch(ALICE, id, new AbortController().signal)).toBe(false);
    bench.provider.paths.imap.faults.isDown = false;
    bench.clock.jump(-YEAR_MS);
    expect(await bodies.fetch(ALICE, id, new AbortController().signal)).toBe(true);
    await bodies.close();
  });
});

test('what a person asked for before is done once, and not over and over', async () => {
  const bench = await mirrored();
  await using mirror = running(bench);
  await mirror.becomes(() => mirror.state() === 'idle');
  await bench.store.write((tx) => askForMirror(tx, ALICE, bench.clock.nowMs()));
  bench.clock.jump(-YEAR_MS);
  let lists = 0;
  bench.provider.paths.imap.faults.onCall = (name, when) => {
    if (name === 'list' && when === 'before') lists += 1;
  };
  await minutes(bench, 1);
  expect(lists).toBeLessThan(4);
});
