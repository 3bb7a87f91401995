import { asId, MailError, type MailboxId } from '@stopgap/core';
import {
  beginLeaving,
  findMessage,
  findMessageView,
  listContacts,
  listMessageFlags,
  listMessagesByContent,
  listMessagesByMessageId,
  listMessageSizes,
  listSubscribedNames,
  openIntents,
  uidsExpungedSince,
} from '@stopgap/store';
import { digestOf } from '@stopgap/message';
import { FakeClock, tempStore } from '@stopgap/testkit';
import { expect, test } from 'vitest';
import {
  addMessage,
  changeFlags,
  copyMessages,
  createMailbox,
  deleteMailbox,
  expungeMessages,
  messageIdKey,
  moveMessages,
  openMailboxes,
  renameMailbox,
  replaceContent,
  restoreMessage,
  setRole,
  setSubscribed,
  type Mailboxes,
} from './index.ts';
import { addAccount, ALICE, letter, staged } from './test-mail.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

async function bench() {
  const clock = new FakeClock();
  const temp = await tempStore({ clock });
  await addAccount(temp.store);
  const opened: Mailboxes[] = [];
  const open = (more: { readonly keepExpungedMs?: number; readonly quotaBytes?: number } = {}) => {
    const one = openMailboxes({ store: temp.store, dataDir: temp.dataDir, clock, keepExpungedMs: 30 * DAY_MS, ...more });
    opened.push(one);
    return one;
  };
  const mail = open();
  const make = (name: string) => mail.write(ALICE, (tx) => createMailbox(tx, { name, isSubscribed: true, by: 'upstream' }).id);
  return {
    clock,
    store: temp.store,
    mail,
    open,
    make,
    async [Symbol.asyncDispose]() {
      for (const one of opened) await one.close();
      await temp.dispose();
    },
  };
}

test('from the moment an account is being erased nothing is added to its mail, by whoever has the store open', async () => {
  await using at = await bench();
  const inbox = await at.make('INBOX');
  await at.mail.write(ALICE, (tx) => addMessage(tx, letter({ mailbox: inbox })));
  const other = at.open();
  await at.store.write((tx) => beginLeaving(tx, ALICE, at.clock.nowMs()));
  for (const mail of [at.mail, other]) {
    const late = mail.write(ALICE, (tx) => createMailbox(tx, { name: 'late', isSubscribed: true, by: 'upstream' }));
    await expect(late).rejects.toMatchObject({ code: 'account-missing' });
  }
  await at.mail.erase(ALICE, new AbortController().signal);
  expect(at.mail.list(ALICE)).toEqual([]);
  await expect(at.make('later')).rejects.toMatchObject({ code: 'account-missing' });
});

test('a message that was added is there with its bytes, flags, view and counts', async () => {
  await using at = await bench();
  const inbox = await at.make('INBOX');
  const added = await at.mail.write(ALICE, (tx) => addMessage(tx, letter({ mailbox: inbox, subject: 'Tag', flags: ['$flagged'] })));
  const row = at.store.read((reader) => findMessage(reader, added.id));
  expect(row).toMatchObject({ uid: 1, mailbox: inbox, flags: ['$flagged'], completeness: 'raw', modSeq: added.modSeq });
  expect(at.store.read((reader) => findMessageView(reader, added.id))?.envelope.subject).toBe('Tag');
  const chunks: Buffer[] = [];
  if (row?.blob) for await (const chunk of at.store.blobs.open(row.blob)) chunks.push(chunk);
  expect(Buffer.concat(chunks).toString()).toContain('Subject: Tag');
  expect(at.mail.list(ALICE)).toMatchObject([{ name: 'INBOX', role: 'inbox', total: 1, unseen: 1, uidNext: 2, sizeBytes: row?.sizeBytes }]);
});

