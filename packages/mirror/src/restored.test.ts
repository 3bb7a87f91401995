import { describe, expect, test } from 'vitest';
import { deleteMailbox, expungeMessages, moveMessages } from '@stopgap/mailbox';
import { findMailboxByName, listRemoteMailboxes } from '@stopgap/store';
import { setBrake } from './apply-listing.ts';
import { ALICE, contentHere, hashOf, letter, mailThere, openBench, type Bench } from './test-bench.ts';
import { releaseHeld } from './test-mailbox-changes.ts';

const BACKED_UP = 20;
const LOST = 10;

/** Mail as after a provider's restore: longer than what had the UID before. */
const fresh = (number: number): Buffer => letter(`after the restore, ${number}`);

/** The provider has gone back to its backup; what came since is only here. */
async function setBack(): Promise<Bench> {
  const bench = await openBench();
  for (let i = 0; i < BACKED_UP; i += 1) bench.there.deliver('INBOX', letter(i));
  const backup = bench.there.backUp('INBOX');
  for (let i = 0; i < LOST; i += 1) bench.there.deliver('INBOX', letter(BACKED_UP + i));
  await bench.round('imap');
  bench.there.restore('INBOX', backup);
  return bench;
}

/** Some may fail: nothing is believed at the first look. */
async function rounds(bench: Bench, times: number): Promise<void> {
  for (let i = 0; i < times; i += 1) await bench.round('imap').catch(() => undefined);
}

const subjectsThere = (bench: Bench): readonly string[] =>
  (bench.there.find('INBOX')?.messages ?? []).map(({ bytes }) => /^Subject: (.*)$/m.exec(bytes.toString())?.[1]?.trim() ?? '');

