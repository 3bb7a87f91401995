import { beginIntent, endIntent, openIntents, postponeIntent, type IntentWork } from '@stopgap/store';
import { FakeClock, tempStore } from '@stopgap/testkit';
import { expect, test } from 'vitest';
import {
  addMessage,
  changeFlags,
  copyMessages,
  createMailbox,
  deleteMailbox,
  expungeMessages,
  moveMessages,
  openMailboxes,
  renameMailbox,
  restoreMessage,
  setSubscribed,
  type MailTx,
} from './index.ts';
import { addAccount, ALICE, letter } from './test-mail.ts';

async function bench() {
  const clock = new FakeClock();
  const temp = await tempStore({ clock });
  await addAccount(temp.store);
  const mail = openMailboxes({ store: temp.store, dataDir: temp.dataDir, clock, keepExpungedMs: 1_000_000 });
  const [a, b, c, id] = await mail.write(ALICE, (tx) => {
    const make = (name: string) => createMailbox(tx, { name, isSubscribed: true, by: 'upstream' }).id;
    const [a, b, c] = [make('A'), make('B'), make('C')];
    return [a, b, c, addMessage(tx, letter({ mailbox: a })).id] as const;
  });
  const open = () => temp.store.read((reader) => openIntents(reader, ALICE, 100));
  return {
    a,
    b,
    c,
    id,
    does: <T>(job: (tx: MailTx) => T) => mail.write(ALICE, job),
    /** What upstream has to be told, in order. */
    left: (): IntentWork[] => open().map(({ work }) => work),
    begin: async () => {
      for (const { id } of open()) await temp.store.write((tx) => beginIntent(tx, id, 'path'));
    },
    waitAgain: () =>
      temp.store.write((tx) => {
        for (const { id } of open()) postponeIntent(tx, id, { notBeforeMs: 0 });
      }),
    ended: () => temp.store.read((reader) => reader.all(`SELECT 1 FROM intent WHERE state IN ('done', 'failed')`)).length,
    purge: () => mail.purge(AbortSignal.timeout(5000)),
    async [Symbol.asyncDispose]() {
      await mail.close();
      await temp.dispose();
    },
  };
}

const ADD = (...add: string[]) => ({ add, remove: [] });
const REMOVE = (...remove: string[]) => ({ add: [], remove });

test('what upstream says leaves no intent', async () => {
  await using at = await bench();
  await at.does((tx) => {
    changeFlags(tx, [at.id], ADD('$seen'), 'upstream');
    moveMessages(tx, [at.id], at.b, 'upstream');
    expungeMessages(tx, [at.id], 'upstream');
    restoreMessage(tx, at.id, { by: 'upstream' });
    renameMailbox(tx, at.c, { name: 'D', by: 'upstream' });
    setSubscribed(tx, at.c, { isSubscribed: false, by: 'upstream' });
    deleteMailbox(tx, at.c, 'upstream');
  });
  expect(at.left()).toEqual([]);
});

test('flags merge, and the later word counts', async () => {
  await using at = await bench();
  await at.does((tx) => changeFlags(tx, [at.id], ADD('$seen', 'work'), 'here'));
  await at.does((tx) => changeFlags(tx, [at.id], REMOVE('work'), 'here'));
  await at.does((tx) => changeFlags(tx, [at.id], ADD('$flagged', '$seen'), 'here'));
  expect(at.left()).toEqual([{ kind: 'flags', add: ['$seen', '$flagged'], remove: ['work'] }]);
});

test('only what really changed is told', async () => {
  await using at = await bench();
  await at.does((tx) => changeFlags(tx, [at.id], { add: ['$seen'], remove: ['$flagged'] }, 'here'));
  expect(at.left()).toEqual([{ kind: 'flags', add: ['$seen'], remove: [] }]);
});

test('moves are told by their ends, and a message back home is no news', async () => {
  await using at = await bench();
  await at.does((tx) => moveMessages(tx, [at.id], at.b, 'here'));
  await at.does((tx) => moveMessages(tx, [at.id], at.c, 'here'));
  expect(at.left()).toEqual([{ kind: 'move', from: at.a, to: at.c }]);
  await at.does((tx) => moveMessages(tx, [at.id], at.a, 'here'));
  expect(at.left()).toEqual([]);
});