test('law: every visible change has a number, strictly growing in commit order', async () => {
  await using at = await bench();
  const [inbox, other] = [await at.make('INBOX'), await at.make('Other')];
  const seen: number[] = [at.mail.lastChange(ALICE)];
  const step = async (job: Parameters<typeof at.mail.write<unknown>>[1]) => {
    await at.mail.write(ALICE, job);
    seen.push(at.mail.lastChange(ALICE));
  };
  const one = await at.mail.write(ALICE, (tx) => addMessage(tx, letter({ mailbox: inbox })));
  seen.push(one.modSeq);
  await step((tx) => changeFlags(tx, [one.id], { add: ['$seen'], remove: [] }, 'upstream'));
  await step((tx) => moveMessages(tx, [one.id], other, 'upstream'));
  await step((tx) => expungeMessages(tx, [one.id], 'upstream'));
  await step((tx) => restoreMessage(tx, one.id, { by: 'upstream' }));
  await step((tx) => renameMailbox(tx, other, { name: 'Else', by: 'upstream' }));
  await step((tx) => setSubscribed(tx, other, { isSubscribed: false, by: 'upstream' }));
  await step((tx) => setRole(tx, other, 'archive'));
  await step((tx) => deleteMailbox(tx, other, 'upstream'));
  expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b));
});

test('a change that changes nothing has no number and wakes nobody', async () => {
  await using at = await bench();
  const inbox = await at.make('INBOX');
  const one = await at.mail.write(ALICE, (tx) => addMessage(tx, letter({ mailbox: inbox, flags: ['$seen'] })));
  const before = at.mail.lastChange(ALICE);
  await at.mail.write(ALICE, (tx) => {
    changeFlags(tx, [one.id], { add: ['$seen'], remove: ['$flagged'] }, 'here');
    moveMessages(tx, [one.id], inbox, 'here');
    setSubscribed(tx, inbox, { isSubscribed: true, by: 'here' });
    expungeMessages(tx, [asId.message(999)], 'here');
  });
  expect(at.mail.lastChange(ALICE)).toBe(before);
});

test('law: applying an update twice equals once', async () => {
  await using at = await bench();
  const [inbox, other, gone] = [await at.make('INBOX'), await at.make('Other'), await at.make('Gone')];
  const [one, two, three] = await at.mail.write(ALICE, (tx) => [
    addMessage(tx, { ...letter({ mailbox: inbox }), completeness: 'rebuilt' }).id,
    addMessage(tx, letter({ mailbox: inbox })).id,
    addMessage(tx, letter({ mailbox: gone })).id,
  ]);
  const updates: readonly Parameters<typeof at.mail.write<unknown>>[1][] = [
    (tx) => changeFlags(tx, [one, two], { add: ['$seen', 'work'], remove: ['$flagged'] }, 'upstream'),
    (tx) => replaceContent(tx, one, letter({ mailbox: inbox, text: 'raw' })),
    (tx) => moveMessages(tx, [one], other, 'upstream'),
    (tx) => expungeMessages(tx, [two], 'upstream'),
    (tx) => restoreMessage(tx, two, { by: 'upstream' }),
    (tx) => renameMailbox(tx, other, { name: 'Else', by: 'upstream' }),
    (tx) => setSubscribed(tx, other, { isSubscribed: false, by: 'upstream' }),
    (tx) => setRole(tx, other, 'archive'),
    (tx) => expungeMessages(tx, [three], 'upstream'),
  ];
  for (const update of updates) {
    const before = at.mail.lastChange(ALICE);
    await at.mail.write(ALICE, update);
    const after = [at.mail.lastChange(ALICE), at.mail.list(ALICE)];
    expect(after[0]).toBeGreaterThan(before);
    await at.mail.write(ALICE, update);
    expect([at.mail.lastChange(ALICE), at.mail.list(ALICE)]).toEqual(after);
  }
});

