import { asId, type MessageId } from '@stopgap/core';
import { FakeClock, tempStore } from '@stopgap/testkit';
import { expect, test } from 'vitest';
import {
  addMessage,
  createMailbox,
  deleteMailbox,
  DeletedMessages,
  expungeMessages,
  openMailboxes,
  renameMailbox,
  restoreMessage,
  type DeletedFilter,
} from './index.ts';
import { addAccount, ALICE, letter, type LetterOptions } from './test-mail.ts';

const BOB = asId.account('bob@provider.test');
const DAY_MS = 24 * 60 * 60 * 1000;

async function bench() {
  const clock = new FakeClock();
  const temp = await tempStore({ clock });
  const { store, dataDir } = temp;
  await addAccount(store);
  await addAccount(store, BOB);
  const mail = openMailboxes({ store, dataDir, clock, keepExpungedMs: 30 * DAY_MS });
  const make = (name: string) => mail.write(ALICE, (tx) => createMailbox(tx, { name, isSubscribed: true, by: 'upstream' }).id);
  const [inbox, work] = [await make('INBOX'), await make('Work')];
  const deleted = (account = ALICE) => store.read((reader) => new DeletedMessages(reader, account, clock.nowMs() - 30 * DAY_MS));
  return {
    clock,
    mail,
    make,
    inbox,
    work,
    deleted,
    numbers: (filter?: DeletedFilter) =>
      deleted()
        .list(filter)
        .map(({ message }) => message)
        .toArray(),
    add: (options: LetterOptions) => mail.write(ALICE, (tx) => addMessage(tx, letter(options)).id),
    expunge: (ids: readonly MessageId[], by: 'here' | 'upstream' = 'upstream') => mail.write(ALICE, (tx) => expungeMessages(tx, ids, by)),
    async [Symbol.asyncDispose]() {
      await mail.close();
      await temp.dispose();
    },
  };
}

test('the last deletion comes first, whoever deleted it, and what is back or too old is not told', async () => {
  await using at = await bench();
  const ids: MessageId[] = [];
  for (const text of ['a', 'b', 'c', 'd']) ids.push(await at.add({ mailbox: at.inbox, text }));
  const [a, b, c, d] = ids as [MessageId, MessageId, MessageId, MessageId];
  await at.expunge([a]);
  await at.clock.advance(20 * DAY_MS);
  await at.expunge([c, b], 'here');
  await at.expunge([d]);
  expect(at.numbers()).toEqual([d, b, c, a]);
  expect(at.numbers({ sinceMs: at.clock.nowMs() })).toEqual([d, b, c]);
  expect([...at.deleted().list()].map(({ by }) => by)).toEqual(['upstream', 'here', 'here', 'upstream']);
  await at.mail.write(ALICE, (tx) => restoreMessage(tx, d, { by: 'here' }));
  await at.clock.advance(11 * DAY_MS);
  expect(at.numbers()).toEqual([b, c]);
  expect([a, b, d].map((id) => at.deleted().find(id).kind)).toEqual(['expired', 'kept', 'alive']);
});

test('more than a page, many of them by one operation: each once', async () => {
  await using at = await bench();
  const ids: MessageId[] = [];
  await at.mail.write(ALICE, (tx) => {
    for (let i = 0; i < 1203; i += 1) ids.push(addMessage(tx, letter({ mailbox: at.inbox, text: `${i}` })).id);
  });
  await at.expunge(ids.slice(0, 3));
  await at.expunge(ids.slice(3));
  expect(at.numbers()).toEqual(ids.toReversed());
});

test('by mailbox, also one that is renamed or gone, and by what people see of a message', async () => {
  await using at = await bench();
  const hello = await at.add({ mailbox: at.inbox, subject: 'Grüße aus Köln', from: { name: 'Ben', address: 'ben@far.test' } });
  const bill = await at.add({ mailbox: at.work, subject: 'Invoice', to: ['team@far.test'] });
  await at.expunge([hello, bill]);
  await at.mail.write(ALICE, (tx) => renameMailbox(tx, at.work, { name: 'Office', by: 'upstream' }));
  expect(at.numbers({ mailbox: 'Office' })).toEqual([bill]);
  expect(at.numbers({ text: 'gruße' })).toEqual([hello]);
  expect(at.numbers({ text: 'BEN@far' })).toEqual([hello]);
  expect(at.numbers({ text: 'team@' })).toEqual([bill]);
  expect(at.numbers({ text: 'nobody' })).toEqual([]);
  await at.mail.write(ALICE, (tx) => deleteMailbox(tx, at.work, 'upstream'));
  expect(at.numbers({ mailbox: 'Office' })).toEqual([bill]);
  expect(at.deleted().find(bill)).toMatchObject({ kind: 'kept', message: { mailboxName: 'Office', isMailboxGone: true } });
  await at.make('Office');
  expect(at.numbers({ mailbox: 'Office' })).toEqual([bill]);
  expect(() => at.numbers({ mailbox: 'Nowhere' })).toThrow('There is no mailbox Nowhere');
});

test('what another client moved is told with where it is now', async () => {
  await using at = await bench();
  const moved = await at.add({ mailbox: at.inbox, text: 'moved' });
  await at.add({ mailbox: at.work, text: 'moved' });
  await at.expunge([moved]);
  expect(at.deleted().find(moved)).toMatchObject({ message: { mailboxName: 'INBOX', alsoIn: ['Work'] } });
});

test('of a number of another account nothing is told', async () => {
  await using at = await bench();
  const [gone, there] = [await at.add({ mailbox: at.inbox, text: 'gone' }), await at.add({ mailbox: at.inbox, text: 'there' })];
  await at.expunge([gone]);
  expect([gone, there, asId.message(12_345)].map((id) => at.deleted(BOB).find(id))).toEqual(
    Array.from({ length: 3 }, () => ({ kind: 'unknown' })),
  );
  expect([...at.deleted(BOB).list()]).toEqual([]);
});
