import { describe, expect, test } from 'vitest';
import { changeFlags, expungeMessages } from '@stopgap/mailbox';
import type { ViewKind } from '@stopgap/testkit';
import { ALICE, contentHere, letter, mailThere, openBench, type Bench } from './test-bench.ts';
import { releaseHeld } from './test-mailbox-changes.ts';

/** UIDs here by content, which must never change. */
function uidsOf(bench: Bench): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(bench.here()).flatMap(([name, messages]) =>
      messages.map((message) => [`${name} ${message.uid}`, message.hash] as const),
    ),
  );
}

function expectUnchanged(before: ReadonlyMap<string, string>, bench: Bench): void {
  const now = uidsOf(bench);
  for (const [place, hash] of before) expect(now.get(place)).toBe(hash);
}

describe('one identity across paths', () => {
  test.each<readonly ViewKind[]>([
    ['imap', 'roundcube', 'imap', 'pop3', 'imap'],
    ['imap', 'jmap', 'imap'],
    ['roundcube', 'imap', 'roundcube'],
    ['pop3', 'imap', 'pop3', 'roundcube'],
    ['jmap', 'roundcube', 'jmap', 'imap'],
  ])('nothing twice, nothing lost, no UID changed: %s, %s, %s ...', async (...kinds) => {
    await using bench = await openBench();
    const { there } = bench;
    there.createMailbox('Sent', 'sent');
    there.createMailbox('Work');
    let number = 0;
    const deliver = (name: string): void => void there.deliver(name, letter((number += 1)), number % 2 === 0 ? { flags: ['$seen'] } : {});
    for (let i = 0; i < 10; i += 1) deliver('INBOX');
    for (let i = 0; i < 5; i += 1) deliver('Work');
    there.deliver('INBOX', letter('twin'));
    there.deliver('INBOX', letter('nameless', null));
    deliver('Sent');
    for (const kind of kinds) {
      await bench.round(kind);
      const before = uidsOf(bench);
      deliver('INBOX');
      if (kind !== 'pop3') deliver('Work');
      await bench.round(kind);
      await bench.round(kind);
      expectUnchanged(before, bench);
    }
    if (kinds.at(-1) === 'pop3') return;
    await bench.round(kinds.at(-1) ?? 'imap');
    expect(contentHere(bench.store)).toEqual(mailThere(there));
    expect(bench.report.report.found.messages).toBe(there.mailboxes.flatMap((mailbox) => mailbox.messages).length);
  });

  test('identical messages stay as many as they are over paths of one id space', async () => {
    await using bench = await openBench();
    for (let i = 0; i < 3; i += 1) bench.there.deliver('INBOX', letter('same'));
    for (const kind of ['imap', 'roundcube', 'pop3', 'imap', 'jmap', 'jmap', 'jmap', 'imap'] as const) {
      await bench.round(kind);
      expect(bench.here()['INBOX']?.map((message) => message.uid)).toEqual([1, 2, 3]);
    }
  });

  test('mail to oneself, a copy from a list and one that was filed twice stay messages of their own', async () => {
    await using bench = await openBench();
    const { there } = bench;
    there.createMailbox('Sent', 'sent');
    there.createMailbox('Work');
    const sent = letter('to all');
    const trace = (via: string): Buffer => Buffer.concat([Buffer.from(`Received: by ${via}; Thu, 01 Jan 2026 00:00:01 +0000\r\n`), sent]);
    there.deliver('Sent', sent, { flags: ['$seen'] });
    there.deliver('INBOX', trace('mx.memory.test'));
    there.deliver('INBOX', Buffer.concat([trace('list.elsewhere.test'), Buffer.from('\r\n-- \r\nto leave this list')]));
    there.deliver('INBOX', sent);
    there.deliver('Work', sent);
    there.deliver('Work', sent);
    await bench.round('imap');
    const before = uidsOf(bench);
    expect(before.size).toBe(6);
    for (const kind of ['roundcube', 'pop3', 'jmap', 'imap', 'jmap', 'roundcube', 'imap'] as const) {
      for (let i = 0; i < 3; i += 1) await bench.round(kind);
      expect(uidsOf(bench)).toEqual(before);
    }
    expect(contentHere(bench.store)).toEqual(mailThere(there));
  });

  test('Roundcube knows the ids of IMAP again by samples, and fetches nothing twice', async () => {
    await using bench = await openBench();
    for (let i = 0; i < 50; i += 1) bench.there.deliver('INBOX', letter(i));
    await bench.round('imap');
    let fetched = 0;
    bench.provider.paths.roundcube.faults.onCall = (name, when) => {
      if (name === 'fetch' && when === 'after') fetched += 1;
    };
    await bench.round('roundcube');
    expect(fetched).toBeLessThanOrEqual(5);
  });

  test('where the UIDs were given anew while nobody looked, the samples tell', async () => {
    await using bench = await openBench();
    for (let i = 0; i < 20; i += 1) bench.there.deliver('INBOX', letter(i));
    await bench.round('imap');
    const before = uidsOf(bench);
    bench.there.expunge('INBOX', 3);
    bench.there.renumber('INBOX');
    for (let i = 0; i < 4; i += 1) await bench.round('roundcube');
    // Lost or deleted: nobody can tell any more.
    expect(uidsOf(bench)).toEqual(before);
    await releaseHeld(bench.store, bench.clock);
    for (let i = 0; i < 2; i += 1) await bench.round('roundcube');
    expect(contentHere(bench.store)).toEqual(mailThere(bench.there));
    const now = uidsOf(bench);
    for (const [place, hash] of now) expect(before.get(place)).toBe(hash);
    await bench.round('imap');
    await bench.round('imap');
    expect(uidsOf(bench)).toEqual(now);
  });

  test('what was deleted upstream while a better path was down is noticed by the other one', async () => {
    await using bench = await openBench();
    for (let i = 0; i < 20; i += 1) bench.there.deliver('INBOX', letter(i));
    await bench.round('imap');
    bench.there.expunge('INBOX', 5);
    for (let i = 0; i < 4; i += 1) await bench.round('jmap');
    expect(contentHere(bench.store)).toEqual(mailThere(bench.there));
    expect(bench.here()['INBOX']).toHaveLength(19);
  });

  test('a change to one of two equal messages waits where JMAP can not tell them apart', async () => {
    await using bench = await openBench();
    for (let i = 0; i < 2; i += 1) bench.there.deliver('INBOX', letter('same'));
    await bench.round('imap');
    await bench.round('jmap');
    await bench.mailboxes.write(ALICE, (mail) => expungeMessages(mail, bench.messageIds('INBOX').slice(0, 1), 'here'));
    for (let i = 0; i < 3; i += 1) await bench.round('jmap');
    expect(bench.there.mailbox('INBOX').messages).toHaveLength(2);
    for (let i = 0; i < 3; i += 1) await bench.round('imap');
    expect(bench.openIntents()).toBe(0);
    expect(contentHere(bench.store)).toEqual(mailThere(bench.there));
  });

  test('what a path hides because it is marked as deleted is not gone', async () => {
    await using bench = await openBench();
    for (let i = 0; i < 10; i += 1) bench.there.deliver('INBOX', letter(i), i === 4 ? { flags: ['$deleted'] } : {});
    await bench.round('imap');
    const before = bench.here();
    bench.provider.paths.jmap.faults.hidesDeleted = true;
    for (let i = 0; i < 4; i += 1) await bench.round('jmap');
    await bench.round('imap');
    expect(bench.here()).toEqual(before);
  });

  test('of identical messages one is deleted upstream: POP3, which knew all of them, does not bring it back', async () => {
    await using bench = await openBench();
    let number = 0;
    const deliver = (times: number): void => {
      for (let i = 0; i < times; i += 1) bench.there.deliver('INBOX', letter((number += 1)));
    };
    bench.there.deliver('INBOX', letter('same'));
    deliver(18);
    const second = bench.there.deliver('INBOX', letter('same'));
    deliver(39);
    bench.there.deliver('INBOX', letter('same'));
    await bench.round('imap');
    // What is fetched together is another lot now: equal messages are told apart otherwise by the two paths.
    deliver(45);
    await bench.round('pop3');
    await bench.round('imap');
    bench.there.expunge('INBOX', second);
    const before = uidsOf(bench);
    for (const kind of ['imap', 'imap', 'pop3', 'pop3'] as const) await bench.round(kind);
    expect(contentHere(bench.store)).toEqual(mailThere(bench.there));
    for (const kind of ['imap', 'imap', 'imap', 'pop3', 'imap', 'imap'] as const) await bench.round(kind);
    expect(contentHere(bench.store)).toEqual(mailThere(bench.there));
    for (const [place, hash] of uidsOf(bench)) expect(before.get(place)).toBe(hash);
  });

  test('a flag that one path brought, and that is taken away before the next look of another, goes here too', async () => {
    await using bench = await openBench();
    const [first, second] = [1, 2].map((number) => bench.there.deliver('INBOX', letter(number)));
    for (const kind of ['imap', 'jmap', 'imap'] as const) await bench.round(kind);
    bench.there.changeFlags('INBOX', first ?? 0, { add: ['$flagged', 'word'], remove: [] });
    const [, message] = bench.messageIds('INBOX');
    await bench.mailboxes.write(ALICE, (mail) =>
      changeFlags(mail, message ? [message] : [], { add: ['$seen', 'mine'], remove: [] }, 'here'),
    );
    await bench.round('imap');
    await bench.round('imap');
    expect(contentHere(bench.store)).toEqual(mailThere(bench.there));
    bench.there.changeFlags('INBOX', first ?? 0, { add: [], remove: ['$flagged', 'word'] });
    bench.there.changeFlags('INBOX', second ?? 0, { add: [], remove: ['$seen', 'mine'] });
    await bench.round('jmap');
    expect(contentHere(bench.store)).toEqual(mailThere(bench.there));
  });

  test('POP3 shows INBOX only, and deletes nothing here', async () => {
    await using bench = await openBench();
    bench.there.createMailbox('Work');
    for (let i = 0; i < 5; i += 1) bench.there.deliver('INBOX', letter(i));
    await bench.round('imap');
    bench.there.move('INBOX', 1, 'Work');
    bench.there.deliver('INBOX', letter('new'));
    for (let i = 0; i < 4; i += 1) await bench.round('pop3');
    expect(bench.here()['INBOX']).toHaveLength(6);
    for (let i = 0; i < 4; i += 1) await bench.round('imap');
    expect(contentHere(bench.store)).toEqual(mailThere(bench.there));
  });
});