test('law: a UID is never used again, not after an expunge and a new start, nor in a mailbox that was made again', async () => {
  await using at = await bench();
  const box = await at.make('Box');
  const add = (mailbox: MailboxId, mail = at.mail) => mail.write(ALICE, (tx) => addMessage(tx, letter({ mailbox })));
  const first = await add(box);
  await at.mail.write(ALICE, (tx) => expungeMessages(tx, [first.id], 'here'));
  const again = at.open({ keepExpungedMs: 0 });
  await at.clock.advance(1);
  await again.purge(AbortSignal.timeout(5000));
  const second = await add(box, again);
  expect(second.uid).toBe(2);
  expect(second.id).toBeGreaterThan(first.id);
  const validities = [at.mail.list(ALICE)[0]?.uidValidity ?? 0];
  for (let round = 0; round < 3; round += 1) {
    const [old] = at.mail.list(ALICE);
    if (old) await at.mail.write(ALICE, (tx) => deleteMailbox(tx, old.id, 'here'));
    at.clock.jump(-DAY_MS);
    await at.make('Box');
    validities.push(at.mail.list(ALICE)[0]?.uidValidity ?? 0);
  }
  expect(validities).toEqual([...new Set(validities)].sort((a, b) => a - b));
  expect(validities[0]).toBeGreaterThan(1_700_000_000);
});

test('a mailbox that takes over a name takes over its UIDVALIDITY too, by a greater one', async () => {
  await using at = await bench();
  const early = await at.make('Early');
  await at.clock.advance(10_000);
  const late = await at.make('Late');
  const before = at.mail.list(ALICE).find(({ id }) => id === late)?.uidValidity ?? 0;
  await at.mail.write(ALICE, (tx) => deleteMailbox(tx, late, 'here'));
  await at.mail.write(ALICE, (tx) => renameMailbox(tx, early, { name: 'Late', by: 'here' }));
  expect(at.mail.list(ALICE)[0]?.uidValidity).toBeGreaterThan(before);
});

test('a rename takes along what is below and makes what is missing above; INBOX stays', async () => {
  await using at = await bench();
  const [inbox, a] = [await at.make('inbox'), await at.make('A')];
  await at.make('A/x/y');
  await at.make('AB');
  await at.mail.write(ALICE, (tx) => renameMailbox(tx, a, { name: 'N/B', by: 'here' }));
  expect(at.mail.list(ALICE).map(({ name }) => name)).toEqual(['AB', 'INBOX', 'N', 'N/B', 'N/B/x', 'N/B/x/y']);
  const refused = (job: Promise<unknown>, code: string) => expect(job).rejects.toMatchObject({ code } satisfies Partial<MailError>);
  await refused(
    at.mail.write(ALICE, (tx) => renameMailbox(tx, inbox, { name: 'Z', by: 'here' })),
    'inbox-stays',
  );
  await refused(
    at.mail.write(ALICE, (tx) => deleteMailbox(tx, inbox, 'here')),
    'inbox-stays',
  );
  await refused(
    at.mail.write(ALICE, (tx) => deleteMailbox(tx, a, 'here')),
    'mailbox-has-children',
  );
  await refused(
    at.mail.write(ALICE, (tx) => renameMailbox(tx, a, { name: 'N/B/z', by: 'here' })),
    'mailbox-name',
  );
  await refused(at.make('A//b'), 'mailbox-name');
  await refused(at.make('Inbox'), 'mailbox-exists');
});

test('a subscription outlives its mailbox, and is one to whatever takes over the name', async () => {
  await using at = await bench();
  const names = () => at.store.read((reader) => listSubscribedNames(reader, ALICE));
  const subscribed = () => at.mail.list(ALICE).flatMap(({ name, isSubscribed }) => (isSubscribed ? [name] : []));
  const told = () => at.store.read((reader) => openIntents(reader, ALICE, 100)).map(({ work }) => work.kind);
  const make = (name: string, by: 'here' | 'upstream') =>
    at.mail.write(ALICE, (tx) => createMailbox(tx, { name, isSubscribed: false, by }).id);
  const [one, two, three] = [await at.make('One'), await at.make('Two'), await at.make('Three')];
  const quiet = await make('Quiet', 'upstream');
  for (const id of [one, two, quiet]) await at.mail.write(ALICE, (tx) => deleteMailbox(tx, id, 'here'));
  await at.mail.write(ALICE, (tx) => deleteMailbox(tx, three, 'upstream'));
  await at.clock.advance(31 * DAY_MS);
  await at.mail.purge(AbortSignal.timeout(5000));
  expect([names(), subscribed()]).toEqual([['One', 'Three', 'Two'], []]);
  const before = told();
  await make('One', 'here');
  await make('Two', 'upstream');
  const other = await make('Other', 'upstream');
  await at.mail.write(ALICE, (tx) => renameMailbox(tx, other, { name: 'Three', by: 'upstream' }));
  await make('Quiet', 'here');
  expect([names(), subscribed()]).toEqual([[], ['One', 'Three', 'Two']]);
  expect(told().slice(before.length)).toEqual(['create-mailbox', 'subscribe', 'subscribe', 'subscribe', 'create-mailbox']);
  await at.mail.erase(ALICE, new AbortController().signal);
  expect(names()).toEqual([]);
});

