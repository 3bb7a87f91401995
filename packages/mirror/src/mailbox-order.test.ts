import { expect, test } from 'vitest';
import { createMailbox, deleteMailbox, renameMailbox } from '@stopgap/mailbox';
import type { ViewKind } from '@stopgap/testkit';
import { act, append, mailbox } from './test-acts.ts';
import { contentHere, hashOf, letter, mailThere, openBench, type Bench } from './test-bench.ts';

const PATHS = ['imap', 'roundcube', 'jmap'] as const;
/** The call whose answer is lost came about there, or it did not. */
const LOST = PATHS.flatMap((kind) => (['after', 'before'] as const).map((when) => ({ kind, when })));

/** Work and Shop hold two letters each, and the path has seen them. */
async function mirrored(kind: ViewKind): Promise<Bench> {
  const bench = await openBench();
  for (const name of ['Work', 'Shop']) {
    bench.there.createMailbox(name);
    for (let i = 0; i < 2; i += 1) bench.there.deliver(name, letter(`${name} ${i}`));
  }
  await bench.round(kind);
  return bench;
}

const create = (bench: Bench, name: string) => act(bench, (mail) => createMailbox(mail, { name, isSubscribed: true, by: 'here' }));
const rename = (bench: Bench, name: string, to: string) =>
  act(bench, (mail) => renameMailbox(mail, mailbox(bench, name), { name: to, by: 'here' }));
const remove = (bench: Bench, name: string) => act(bench, (mail) => deleteMailbox(mail, mailbox(bench, name), 'here'));

async function loseAnswer(bench: Bench, kind: ViewKind, when: 'before' | 'after'): Promise<void> {
  bench.provider.paths[kind].faults.losesAnswer = when;
  await expect(bench.round(kind)).rejects.toThrow('the answer was lost');
}

async function settled(bench: Bench, kind: ViewKind): Promise<void> {
  for (let i = 0; i < 6; i += 1) await bench.round(kind);
  expect(bench.openIntents()).toBe(0);
  expect(contentHere(bench.store)).toEqual(mailThere(bench.there));
  expect(bench.report.report.decided).toEqual([]);
  expect(bench.report.report.notCarriedBack).toEqual([]);
}

const names = (bench: Bench): readonly string[] => Object.keys(bench.here()).toSorted();
const hashes = (bench: Bench, name: string): readonly string[] => (bench.here()[name] ?? []).map(({ hash }) => hash).toSorted();
const letters = (name: string): readonly string[] => [0, 1].map((i) => hashOf(letter(`${name} ${i}`))).toSorted();

test.each(LOST)('$kind: renamed, the answer lost ($when it was done), and deleted here: it goes there, too', async ({ kind, when }) => {
  await using bench = await mirrored(kind);
  await rename(bench, 'Work', 'Plans');
  await loseAnswer(bench, kind, when);
  await remove(bench, 'Plans');
  await settled(bench, kind);
  expect(names(bench)).toEqual(['INBOX', 'Shop']);
});

test.each(['before', 'after'] as const)(
  'a path that never saw it leaves what was renamed (%s the answer was lost) and deleted alone',
  async (when) => {
    await using bench = await mirrored('imap');
    await rename(bench, 'Work', 'Plans');
    await loseAnswer(bench, 'imap', when);
    await remove(bench, 'Plans');
    for (let i = 0; i < 4; i += 1) await bench.round('jmap');
    expect(names(bench)).toEqual(['INBOX', 'Shop']);
    bench.clock.jump(24 * 3_600_000);
    await settled(bench, 'imap');
    expect(names(bench)).toEqual(['INBOX', 'Shop']);
  },
);

test('what somebody else made there under the name that a deleted one was to have is kept', async () => {
  await using bench = await mirrored('imap');
  await rename(bench, 'Work', 'Plans');
  await loseAnswer(bench, 'imap', 'before');
  await remove(bench, 'Plans');
  bench.there.deleteMailbox('Work');
  bench.there.createMailbox('Plans');
  for (let i = 0; i < 2; i += 1) bench.there.deliver('Plans', letter(`other ${i}`));
  for (let i = 0; i < 6; i += 1) await bench.round('imap');
  expect(hashes(bench, 'Plans')).toEqual(letters('other'));
  expect(contentHere(bench.store)).toEqual(mailThere(bench.there));
  expect(bench.openIntents()).toBe(0);
});

test.each(LOST)(
  '$kind: renamed, the answer lost ($when it was done), and renamed back here: so it is called there',
  async ({ kind, when }) => {
    await using bench = await mirrored(kind);
    const before = bench.here();
    await rename(bench, 'Work', 'Plans');
    await loseAnswer(bench, kind, when);
    await rename(bench, 'Plans', 'Work');
    await settled(bench, kind);
    expect(bench.here()).toEqual(before);
  },
);

test.each(LOST)(
  '$kind: made here, the answer lost ($when it was done), and deleted again: it is gone on both sides',
  async ({ kind, when }) => {
    await using bench = await mirrored(kind);
    await create(bench, 'New');
    await loseAnswer(bench, kind, when);
    await remove(bench, 'New');
    await settled(bench, kind);
    expect(names(bench)).toEqual(['INBOX', 'Shop', 'Work']);
  },
);

test.each(LOST)('$kind: made here, the answer lost ($when it was done), and renamed: it is there once', async ({ kind, when }) => {
  await using bench = await mirrored(kind);
  await create(bench, 'New');
  await loseAnswer(bench, kind, when);
  await rename(bench, 'New', 'Newer');
  await append(bench, 'Newer', letter('own'));
  await settled(bench, kind);
  expect(names(bench)).toEqual(['INBOX', 'Newer', 'Shop', 'Work']);
  expect(hashes(bench, 'Newer')).toEqual([hashOf(letter('own'))]);
});