describe('a mailbox that was restored from a backup, UIDVALIDITY and all', () => {
  test('new mail under UIDs that were given before is new here, and what the provider lost is kept until a person decides', async () => {
    await using bench = await setBack();
    const before = bench.here()['INBOX'] ?? [];
    for (let i = 0; i < 3; i += 1) bench.there.deliver('INBOX', fresh(i), { flags: ['$flagged'] });
    await rounds(bench, 5);
    const now = bench.here()['INBOX'] ?? [];
    expect(now.slice(0, before.length)).toEqual(before);
    expect(now.slice(before.length).map(({ uid, flags }) => ({ uid, flags }))).toEqual(
      [31, 32, 33].map((uid) => ({ uid, flags: '$flagged' })),
    );
    expect(bench.told.filter(({ name }) => name === 'deletionsHeld')).toMatchObject([{ event: { mailbox: 'INBOX', gone: LOST } }]);
    await releaseHeld(bench.store, bench.clock, 'released');
    await rounds(bench, 3);
    expect(contentHere(bench.store)).toEqual(mailThere(bench.there));
  });

  test('given back, what it lost is there again, once, and the same messages here', async () => {
    await using bench = await setBack();
    bench.there.deliver('INBOX', fresh(0));
    await rounds(bench, 4);
    const before = bench.here();
    await releaseHeld(bench.store, bench.clock, 'given-back');
    await rounds(bench, 4);
    expect(bench.here()).toEqual(before);
    expect(contentHere(bench.store)).toEqual(mailThere(bench.there));
    expect(subjectsThere(bench)).toHaveLength(BACKED_UP + LOST + 1);
    expect(bench.report.report.decided).toMatchObject([{ what: `${LOST} messages in INBOX` }]);
    for (const kind of ['roundcube', 'jmap', 'pop3', 'imap'] as const) for (let i = 0; i < 3; i += 1) await bench.round(kind);
    expect(bench.here()).toEqual(before);
  });

  test('what was deleted here before deletes nothing there that nobody has seen', async () => {
    await using bench = await setBack();
    // UID 21, which upstream gives to the first new message.
    const [victim] = bench.messageIds('INBOX').slice(BACKED_UP);
    await bench.mailboxes.write(ALICE, (mail) => expungeMessages(mail, victim === undefined ? [] : [victim], 'here'));
    bench.there.deliver('INBOX', fresh(0));
    await rounds(bench, 5);
    expect(subjectsThere(bench)).toContain('Letter after the restore, 0');
    expect(bench.here()['INBOX']?.map(({ uid }) => uid)).toContain(31);
    await releaseHeld(bench.store, bench.clock, 'released');
    await rounds(bench, 3);
    expect(bench.openIntents()).toBe(0);
    expect(contentHere(bench.store)).toEqual(mailThere(bench.there));
  });

  test('seen only when UIDs have grown past those of before: the sizes tell', async () => {
    await using bench = await setBack();
    for (let i = 0; i < LOST + 5; i += 1) bench.there.deliver('INBOX', fresh(i));
    bench.restart();
    await rounds(bench, 4);
    const subjects = bench.here()['INBOX']?.length;
    expect(subjects).toBe(BACKED_UP + LOST + LOST + 5);
  });

  test('of messages with one id and of the same second, too: they have other subjects', async () => {
    await using bench = await openBench();
    const shared = (number: number): Buffer => letter(`shared ${number}`, '<shared@elsewhere.test>');
    for (const number of [0, 1]) bench.there.deliver('INBOX', shared(number));
    const backup = bench.there.backUp('INBOX');
    bench.there.deliver('INBOX', shared(2));
    await bench.round('imap');
    bench.there.restore('INBOX', backup);
    for (const number of [3, 4]) bench.there.deliver('INBOX', shared(number));
    bench.restart();
    await rounds(bench, 4);
    expect(bench.here()['INBOX']).toHaveLength(5);
  });

  test.each(['roundcube', 'pop3'] as const)('by %s, too', async (kind) => {
    await using bench = await setBack();
    for (let i = 0; i < LOST + 5; i += 1) bench.there.deliver('INBOX', fresh(i));
    bench.restart();
    for (let i = 0; i < 4; i += 1) await bench.round(kind).catch(() => undefined);
    expect(bench.here()['INBOX']).toHaveLength(BACKED_UP + LOST + LOST + 5);
  });

  test('by the webmail, which noticed no outage: the newest is missing, and samples tell', async () => {
    await using bench = await openBench();
    for (let i = 0; i < BACKED_UP; i += 1) bench.there.deliver('INBOX', letter(i));
    const backup = bench.there.backUp('INBOX');
    for (let i = 0; i < 3; i += 1) bench.there.deliver('INBOX', letter(BACKED_UP + i));
    await bench.round('roundcube');
    await bench.round('roundcube');
    const before = bench.here()['INBOX'] ?? [];
    bench.there.restore('INBOX', backup);
    bench.there.deliver('INBOX', fresh(0));
    for (let i = 0; i < 4; i += 1) await bench.round('roundcube');
    expect(bench.here()['INBOX']).toEqual([...before, expect.objectContaining({ uid: BACKED_UP + 4 })]);
  });

  test('a decision that falls into the middle of a look stands', async () => {
    await using bench = await setBack();
    await rounds(bench, 4);
    await releaseHeld(bench.store, bench.clock, 'given-back');
    const row = bench.store.read((reader) => listRemoteMailboxes(reader, ALICE)).find(({ brake }) => brake !== undefined);
    const held = { state: 'held', sinceMs: 0, gone: LOST, of: 30 } as const;
    await setBrake({ deps: bench.deps, account: ALICE }, row?.id ?? 0, held);
    await rounds(bench, 4);
    expect(subjectsThere(bench)).toHaveLength(BACKED_UP + LOST);
  });

  test.each([1, 5])('deleted here before, it is kept with the mail that has come since: %i letters', async (count) => {
    await using bench = await openBench();
    bench.there.createMailbox('Work');
    for (let i = 0; i < 4; i += 1) bench.there.deliver('Work', letter(i));
    const backup = bench.there.backUp('Work');
    bench.there.deliver('Work', letter(4));
    await bench.round('imap');
    await bench.mailboxes.write(ALICE, (mail) => {
      const work = findMailboxByName(mail.tx, ALICE, 'Work');
      if (work) deleteMailbox(mail, work.id, 'here');
    });
    bench.there.restore('Work', backup);
    for (let i = 0; i < count; i += 1) bench.there.deliver('Work', fresh(i));
    await rounds(bench, 5);
    const there = bench.there.find('Work')?.messages.map(({ bytes }) => bytes.toString());
    for (let i = 0; i < count; i += 1) expect(there).toContain(fresh(i).toString());
    expect(bench.here()['Work']?.length).toBeGreaterThanOrEqual(count);
  });

  test.each(['expunged', 'moved'] as const)(
    '%s here, and then the mailbox deleted: no mail is hit that has come under its UID since',
    async (what) => {
      await using bench = await openBench();
      bench.there.createMailbox('Work');
      for (let i = 0; i < 8; i += 1) bench.there.deliver('Work', letter(i));
      const backup = bench.there.backUp('Work');
      bench.there.deliver('Work', letter('lost'));
      await bench.round('imap');
      await bench.mailboxes.write(ALICE, (mail) => {
        const [work, inbox] = [findMailboxByName(mail.tx, ALICE, 'Work')?.id, findMailboxByName(mail.tx, ALICE, 'INBOX')?.id];
        const last = bench.messageIds('Work').at(-1);
        if (work === undefined || inbox === undefined || last === undefined) throw new Error('not mirrored');
        if (what === 'moved') moveMessages(mail, [last], inbox, 'here');
        else expungeMessages(mail, [last], 'here');
        deleteMailbox(mail, work, 'here');
      });
      bench.there.restore('Work', backup);
      const unseen = fresh(0);
      bench.there.deliver('Work', unseen);
      await rounds(bench, 6);
      const there = bench.there.mailboxes.flatMap(({ messages }) => messages.map(({ bytes }) => hashOf(bytes)));
      expect(there).toContain(hashOf(unseen));
      await releaseHeld(bench.store, bench.clock, 'given-back');
      await rounds(bench, 4);
      expect(contentHere(bench.store)).toEqual(mailThere(bench.there));
      expect(bench.here()['Work']?.map(({ hash }) => hash)).toContain(hashOf(unseen));
    },
  );

  test('for a single look it is not believed: a copy of the mailbox lags behind', async () => {
    await using bench = await setBack();
    const before = bench.here();
    const lagging = bench.there.backUp('INBOX');
    await rounds(bench, 1);
    bench.there.restore('INBOX', { ...lagging, uidNext: BACKED_UP + LOST + 1, modSeq: 1000 });
    for (let i = 0; i < LOST; i += 1)
      bench.there.mailbox('INBOX').messages.push({ uid: 21 + i, bytes: letter(20 + i), flags: [], receivedAtMs: 0, modSeq: 999 });
    await rounds(bench, 3);
    expect(bench.here()).toEqual(before);
    expect(bench.told.filter(({ name }) => name === 'deletionsHeld')).toEqual([]);
  });

  test('a provider that tells wrong sizes is asked once, and believed', async () => {
    await using bench = await openBench();
    for (let i = 0; i < BACKED_UP; i += 1) bench.there.deliver('INBOX', letter(i));
    await bench.round('imap');
    const before = bench.here();
    bench.provider.paths.imap.faults.sizesOff = 7;
    bench.restart();
    let fetched = 0;
    bench.provider.paths.imap.faults.onCall = (name, when) => {
      if (name === 'fetch' && when === 'after') fetched += 1;
    };
    await rounds(bench, 2);
    expect(fetched).toBe(5);
    await rounds(bench, 2);
    expect(bench.here()).toEqual(before);
    expect(fetched).toBe(5);
  });
});