test('a role has one mailbox', async () => {
  await using at = await bench();
  const [one, two] = [await at.make('One'), await at.make('Two')];
  await at.mail.write(ALICE, (tx) => setRole(tx, one, 'sent'));
  await at.mail.write(ALICE, (tx) => setRole(tx, two, 'sent'));
  expect(at.mail.list(ALICE).map(({ name, role }) => [name, role])).toEqual([
    ['One', undefined],
    ['Two', 'sent'],
  ]);
});

test('a move keeps the id and leaves a UID behind; a copy shares the bytes and is one of its own', async () => {
  await using at = await bench();
  const [inbox, other] = [await at.make('INBOX'), await at.make('Other')];
  const one = await at.mail.write(ALICE, (tx) => addMessage(tx, letter({ mailbox: inbox, flags: ['$seen', 'work'] })));
  const since = at.mail.lastChange(ALICE);
  const [copy] = await at.mail.write(ALICE, (tx) => copyMessages(tx, [one.id], other, 'upstream'));
  const [moved] = await at.mail.write(ALICE, (tx) => moveMessages(tx, [one.id], other, 'upstream'));
  expect(moved).toMatchObject({ id: one.id, fromUid: 1, uid: 2 });
  const flags = at.store.read((reader) => listMessageFlags(reader, other));
  expect(flags.map((row) => [row.id, row.uid, row.flags])).toEqual([
    [copy?.id, 1, ['$seen', 'work']],
    [one.id, 2, ['$seen', 'work']],
  ]);
  expect(at.store.read((reader) => uidsExpungedSince(reader, inbox, since))).toEqual([1]);
  expect(at.store.read((reader) => findMessage(reader, copy?.id ?? one.id)?.blob)).toEqual(
    at.store.read((reader) => findMessage(reader, one.id)?.blob),
  );
  const { hash = asId.blobHash('') } = at.store.read((reader) => findMessageView(reader, one.id)) ?? {};
  expect(at.store.read((reader) => listMessagesByContent(reader, other, hash)).map(({ uid }) => uid)).toEqual([1, 2]);
  expect(at.mail.changes(ALICE, since)).toMatchObject({
    mailboxes: { created: [], updated: [], recounted: [inbox, other], deleted: [] },
    messages: { created: [copy?.id], updated: [one.id], expunged: [] },
  });
});

