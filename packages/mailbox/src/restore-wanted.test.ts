/* What a command of another process asks for, as the process that serves does it. */
import { asId, type AccountId, type MessageId } from '@stopgap/core';
import {
  askForRestore,
  beginLeaving,
  findMailboxByName,
  findMessage,
  listMailboxMessages,
  openIntents,
  wantedMessages,
  whyNotRestored,
} from '@stopgap/store';
import { FakeClock, tempStore } from '@stopgap/testkit';
import { expect, test } from 'vitest';
import { addMessage, createMailbox, deleteMailbox, expungeMessages, openMailboxes, type RestoredCount } from './index.ts';
import { addAccount, ALICE, letter } from './test-mail.ts';

const BOB = asId.account('bob@provider.test');
const DAY_MS = 24 * 60 * 60 * 1000;
const CALM = new AbortController().signal;

async function bench({ quotaBytes }: { readonly quotaBytes?: number } = {}) {
  const clock = new FakeClock();
  const temp = await tempStore({ clock });
  const { store, dataDir } = temp;
  await addAccount(store);
  await addAccount(store, BOB);
  const quota = quotaBytes === undefined ? {} : { quotaBytes };
  const mail = openMailboxes({ store, dataDir, clock, keepExpungedMs: 30 * DAY_MS, ...quota });
  const make = (name: string, account: AccountId = ALICE) =>
    mail.write(account, (tx) => createMailbox(tx, { name, isSubscribed: true, by: 'upstream' }).id);
  await make('INBOX');
  await make('INBOX', BOB);
  const mailboxOf = (name: string, account: AccountId = ALICE) => store.read((reader) => findMailboxByName(reader, account, name));
  const at = {
    clock,
    store,
    mail,
    make,
    mailboxOf,
    /** Messages that upstream had and has lost. */
    async lost(mailbox: string, texts: readonly string[], account: AccountId = ALICE): Promise<readonly MessageId[]> {
      const place = mailboxOf(mailbox, account)?.id ?? asId.mailbox(0);
      const ids = await mail.write(account, (tx) => texts.map((text) => addMessage(tx, letter({ mailbox: place, text })).id));
      await mail.write(account, (tx) => expungeMessages(tx, ids, 'upstream'));
      return ids;
    },
    ask: (messages: readonly MessageId[], to: { readonly account?: AccountId; readonly mailbox?: string } = {}) =>
      store.write((tx) => messages.map((message) => askForRestore(tx, { account: ALICE, ...to, message }, clock.nowMs()))),
    async act(): Promise<readonly RestoredCount[]> {
      const told: RestoredCount[] = [];
      for await (const one of mail.restoreWanted(CALM)) told.push(one);
      return told;
    },
    idsIn: (mailbox: string) =>
      store.read((reader) => {
        const id = findMailboxByName(reader, ALICE, mailbox)?.id;
        return id === undefined ? [] : listMailboxMessages(reader, id, { afterUid: 0, limit: 1000 }).map((one) => one.id);
      }),
    intents: () => store.read((reader) => openIntents(reader, ALICE, 1000)).map(({ work, message }) => [work.kind, message]),
    async [Symbol.asyncDispose]() {
      await mail.close();
      await temp.dispose();
    },
  };
  return at;
}

test('all that is asked for is back once, each with one word to upstream', async () => {
  await using at = await bench();
  const lost = await at.lost(
    'INBOX',
    Array.from({ length: 230 }, (_, i) => `letter ${i}`),
  );
  const [theirs] = await at.lost('INBOX', ['to Bob'], BOB);
  expect(await at.ask(lost)).not.toContain(false);
  await at.ask([theirs ?? asId.message(0)], { account: BOB });
  const told = await at.act();
  expect(told.filter(({ account }) => account === ALICE).reduce((sum, one) => sum + one.restored, 0)).toBe(230);
  expect(told.filter(({ account }) => account === BOB)).toEqual([{ account: BOB, restored: 1, refused: 0 }]);
  expect(at.idsIn('INBOX')).toEqual(lost);
  expect(at.intents()).toEqual(lost.map((id) => ['append', id]));
  expect(await at.act()).toEqual([]);
  expect(await at.ask(lost.slice(0, 1))).toEqual([false]);
});

