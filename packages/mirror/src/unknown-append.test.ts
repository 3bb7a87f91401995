/* The process dies, or the answer is lost, when upstream has stored a message; and somebody moves it on before it is looked for. */
import { describe, expect, test } from 'vitest';
import { MailError, type IncomingSession } from '@stopgap/core';
import { changeFlags, copyMessages, createMailbox, deleteMailbox, expungeMessages, moveMessages } from '@stopgap/mailbox';
import type { ViewKind } from '@stopgap/testkit';
import { act, append, mailbox, message } from './test-acts.ts';
import { contentHere, hashOf, letter, mailThere, openBench, type Bench } from './test-bench.ts';

const OWN = letter('own');

async function mirrored(): Promise<Bench> {
  const bench = await openBench();
  for (const name of ['Work', 'Shop']) bench.there.createMailbox(name);
  for (let i = 0; i < 6; i += 1) bench.there.deliver('INBOX', letter(i));
  await bench.round('imap');
  return bench;
}

/** The next change upstream is done, or not, and nobody hears of it. */
async function dies(bench: Bench, when: 'before' | 'after', kind: ViewKind = 'imap'): Promise<void> {
  bench.provider.paths[kind].faults.losesAnswer = when;
  await bench.round(kind).catch(() => undefined);
  bench.restart();
}

function moveThere(bench: Bench, from: string, to: string): void {
  const uid = bench.there.mailbox(from).messages.at(-1)?.uid;
  if (uid === undefined) throw new Error(`nothing in ${from}`);
  bench.there.move(from, uid, to);
}

async function rounds(bench: Bench, kind: ViewKind = 'imap', count = 6): Promise<void> {
  for (let i = 0; i < count; i += 1) await bench.round(kind);
}

function countThere(bench: Bench, bytes: Buffer): Record<string, number> {
  const hash = hashOf(bytes);
  const found = Object.entries(mailThere(bench.there)).map(
    ([name, messages]) => [name, messages.filter((one) => one.startsWith(hash)).length] as const,
  );
  return Object.fromEntries(found.filter(([, count]) => count > 0));
}

function expectSame(bench: Bench): void {
  expect(contentHere(bench.store)).toEqual(mailThere(bench.there));
  expect(bench.openIntents()).toBe(0);
}

describe.each(['imap', 'roundcube', 'jmap'] as const)('stored by %s, and moved on by somebody', (kind) => {
  test.each(['INBOX', 'Shop', 'New'])('it is found in %s, and not stored again', async (to) => {
    await using bench = await mirrored();
    await bench.round(kind);
    await append(bench, 'Work', OWN);
    await dies(bench, 'after', kind);
    bench.there.createMailbox(to);
    moveThere(bench, 'Work', to);
    await rounds(bench, kind);
    expect(countThere(bench, OWN)).toEqual({ [to]: 1 });
    expectSame(bench);
  });
});

test('trimmed by the webmail, it is the same message', async () => {
  await using bench = await mirrored();
  await bench.round('roundcube');
  await append(bench, 'Work', Buffer.concat([OWN, Buffer.from('\r\n\r\n')]));
  await dies(bench, 'after', 'roundcube');
  moveThere(bench, 'Work', 'Shop');
  await rounds(bench, 'roundcube');
  expect(countThere(bench, OWN)).toEqual({ Shop: 1 });
  expectSame(bench);
});

test('moved while the mailboxes are looked at, so that it is seen in neither, it is looked for once more', async () => {
  await using bench = await mirrored();
  await append(bench, 'Work', OWN);
  await dies(bench, 'after');
  const { faults } = bench.provider.paths.imap;
  let listed = 0;
  faults.onCall = (name, when) => {
    if (name !== 'changes' || when !== 'before') return;
    listed += 1;
    // INBOX was listed before, Work is listed now.
    if (listed === 2) moveThere(bench, 'Work', 'INBOX');
  };
  await bench.round('imap');
  faults.onCall = undefined;
  await rounds(bench);
  expect(countThere(bench, OWN)).toEqual({ INBOX: 1 });
  expectSame(bench);
});