test('an expunged message can be brought back for a stated time, and then it is gone with its bytes', async () => {
  await using at = await bench();
  const [inbox, other] = [await at.make('INBOX'), await at.make('Other')];
  const [one, two] = await at.mail.write(ALICE, (tx) => [
    addMessage(tx, letter({ mailbox: other, text: 'one', flags: ['$deleted'] })),
    addMessage(tx, letter({ mailbox: other, text: 'two' })),
  ]);
  const since = at.mail.lastChange(ALICE);
  await at.mail.write(ALICE, (tx) => expungeMessages(tx, [one.id, two.id], 'here'));
  expect(at.mail.changes(ALICE, since)).toMatchObject({ messages: { created: [], updated: [], expunged: [one.id, two.id] } });
  expect(await at.mail.write(ALICE, (tx) => restoreMessage(tx, one.id, { by: 'here' }))).toMatchObject({ id: one.id, uid: 3 });
  expect(await at.mail.write(ALICE, (tx) => restoreMessage(tx, one.id, { by: 'here' }))).toBeUndefined();
  expect(at.mail.changes(ALICE, since)).toMatchObject({ messages: { created: [], updated: [one.id], expunged: [two.id] } });
  await at.mail.write(ALICE, (tx) => deleteMailbox(tx, other, 'here'));
  expect(await at.mail.write(ALICE, (tx) => restoreMessage(tx, one.id, { by: 'here' }))).toMatchObject({ uid: 1 });
  expect(at.store.read((reader) => findMessage(reader, one.id))).toMatchObject({ mailbox: inbox, flags: [] });
  const blobs = () => at.store.read((reader) => reader.get<{ n: number }>('SELECT count(*) AS n FROM blob'))?.n;
  expect(blobs()).toBe(2);
  await at.clock.advance(31 * DAY_MS);
  expect(await at.mail.purge(AbortSignal.timeout(5000))).toBe(1);
  expect(blobs()).toBe(1);
  expect(await at.mail.write(ALICE, (tx) => restoreMessage(tx, two.id, { by: 'here' }))).toBeUndefined();
  expect(at.mail.changes(ALICE, since)).toBe('forgotten');
  expect(at.mail.changes(ALICE, at.mail.lastChange(ALICE))).not.toBe('forgotten');
  expect(at.mail.changes(ALICE, asId.modSeq(at.mail.lastChange(ALICE) + 1))).toBe('forgotten');
});

test('a better copy takes the place of a poorer one and keeps its UID', async () => {
  await using at = await bench();
  const inbox = await at.make('INBOX');
  const poor = letter({ mailbox: inbox, text: 'poor' });
  const one = await at.mail.write(ALICE, (tx) => addMessage(tx, { ...poor, completeness: 'rebuilt' }));
  const better = letter({ mailbox: inbox, text: 'better text' });
  expect(await at.mail.write(ALICE, (tx) => replaceContent(tx, one.id, better))).toBe(true);
  expect(at.store.read((reader) => findMessage(reader, one.id))).toMatchObject({ uid: one.uid, completeness: 'raw' });
  expect(at.mail.list(ALICE)[0]?.sizeBytes).toBe(better.digest.sizeBytes);
  expect(at.store.read((reader) => reader.get<{ n: number }>('SELECT count(*) AS n FROM blob'))?.n).toBe(1);
  expect(await at.mail.write(ALICE, (tx) => replaceContent(tx, asId.message(99), better))).toBe(false);
});

test('what a message lacks in line ends goes along with a copy and comes back with it, and is that of better content', async () => {
  await using at = await bench();
  const [inbox, other] = [await at.make('INBOX'), await at.make('Other')];
  const content = (text: string) => ({ blob: staged(Buffer.from(text)), digest: digestOf(Buffer.from(text)) });
  const sizes = (mailbox: MailboxId) => at.store.read((reader) => listMessageSizes(reader, mailbox, 10)).map(({ sizeBytes }) => sizeBytes);
  const one = await at.mail.write(ALICE, (tx) =>
    addMessage(tx, { ...letter({ mailbox: inbox }), ...content('A: b\n\nc'), completeness: 'rebuilt' }),
  );
  await at.mail.write(ALICE, (tx) => copyMessages(tx, [one.id], other, 'upstream'));
  await at.mail.write(ALICE, (tx) => expungeMessages(tx, [one.id], 'upstream'));
  await at.mail.write(ALICE, (tx) => restoreMessage(tx, one.id, { by: 'upstream' }));
  expect([sizes(inbox), sizes(other)]).toEqual([[11], [11]]);
  await at.mail.write(ALICE, (tx) => replaceContent(tx, one.id, { ...content('A: bc\r\n\r\n\r'), completeness: 'raw' }));
  expect([sizes(inbox), sizes(other)]).toEqual([[11], [11]]);
  await at.mail.write(ALICE, (tx) => replaceContent(tx, one.id, { ...content('A: bc\r\n\r\n'), completeness: 'raw' }));
  expect(sizes(inbox)).toEqual([9]);
});