test('an expunge takes the place of flags and moves, and names where upstream has it', async () => {
  await using at = await bench();
  await at.does((tx) => {
    changeFlags(tx, [at.id], ADD('$seen'), 'here');
    moveMessages(tx, [at.id], at.b, 'here');
    expungeMessages(tx, [at.id], 'here');
  });
  expect(at.left()).toEqual([{ kind: 'expunge', from: at.a }]);
});

test('what was not appended yet takes in flags and moves, and an expunge cancels it', async () => {
  await using at = await bench();
  const [copy] = await at.does((tx) => copyMessages(tx, [at.id], at.b, 'here'));
  const added = await at.does((tx) => addMessage(tx, letter({ mailbox: at.b, by: 'here' })));
  const ids = [added.id, ...(copy ? [copy.id] : [])];
  await at.does((tx) => {
    changeFlags(tx, ids, ADD('$seen'), 'here');
    moveMessages(tx, ids, at.c, 'here');
  });
  expect(at.left()).toEqual([{ kind: 'append' }, { kind: 'append' }]);
  await at.does((tx) => expungeMessages(tx, ids, 'here'));
  expect(at.left()).toEqual([]);
});

test('what was told while an append was begun, which waits again, is in what is appended, as all that comes later', async () => {
  await using at = await bench();
  const { id } = await at.does((tx) => addMessage(tx, letter({ mailbox: at.a, by: 'here' })));
  await at.begin();
  await at.does((tx) => changeFlags(tx, [id], ADD('$flagged'), 'here'));
  await at.does((tx) => moveMessages(tx, [id], at.b, 'here'));
  expect(at.left()).toEqual([{ kind: 'append' }, { kind: 'flags', add: ['$flagged'], remove: [] }, { kind: 'move', from: at.a, to: at.b }]);
  await at.waitAgain();
  await at.does((tx) => changeFlags(tx, [id], REMOVE('$flagged'), 'here'));
  await at.does((tx) => moveMessages(tx, [id], at.c, 'here'));
  expect(at.left()).toEqual([{ kind: 'append' }]);
});

test('what was begun stands, and what comes later follows it', async () => {
  await using at = await bench();
  await at.does((tx) => {
    changeFlags(tx, [at.id], ADD('$seen'), 'here');
    moveMessages(tx, [at.id], at.b, 'here');
  });
  await at.begin();
  await at.does((tx) => changeFlags(tx, [at.id], REMOVE('$seen'), 'here'));
  await at.does((tx) => moveMessages(tx, [at.id], at.a, 'here'));
  await at.does((tx) => expungeMessages(tx, [at.id], 'here'));
  expect(at.left()).toEqual([
    { kind: 'flags', add: ['$seen'], remove: [] },
    { kind: 'move', from: at.a, to: at.b },
    { kind: 'expunge', from: at.b },
  ]);
});

test('a restored message is upstream as it was, or is appended again', async () => {
  await using at = await bench();
  await at.does((tx) => {
    changeFlags(tx, [at.id], ADD('$seen'), 'here');
    expungeMessages(tx, [at.id], 'here');
    restoreMessage(tx, at.id, { by: 'here', mailbox: at.b });
  });
  expect(at.left()).toEqual([
    { kind: 'move', from: at.a, to: at.b },
    { kind: 'flags', add: ['$seen'], remove: ['$deleted'] },
  ]);
  await at.does((tx) => expungeMessages(tx, [at.id], 'here'));
  await at.begin();
  await at.does((tx) => restoreMessage(tx, at.id, { by: 'here' }));
  expect(at.left()).toEqual([{ kind: 'expunge', from: at.a }, { kind: 'append' }]);
});

test('a mailbox is told of in as few words as will do', async () => {
  await using at = await bench();
  await at.does((tx) => {
    const made = createMailbox(tx, { name: 'New/Sub', isSubscribed: true, by: 'here' });
    renameMailbox(tx, made.id, { name: 'New/Other', by: 'here' });
    renameMailbox(tx, at.b, { name: 'B2', by: 'here' });
    renameMailbox(tx, at.b, { name: 'B3', by: 'here' });
    setSubscribed(tx, at.c, { isSubscribed: false, by: 'here' });
    setSubscribed(tx, at.c, { isSubscribed: true, by: 'here' });
  });
  expect(at.left()).toEqual([
    { kind: 'create-mailbox', name: 'New' },
    { kind: 'subscribe', isSubscribed: true },
    { kind: 'create-mailbox', name: 'New/Other' },
    { kind: 'subscribe', isSubscribed: true },
    { kind: 'rename-mailbox', from: 'B', to: 'B3' },
    { kind: 'subscribe', isSubscribed: true },
  ]);
});

