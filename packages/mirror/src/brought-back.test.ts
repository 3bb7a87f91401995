/* A message that was deleted here and is brought back here, whatever became of the deletion upstream meanwhile. */
import { expect, test } from 'vitest';
import { expungeMessages, restoreMessage } from '@stopgap/mailbox';
import { act, mailbox, message } from './test-acts.ts';
import { contentHere, letter, mailThere, openBench, type Bench } from './test-bench.ts';

const KINDS = ['imap', 'roundcube', 'jmap'] as const;

async function mirrored(kind: (typeof KINDS)[number]): Promise<Bench> {
  const bench = await openBench();
  bench.there.createMailbox('Archive', 'archive');
  for (let i = 0; i < 6; i += 1) bench.there.deliver('INBOX', letter(i), { flags: ['$seen'] });
  for (let i = 0; i < 2; i += 1) await bench.round(kind);
  return bench;
}

async function settle(bench: Bench, kind: (typeof KINDS)[number]): Promise<void> {
  for (let i = 0; i < 5; i += 1) await bench.round(kind);
}

function expectAll(bench: Bench): void {
  expect(contentHere(bench.store)).toEqual(mailThere(bench.there));
  expect(bench.openIntents()).toBe(0);
  expect(bench.there.mailboxes.flatMap(({ messages }) => messages)).toHaveLength(6);
}

const LOST = KINDS.flatMap((kind) =>
  (['before', 'after'] as const).flatMap((when) => [false, true].map((isStarted) => ({ kind, when, isStarted }))),
);

test.each(LOST)(
  '$kind: the answer to the deletion was lost $when it was done (started anew: $isStarted)',
  async ({ kind, when, isStarted }) => {
    await using bench = await mirrored(kind);
    const id = message(bench, 'INBOX', 2);
    await act(bench, (mail) => expungeMessages(mail, [id], 'here'));
    bench.provider.paths[kind].faults.losesAnswer = when;
    await bench.round(kind).catch(() => undefined);
    await act(bench, (mail) => restoreMessage(mail, id, { by: 'here' }));
    if (isStarted) bench.restart();
    await settle(bench, kind);
    expectAll(bench);
  },
);

test.each(KINDS)('%s: into another mailbox, while the deletion is under way', async (kind) => {
  await using bench = await mirrored(kind);
  const id = message(bench, 'INBOX', 2);
  await act(bench, (mail) => expungeMessages(mail, [id], 'here'));
  let isDone = false;
  bench.provider.paths[kind].faults.onCall = async (name, when) => {
    if (name !== 'expunge' || when !== 'before' || isDone) return;
    isDone = true;
    await act(bench, (mail) => restoreMessage(mail, id, { by: 'here', mailbox: mailbox(bench, 'Archive') }));
  };
  await bench.round(kind);
  expect(isDone).toBe(true);
  await settle(bench, kind);
  expectAll(bench);
  expect(bench.here()['Archive']).toHaveLength(1);
});

test.each(KINDS)('%s: the deletion was done, or it was upstream that deleted', async (kind) => {
  await using bench = await mirrored(kind);
  const [own, other] = [message(bench, 'INBOX', 2), message(bench, 'INBOX', 4)];
  await act(bench, (mail) => expungeMessages(mail, [own], 'here'));
  bench.there.expunge('INBOX', 5);
  await settle(bench, kind);
  expect(bench.there.mailbox('INBOX').messages).toHaveLength(4);
  await act(bench, (mail) => {
    for (const id of [own, other]) restoreMessage(mail, id, { by: 'here' });
  });
  await settle(bench, kind);
  expectAll(bench);
});

test.each(['here', 'there', 'there, while nobody looked', 'on both sides'])(
  'the path by which it was seen hears nothing of it; deleted %s',
  async (where) => {
    await using bench = await mirrored('imap');
    const id = message(bench, 'INBOX', 2);
    if (where === 'here' || where === 'there') await bench.round('jmap');
    if (where === 'here' || where === 'on both sides') await act(bench, (mail) => expungeMessages(mail, [id], 'here'));
    if (where !== 'here') bench.there.expunge('INBOX', 3);
    for (let i = 0; i < 3; i += 1) await bench.round('jmap');
    expect(bench.here()['INBOX']).toHaveLength(5);
    await act(bench, (mail) => restoreMessage(mail, id, { by: 'here' }));
    await settle(bench, 'imap');
    expectAll(bench);
    await settle(bench, 'jmap');
    await settle(bench, 'imap');
    expectAll(bench);
  },
);