test.each(PATHS)('%s: made under another name, and then called as one that was deleted: the deleted mail stays deleted', async (kind) => {
  await using bench = await mirrored(kind);
  await create(bench, 'Draft');
  await append(bench, 'Draft', letter('own'));
  await remove(bench, 'Work');
  await rename(bench, 'Draft', 'Work');
  await settled(bench, kind);
  expect(hashes(bench, 'Work')).toEqual([hashOf(letter('own'))]);
});

test.each(PATHS)('%s: two names are exchanged by way of a third, and one of the two goes', async (kind) => {
  await using bench = await mirrored(kind);
  await rename(bench, 'Work', 'Draft');
  await remove(bench, 'Shop');
  await rename(bench, 'Draft', 'Shop');
  await settled(bench, kind);
  expect(names(bench)).toEqual(['INBOX', 'Shop']);
  expect(hashes(bench, 'Shop')).toEqual(letters('Work'));
});

test.each(PATHS)('%s: renamed, its old name taken by a new one, and deleted: the new one is empty', async (kind) => {
  await using bench = await mirrored(kind);
  await rename(bench, 'Work', 'Draft');
  await create(bench, 'Work');
  await remove(bench, 'Draft');
  await settled(bench, kind);
  expect(bench.here()).toMatchObject({ INBOX: [], Shop: [{}, {}], Work: [] });
});

test.each(PATHS)('%s: what was made or renamed below a mailbox goes along when that is renamed', async (kind) => {
  await using bench = await mirrored(kind);
  await create(bench, 'Work/New');
  await rename(bench, 'Shop', 'Work/Shop');
  await rename(bench, 'Work', 'Plans');
  await settled(bench, kind);
  expect(names(bench)).toEqual(['INBOX', 'Plans', 'Plans/New', 'Plans/Shop']);
  expect([hashes(bench, 'Plans'), hashes(bench, 'Plans/Shop')]).toEqual([letters('Work'), letters('Shop')]);
});

test.each(PATHS)('%s: two mailboxes exchange their names', async (kind) => {
  await using bench = await mirrored(kind);
  await rename(bench, 'Work', 'Draft');
  await rename(bench, 'Shop', 'Work');
  await rename(bench, 'Draft', 'Shop');
  await settled(bench, kind);
  expect([hashes(bench, 'Shop'), hashes(bench, 'Work')]).toEqual([letters('Work'), letters('Shop')]);
});

test.each(PATHS)('%s: a name that somebody else took there meanwhile was only one on the way to the last one', async (kind) => {
  await using bench = await mirrored(kind);
  await rename(bench, 'Work', 'Plans');
  await loseAnswer(bench, kind, 'before');
  await rename(bench, 'Plans', 'Draft');
  bench.there.createMailbox('Plans');
  await settled(bench, kind);
  expect(names(bench)).toEqual(['Draft', 'INBOX', 'Plans', 'Shop']);
  expect(hashes(bench, 'Draft')).toEqual(letters('Work'));
});

test.each(PATHS)('%s: made below a new name that upstream refuses, it is below the old one on both sides', async (kind) => {
  await using bench = await mirrored(kind);
  await rename(bench, 'Work', 'Plans');
  await create(bench, 'Plans/New');
  await rename(bench, 'Shop', 'Plans/Shop');
  bench.there.createMailbox('Plans');
  for (let i = 0; i < 6; i += 1) await bench.round(kind);
  expect(names(bench)).toEqual(['INBOX', 'Plans', 'Work', 'Work/New', 'Work/Shop']);
  expect(contentHere(bench.store)).toEqual(mailThere(bench.there));
  expect(bench.report.report.notCarriedBack).toHaveLength(1);
});

/** As `settled`, where upstream would not have what was done here: it is told, and both sides are equal all the same. */
async function settledOtherwise(bench: Bench, kind: ViewKind): Promise<void> {
  for (let i = 0; i < 8; i += 1) await bench.round(kind);
  expect(bench.openIntents()).toBe(0);
  expect(contentHere(bench.store)).toEqual(mailThere(bench.there));
}

test.each(PATHS)('%s: renamed to a name that is taken there, its old name given to a new one here: each has its own mail', async (kind) => {
  await using bench = await mirrored(kind);
  await rename(bench, 'Work', 'Plans');
  await create(bench, 'Work');
  await append(bench, 'Work', letter('new work'));
  bench.there.createMailbox('Plans');
  bench.there.deliver('Plans', letter('plan'));
  await settledOtherwise(bench, kind);
  expect(names(bench)).toEqual(['INBOX', 'Plans', 'Shop', 'Work', 'Work (2)']);
  expect(hashes(bench, 'Work')).toEqual(letters('Work'));
  expect(hashes(bench, 'Work (2)')).toEqual([hashOf(letter('new work'))]);
  expect(hashes(bench, 'Plans')).toEqual([hashOf(letter('plan'))]);
});

test.each(PATHS)('%s: the same, where the old name went to another that was there: that one keeps its mail', async (kind) => {
  await using bench = await mirrored(kind);
  await rename(bench, 'Work', 'Plans');
  await rename(bench, 'Shop', 'Work');
  bench.there.createMailbox('Plans');
  await settledOtherwise(bench, kind);
  expect(names(bench)).toEqual(['INBOX', 'Plans', 'Shop', 'Work']);
  expect(hashes(bench, 'Work')).toEqual(letters('Work'));
  expect(hashes(bench, 'Shop')).toEqual(letters('Shop'));
});