test('what was done to it here meanwhile follows what was done there, as with any message that was moved there', async () => {
  await using bench = await mirrored();
  await append(bench, 'Work', OWN);
  await dies(bench, 'after');
  moveThere(bench, 'Work', 'Shop');
  await act(bench, (mail) => {
    const id = message(bench, 'Work');
    changeFlags(mail, [id], { add: ['$flagged'], remove: [] }, 'here');
    moveMessages(mail, [id], mailbox(bench, 'INBOX'), 'here');
  });
  await rounds(bench);
  expect(countThere(bench, OWN)).toEqual({ Shop: 1 });
  expectSame(bench);
});

test('deleted here, it stays where somebody moved it', async () => {
  await using bench = await mirrored();
  await append(bench, 'Work', OWN);
  await dies(bench, 'after');
  moveThere(bench, 'Work', 'Shop');
  await act(bench, (mail) => expungeMessages(mail, [message(bench, 'Work')], 'here'));
  await rounds(bench);
  expect(countThere(bench, OWN)).toEqual({ Shop: 1 });
  expectSame(bench);
});

describe('a copy of a message that upstream has', () => {
  const original = letter(5);

  async function copied(bench: Bench): Promise<void> {
    await act(bench, (mail) => copyMessages(mail, [message(bench, 'INBOX', -1)], mailbox(bench, 'Work'), 'here'));
  }

  test('the copy was moved on: it is there', async () => {
    await using bench = await mirrored();
    await copied(bench);
    await dies(bench, 'after');
    moveThere(bench, 'Work', 'Shop');
    await rounds(bench);
    expect(countThere(bench, original)).toEqual({ INBOX: 1, Shop: 1 });
    expectSame(bench);
  });

  test('the original was moved on, and there is no copy: it is stored', async () => {
    await using bench = await mirrored();
    await copied(bench);
    await dies(bench, 'before');
    moveThere(bench, 'INBOX', 'Shop');
    await rounds(bench);
    expect(countThere(bench, original)).toEqual({ Shop: 1, Work: 1 });
    expectSame(bench);
  });

  test('both were moved on: nothing is stored again', async () => {
    await using bench = await mirrored();
    await copied(bench);
    await dies(bench, 'after');
    moveThere(bench, 'INBOX', 'Shop');
    moveThere(bench, 'Work', 'Shop');
    await rounds(bench);
    expect(countThere(bench, original)).toEqual({ Shop: 2 });
    expectSame(bench);
  });

  test('the original was moved on, which is not believed yet, and there is no copy: it is stored', async () => {
    await using bench = await mirrored();
    await copied(bench);
    await dies(bench, 'before');
    for (const uid of [1, 2, 3, 4]) bench.there.expunge('INBOX', uid);
    moveThere(bench, 'INBOX', 'Shop');
    await rounds(bench, 'imap', 3);
    bench.clock.jump(3_600_000);
    await rounds(bench, 'imap', 3);
    expect(bench.here()['INBOX']).toHaveLength(6);
    expect(countThere(bench, original)).toEqual({ Shop: 1, Work: 1 });
  });

  test('another copy was made here: it is none that came about by itself', async () => {
    await using bench = await mirrored();
    await copied(bench);
    await dies(bench, 'before');
    await act(bench, (mail) => copyMessages(mail, [message(bench, 'INBOX', -1)], mailbox(bench, 'Shop'), 'here'));
    await rounds(bench);
    expect(countThere(bench, original)).toEqual({ INBOX: 1, Shop: 1, Work: 1 });
    expectSame(bench);
  });
});