test('who waits for a change is woken by it, and by nothing else', async () => {
  await using at = await bench();
  const inbox = await at.make('INBOX');
  const since = at.mail.lastChange(ALICE);
  const stop = new AbortController();
  const [woken, given] = [
    at.mail.waitForChange(ALICE, since, stop.signal),
    at.mail.waitForChange(ALICE, asId.modSeq(since + 5), stop.signal),
  ];
  const one = await at.mail.write(ALICE, (tx) => addMessage(tx, letter({ mailbox: inbox })));
  expect(await woken).toBe(one.modSeq);
  expect(await at.mail.waitForChange(ALICE, since, stop.signal)).toBe(one.modSeq);
  stop.abort();
  expect(await given).toBe(since + 5);
});

test('what is done here stops at the quota, what upstream has does not', async () => {
  await using at = await bench();
  const inbox = await at.make('INBOX');
  const small = at.open({ quotaBytes: 1000 });
  await small.write(ALICE, (tx) => addMessage(tx, letter({ mailbox: inbox, sizeBytes: 2000 })));
  const before = at.mail.list(ALICE);
  await expect(small.write(ALICE, (tx) => addMessage(tx, letter({ mailbox: inbox, by: 'here' })))).rejects.toMatchObject({
    code: 'over-quota',
  });
  expect(at.mail.list(ALICE)).toEqual(before);
});

test('past the quota mail can be moved all the same, to Trash as a rule', async () => {
  await using at = await bench();
  const [inbox, trash] = [await at.make('INBOX'), await at.make('Trash')];
  const small = at.open({ quotaBytes: 1000 });
  const { id } = await small.write(ALICE, (tx) => addMessage(tx, letter({ mailbox: inbox, sizeBytes: 2000 })));
  expect(await small.write(ALICE, (tx) => moveMessages(tx, [id], trash, 'here'))).toMatchObject([{ id, from: inbox, uid: 1 }]);
});

test('contacts are met at arrival: who wrote, and whom the owner wrote to; not in junk or drafts, nor on a copy', async () => {
  await using at = await bench();
  const [inbox, sent, junk] = [await at.make('INBOX'), await at.make('Sent'), await at.make('Junk')];
  await at.mail.write(ALICE, (tx) => {
    setRole(tx, sent, 'sent');
    setRole(tx, junk, 'junk');
    const one = addMessage(tx, letter({ mailbox: inbox, from: { name: 'Old Bob', address: 'Bob@elsewhere.test' }, atMs: 1000 }));
    addMessage(tx, letter({ mailbox: inbox, from: { name: 'Bob', address: 'bob@elsewhere.test' }, atMs: 3000 }));
    addMessage(tx, letter({ mailbox: inbox, from: { name: 'Older Bob', address: 'bob@elsewhere.test' }, atMs: 2000 }));
    addMessage(tx, letter({ mailbox: inbox, from: 'not an address' }));
    addMessage(tx, letter({ mailbox: junk, from: 'spam@elsewhere.test' }));
    addMessage(tx, letter({ mailbox: sent, from: ALICE, to: ['bob@elsewhere.test', 'carol@elsewhere.test', ALICE], atMs: 500 }));
    copyMessages(tx, [one.id], sent, 'here');
  });
  expect(at.store.read((reader) => listContacts(reader, ALICE))).toEqual([
    { address: 'bob@elsewhere.test', name: 'Bob', received: 3, sent: 1, lastSeenMs: 3000 },
    { address: 'carol@elsewhere.test', name: '', received: 0, sent: 1, lastSeenMs: 500 },
  ]);
});

test('a message is found by its Message-ID, also when another one has the same', async () => {
  await using at = await bench();
  const inbox = await at.make('INBOX');
  const ids = await at.mail.write(ALICE, (tx) => [
    addMessage(tx, letter({ mailbox: inbox, messageId: '<a@x>', text: '1' })).id,
    addMessage(tx, letter({ mailbox: inbox, messageId: '<a@x>', text: '2' })).id,
    addMessage(tx, letter({ mailbox: inbox, messageId: '<b@x>', inReplyTo: ['<a@x>'] })).id,
  ]);
  const key = { key: messageIdKey('<a@x>'), text: '<a@x>' };
  expect(at.store.read((reader) => listMessagesByMessageId(reader, ALICE, key)).map(({ id }) => id)).toEqual(ids.slice(0, 2));
});
