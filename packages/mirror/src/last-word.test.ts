/* A change whose telling was cut off, and what the person did next: the last word counts. */
import { expect, test } from 'vitest';
import { changeFlags, expungeMessages, moveMessages } from '@stopgap/mailbox';
import { act, mailbox, message } from './test-acts.ts';
import { contentHere, letter, mailThere, openBench, type Bench } from './test-bench.ts';

const CASES = (['imap', 'roundcube', 'jmap'] as const).flatMap((kind) => (['before', 'after'] as const).map((when) => ({ kind, when })));

/** One of three messages was flagged here; the answer to that was lost. */
async function flaggedUnheard({ kind, when }: (typeof CASES)[number]): Promise<Bench> {
  const bench = await openBench();
  bench.there.createMailbox('Trash', 'trash');
  for (let i = 0; i < 3; i += 1) bench.there.deliver('INBOX', letter(i));
  for (let i = 0; i < 2; i += 1) await bench.round(kind);
  await act(bench, (mail) => changeFlags(mail, [message(bench, 'INBOX')], { add: ['$flagged'], remove: [] }, 'here'));
  bench.provider.paths[kind].faults.losesAnswer = when;
  await bench.round(kind).catch(() => undefined);
  expect(bench.openIntents()).toBe(1);
  bench.restart();
  return bench;
}

async function settle(bench: Bench, { kind }: (typeof CASES)[number]): Promise<void> {
  for (let i = 0; i < 4; i += 1) await bench.round(kind);
  expect(contentHere(bench.store)).toEqual(mailThere(bench.there));
  expect(bench.openIntents()).toBe(0);
}

test.each(CASES)('$kind, lost $when: flagged, and not flagged after all', async (one) => {
  await using bench = await flaggedUnheard(one);
  await act(bench, (mail) => changeFlags(mail, [message(bench, 'INBOX')], { add: [], remove: ['$flagged'] }, 'here'));
  await settle(bench, one);
  expect(bench.here()['INBOX']?.map(({ flags }) => flags)).toEqual(['', '', '']);
});

test.each(CASES)('$kind, lost $when: flagged, then deleted', async (one) => {
  await using bench = await flaggedUnheard(one);
  await act(bench, (mail) => expungeMessages(mail, [message(bench, 'INBOX')], 'here'));
  await settle(bench, one);
  expect(bench.here()['INBOX']).toHaveLength(2);
  expect(bench.report.report.decided).toEqual([]);
});

test.each(CASES)('$kind, lost $when: flagged, then moved and not flagged after all', async (one) => {
  await using bench = await flaggedUnheard(one);
  await act(bench, (mail) => {
    const id = message(bench, 'INBOX');
    moveMessages(mail, [id], mailbox(bench, 'Trash'), 'here');
    changeFlags(mail, [id], { add: [], remove: ['$flagged'] }, 'here');
  });
  await settle(bench, one);
  expect(bench.here()['Trash']?.map(({ flags }) => flags)).toEqual(['']);
});