test('a deleted mailbox takes its own words back, and names what upstream has', async () => {
  await using at = await bench();
  await at.does((tx) => {
    const made = createMailbox(tx, { name: 'New', isSubscribed: true, by: 'here' });
    addMessage(tx, letter({ mailbox: made.id, by: 'here' }));
    moveMessages(tx, [at.id], made.id, 'here');
    deleteMailbox(tx, made.id, 'here');
    renameMailbox(tx, at.b, { name: 'B2', by: 'here' });
    deleteMailbox(tx, at.b, 'here');
  });
  expect(at.left()).toEqual([
    { kind: 'expunge', from: at.a },
    { kind: 'delete-mailbox', name: 'B' },
  ]);
});

test('what was begun about a mailbox stands, though it waits again, and what comes later follows it', async () => {
  await using at = await bench();
  const made = await at.does((tx) => {
    renameMailbox(tx, at.b, { name: 'B2', by: 'here' });
    renameMailbox(tx, at.c, { name: 'C2', by: 'here' });
    return createMailbox(tx, { name: 'New', isSubscribed: false, by: 'here' });
  });
  await at.begin();
  await at.waitAgain();
  await at.does((tx) => renameMailbox(tx, made.id, { name: 'New2', by: 'here' }));
  await at.does((tx) => deleteMailbox(tx, made.id, 'here'));
  await at.does((tx) => renameMailbox(tx, at.b, { name: 'B', by: 'here' }));
  await at.does((tx) => deleteMailbox(tx, at.c, 'here'));
  expect(at.left()).toEqual([
    { kind: 'rename-mailbox', from: 'B', to: 'B2' },
    { kind: 'rename-mailbox', from: 'C', to: 'C2' },
    { kind: 'create-mailbox', name: 'New' },
    { kind: 'delete-mailbox', name: 'New' },
    { kind: 'rename-mailbox', from: 'B2', to: 'B' },
    { kind: 'delete-mailbox', name: 'C2' },
  ]);
});

test('names are given and taken there in the order in which they were here', async () => {
  await using at = await bench();
  await at.does((tx) => {
    renameMailbox(tx, at.b, { name: 'D', by: 'here' });
    deleteMailbox(tx, at.c, 'here');
    renameMailbox(tx, at.b, { name: 'C', by: 'here' });
    createMailbox(tx, { name: 'D', isSubscribed: false, by: 'here' });
    deleteMailbox(tx, at.b, 'here');
  });
  expect(at.left()).toEqual([
    { kind: 'rename-mailbox', from: 'B', to: 'D' },
    { kind: 'delete-mailbox', name: 'C' },
    { kind: 'rename-mailbox', from: 'D', to: 'C' },
    { kind: 'create-mailbox', name: 'D' },
    { kind: 'delete-mailbox', name: 'C' },
  ]);
});

test('what upstream did not take it has nothing of: a move is a new append, all else is not told', async () => {
  await using at = await bench();
  const id = await at.does((tx) => addMessage(tx, letter({ mailbox: at.a, by: 'here' })).id);
  const refuse = () =>
    at.does(({ tx }) => {
      for (const { id: intent } of openIntents(tx, ALICE, 10)) endIntent(tx, intent, { state: 'failed', nowMs: 0 });
    });
  await refuse();
  await at.does((tx) => {
    changeFlags(tx, [id], ADD('$flagged'), 'here');
    expungeMessages(tx, [id], 'here');
    restoreMessage(tx, id, { by: 'here' });
  });
  expect(at.left()).toEqual([]);
  await at.does((tx) => moveMessages(tx, [id], at.b, 'here'));
  expect(at.left()).toEqual([{ kind: 'append' }]);
  await refuse();
  // What is known of it is kept as long as the message.
  await at.purge();
  await at.does((tx) => changeFlags(tx, [id], ADD('$answered'), 'here'));
  expect(at.left()).toEqual([]);
});

test('intents that ended long ago are forgotten', async () => {
  await using at = await bench();
  await at.does((tx) => changeFlags(tx, [at.id], ADD('$seen'), 'here'));
  await at.does(({ tx }) => {
    for (const { id } of openIntents(tx, ALICE, 10)) endIntent(tx, id, { state: 'done', nowMs: 0 });
  });
  expect(at.ended()).toBe(1);
  await at.purge();
  expect(at.ended()).toBe(0);
});