test("a number of another account's asks for nothing", async () => {
  await using at = await bench();
  const theirs = await at.lost('INBOX', ['to Bob'], BOB);
  expect(await at.ask(theirs)).toEqual([false]);
  expect(await at.act()).toEqual([]);
});

test('whoever waits for changes hears of it', async () => {
  await using at = await bench();
  const lost = await at.lost('INBOX', ['one']);
  const since = at.mail.lastChange(ALICE);
  const change = at.mail.waitForChange(ALICE, since, AbortSignal.timeout(5000));
  await at.ask(lost);
  await at.act();
  expect(await change).toBeGreaterThan(since);
});

test('a mailbox that is gone, or was never there, is made, here and upstream', async () => {
  await using at = await bench();
  const work = await at.make('Work/2026');
  const lost = await at.lost('Work/2026', ['one', 'two']);
  await at.mail.write(ALICE, (tx) => deleteMailbox(tx, work, 'upstream'));
  await at.ask(lost, { mailbox: 'Work/2026' });
  await at.act();
  expect(at.idsIn('Work/2026')).toEqual(lost);
  expect(at.mailboxOf('Work/2026')?.id).not.toBe(work);
  expect(at.intents().map(([kind]) => kind)).toEqual(['create-mailbox', 'subscribe', 'append', 'append']);
});

test('what was asked for in time is kept until it is done, however long nobody serves; and no longer than that', async () => {
  await using at = await bench();
  const [one, two] = await at.lost('INBOX', ['one', 'two']);
  if (one === undefined || two === undefined) throw new Error('nothing was lost');
  await at.clock.advance(29 * DAY_MS);
  await at.ask([one]);
  await at.clock.advance(29 * DAY_MS);
  expect(await at.mail.purge(CALM)).toBe(1);
  expect(await at.act()).toEqual([{ account: ALICE, restored: 1, refused: 0 }]);
  expect(at.idsIn('INBOX')).toEqual([one]);
  await at.mail.write(ALICE, (tx) => expungeMessages(tx, [one], 'upstream'));
  await at.clock.advance(31 * DAY_MS);
  await at.ask([one]);
  expect(await at.act()).toEqual([{ account: ALICE, restored: 0, refused: 1 }]);
  expect(await at.mail.purge(CALM)).toBe(1);
});

test('what can not be restored is told, leaves nothing half done, and keeps nobody from it', async () => {
  await using at = await bench({ quotaBytes: 100 });
  const [small] = await at.lost('INBOX', ['s']);
  const [large] = await at.lost('INBOX', ['l'.repeat(200)]);
  if (small === undefined || large === undefined) throw new Error('nothing was lost');
  await at.ask([small]);
  await at.ask([large], { mailbox: 'New' });
  expect(await at.act()).toEqual([{ account: ALICE, restored: 1, refused: 1 }]);
  expect(at.idsIn('INBOX')).toEqual([small]);
  expect(at.mailboxOf('New')).toBeUndefined();
  expect(at.store.read((reader) => [wantedMessages(reader, ALICE), whyNotRestored(reader, large)])).toEqual([
    [],
    'The account is over its quota.',
  ]);
  expect(await at.ask([large])).toEqual([true]);
  expect(at.store.read((reader) => whyNotRestored(reader, large))).toBeUndefined();
});

test('nothing comes back into an account that is being erased', async () => {
  await using at = await bench();
  const lost = await at.lost('INBOX', ['one']);
  await at.ask(lost);
  await at.store.write((tx) => beginLeaving(tx, ALICE, at.clock.nowMs()));
  expect(await at.act()).toEqual([{ account: ALICE, restored: 0, refused: 1 }]);
  expect(at.store.read((reader) => lost.map((id) => findMessage(reader, id)))).toEqual([undefined]);
  await at.mail.erase(ALICE, CALM);
});