test('nothing of it is there: it is stored, and nothing else waits for it', async () => {
  await using bench = await mirrored();
  await append(bench, 'Work', OWN);
  await dies(bench, 'before');
  bench.there.deliver('Shop', letter('other'));
  await act(bench, (mail) => createMailbox(mail, { name: 'Made', isSubscribed: true, by: 'here' }));
  await bench.round('imap');
  expect(bench.there.find('Made')).toBeDefined();
  expect(countThere(bench, OWN)).toEqual({});
  await rounds(bench, 'imap', 2);
  expect(countThere(bench, OWN)).toEqual({ Work: 1 });
  expectSame(bench);
});

test('a mailbox that can not be seen through is waited for, but not for ever', async () => {
  await using bench = await mirrored();
  await append(bench, 'Work', OWN);
  await dies(bench, 'before');
  // Half of INBOX is gone, which a person has to look at.
  for (const uid of [1, 2, 3, 4]) bench.there.expunge('INBOX', uid);
  await rounds(bench, 'imap', 4);
  expect(countThere(bench, OWN)).toEqual({});
  bench.clock.jump(3_600_000);
  await rounds(bench, 'imap', 3);
  expect(countThere(bench, OWN)).toEqual({ Work: 1 });
});

test('in a mailbox beyond those that are mirrored: after an hour it is told, and not stored again', async () => {
  await using bench = await openBench({ settings: { mostMailboxes: 2 } });
  bench.there.createMailbox('Work');
  await bench.round('imap');
  // More than are mirrored, and this one is the last of them.
  await act(bench, (mail) => createMailbox(mail, { name: 'Made', isSubscribed: true, by: 'here' }));
  await bench.round('imap');
  await append(bench, 'Made', OWN);
  const { faults } = bench.provider.paths.imap;
  faults.onCall = (name) => {
    if (name === 'append') faults.losesAnswer = 'after';
  };
  await bench.round('imap').catch(() => undefined);
  bench.restart();
  faults.onCall = undefined;
  expect(countThere(bench, OWN)).toEqual({ Made: 1 });
  for (let hour = 0; hour < 2; hour += 1) {
    await rounds(bench);
    bench.clock.jump(3_600_000);
  }
  await rounds(bench);
  expect(countThere(bench, OWN)).toEqual({ Made: 1 });
  expect(bench.openIntents()).toBe(0);
  expect(bench.here()['Recovered']?.map(({ hash }) => hash)).toEqual([hashOf(OWN)]);
  expect(bench.report.report.notCarriedBack).toEqual([{ what: 'append of a message in Made', why: expect.stringContaining('Made') }]);
});

describe('what was begun, where its own mailbox can not be seen through', () => {
  /** It is listed, and may not be opened any more. */
  function closes(bench: Bench, closed: string): void {
    const { upstream } = bench.provider.paths.imap;
    const open = upstream.open?.bind(upstream);
    Object.assign(upstream, {
      open: async (...args: Parameters<NonNullable<typeof open>>) => {
        const session = await open?.(...args);
        return {
          ...session,
          changes(...asked: Parameters<IncomingSession['changes']>) {
            const reason = { class: 'policy', text: 'Permission denied' } as const;
            if (asked[0] === closed) return Promise.reject(new MailError('transient', reason.text, { code: 'refused', reason }));
            return session?.changes(...asked);
          },
        };
      },
    });
  }

  /** A part of INBOX is gone, which a person has to look at. */
  function lose(bench: Bench, uids: readonly number[]): void {
    for (const uid of uids) bench.there.expunge('INBOX', uid);
  }

  test('an append is waited for an hour, then told, and not stored again', async () => {
    await using bench = await mirrored();
    await append(bench, 'INBOX', OWN);
    await dies(bench, 'before');
    lose(bench, [1, 2, 3, 4]);
    await rounds(bench, 'imap', 4);
    expect(bench.openIntents()).toBe(1);
    bench.clock.jump(3_600_000);
    await rounds(bench, 'imap', 1);
    expect(bench.openIntents()).toBe(0);
    expect(countThere(bench, OWN)).toEqual({});
    expect(bench.here()['Recovered']?.map(({ hash }) => hash)).toEqual([hashOf(OWN)]);
    expect(bench.report.report.notCarriedBack).toEqual([{ what: 'append of a message in INBOX', why: expect.stringContaining('INBOX') }]);
    expect(bench.told.filter(({ name }) => name === 'notCarriedBack')).toHaveLength(1);
  });

  test('an outage is no part of that hour', async () => {
    await using bench = await mirrored();
    await append(bench, 'INBOX', OWN);
    await dies(bench, 'before');
    bench.clock.jump(3_600_000);
    // Missed once is nothing yet: a minute later it is known what became of it.
    lose(bench, [1]);
    await rounds(bench);
    expect(countThere(bench, OWN)).toEqual({ INBOX: 1 });
    expectSame(bench);
  });

  test('a move is waited for an hour, then told, and what it was about is where it was', async () => {
    await using bench = await mirrored();
    await act(bench, (mail) => moveMessages(mail, [message(bench, 'INBOX', -1)], mailbox(bench, 'Work'), 'here'));
    await dies(bench, 'before');
    lose(bench, [1, 2, 3, 4]);
    await rounds(bench, 'imap', 4);
    bench.clock.jump(3_600_000);
    await rounds(bench, 'imap', 6);
    expect(bench.openIntents()).toBe(0);
    expect(bench.report.report.notCarriedBack).toEqual([{ what: 'move of a message in Work', why: expect.stringContaining('INBOX') }]);
    expect(bench.here()['INBOX']).toHaveLength(6);
    expect(bench.here()['Work']).toHaveLength(0);
  });

  test.each([false, true])(
    'a message that is not to be seen where it was moved to stays here (by another path, too: %s)',
    async (isKnownToJmap) => {
      await using bench = await mirrored();
      if (isKnownToJmap) await bench.round('jmap');
      await bench.round('imap');
      const moved = letter(0);
      await act(bench, (mail) => moveMessages(mail, [message(bench, 'INBOX')], mailbox(bench, 'Work'), 'here'));
      await dies(bench, 'after');
      expect(countThere(bench, moved)).toEqual({ Work: 1 });
      closes(bench, 'Work');
      await rounds(bench);
      bench.clock.jump(3_600_000);
      await rounds(bench);
      expect(bench.openIntents()).toBe(0);
      expect(bench.report.report.notCarriedBack).toEqual([{ what: 'move of a message in Work', why: expect.stringContaining('Work') }]);
      for (let day = 0; day < 2; day += 1) {
        bench.clock.jump(24 * 3_600_000);
        await rounds(bench);
      }
      expect(bench.here()['Recovered']?.map(({ hash }) => hash)).toEqual([hashOf(moved)]);
      expect(bench.here()['INBOX']).toHaveLength(5);
    },
  );

  test('a move out of a mailbox that was deleted here since is kept in Recovered before that one is deleted there', async () => {
    await using bench = await mirrored();
    bench.there.deliver('Shop', OWN);
    await bench.round('imap');
    await act(bench, (mail) => moveMessages(mail, [message(bench, 'Shop')], mailbox(bench, 'INBOX'), 'here'));
    await dies(bench, 'before');
    lose(bench, [1, 2, 3, 4]);
    await act(bench, (mail) => deleteMailbox(mail, mailbox(bench, 'Shop'), 'here'));
    await rounds(bench, 'imap', 4);
    bench.clock.jump(3_600_000);
    await rounds(bench, 'imap', 6);
    expect(bench.openIntents()).toBe(0);
    expect(bench.here()['Recovered']?.map(({ hash }) => hash)).toEqual([hashOf(OWN)]);
    await act(bench, (mail) => moveMessages(mail, [message(bench, 'Recovered')], mailbox(bench, 'Work'), 'here'));
    await rounds(bench, 'imap', 1);
    expect(countThere(bench, OWN)).toEqual({ Work: 1 });
  });
});
