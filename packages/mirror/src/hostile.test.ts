import { describe, expect, test } from 'vitest';
import type { ViewKind } from '@stopgap/testkit';
import { asId, MailError, type FetchedMessage, type IncomingSession, type MailboxId } from '@stopgap/core';
import { changeFlags, expungeMessages, moveMessages } from '@stopgap/mailbox';
import { ALICE, contentHere, letter, mailThere, openBench, type Bench } from './test-bench.ts';
import { releaseHeld } from './test-mailbox-changes.ts';

async function mirrored(kind: ViewKind = 'imap', messages = 30): Promise<Bench> {
  const bench = await openBench();
  bench.there.createMailbox('Work');
  for (let i = 0; i < messages; i += 1) bench.there.deliver('INBOX', letter(i));
  for (let i = 0; i < 5; i += 1) bench.there.deliver('Work', letter(`work ${i}`));
  await bench.round(kind);
  return bench;
}

const PROTOCOL = { class: 'protocol', text: 'half a message' } as const;

function notAllowed(): MailError {
  return new MailError('transient', 'Permission denied', { code: 'refused', reason: { class: 'policy', text: 'Permission denied' } });
}

/** What is fetched by IMAP comes so. Returns how many were asked for in each call. */
function giving(bench: Bench, told: (message: FetchedMessage) => FetchedMessage): readonly number[] {
  const calls: number[] = [];
  const { upstream } = bench.provider.paths.imap;
  const open = upstream.open?.bind(upstream);
  Object.assign(upstream, {
    open: async (...args: Parameters<NonNullable<typeof open>>) => {
      const session = await open?.(...args);
      return {
        ...session,
        async *fetch(...asked: Parameters<IncomingSession['fetch']>) {
          calls.push(asked[1].length);
          for await (const message of session?.fetch(...asked) ?? []) yield told(message);
        },
      };
    },
  });
  return calls;
}

/** Rounds that may fail. */
async function rounds(bench: Bench, kind: ViewKind, times: number): Promise<void> {
  for (let i = 0; i < times; i += 1) await bench.round(kind).catch(() => undefined);
}

describe('a provider that lies destroys nothing', () => {
  for (const kind of ['imap', 'roundcube', 'jmap', 'pop3'] as const) {
    test.each(['empty', 'half', 'void', 'doubled', 'backwards'] as const)(`${kind}: %s`, async (lie) => {
      await using bench = await mirrored(kind);
      const before = bench.here();
      const { faults } = bench.provider.paths[kind];
      faults.lie = lie;
      bench.restart();
      await rounds(bench, kind, 5);
      expect(bench.here()).toEqual(before);
      faults.lie = undefined;
      await rounds(bench, kind, 2);
      expect(bench.here()).toEqual(before);
      expect(bench.told.filter((one) => one.name === 'deletionsHeld').length).toBeLessThanOrEqual(2);
    });

    test.each(['login-page', 'short-body'] as const)(`${kind}: %s as a new message`, async (lie) => {
      await using bench = await mirrored(kind);
      const before = bench.here();
      const { faults } = bench.provider.paths[kind];
      faults.lie = lie;
      bench.there.deliver('INBOX', letter('new'));
      await rounds(bench, kind, 2);
      expect(bench.here()).toEqual(before);
      faults.lie = undefined;
      await rounds(bench, kind, 2);
      // POP3 shows INBOX alone.
      expect(contentHere(bench.store)['INBOX']).toEqual(mailThere(bench.there)['INBOX']);
    });
  }

  test('a mailbox that it lists and does not open is left out, and told; one that all depends on is waited for', async () => {
    await using bench = await mirrored();
    const before = bench.here();
    const { faults } = bench.provider.paths.imap;
    let refused = 'Work';
    let listed = 0;
    faults.onCall = (name, when) => {
      if (name === 'list') listed = 0;
      if (name !== 'changes' || when !== 'before') return;
      listed += 1;
      if ((listed === 2) === (refused === 'Work')) throw notAllowed();
    };
    for (const name of ['INBOX', 'Work']) bench.there.deliver(name, letter(`new in ${name}`));
    await bench.round('imap');
    expect(bench.here()['INBOX']).toHaveLength(31);
    expect(bench.here()['Work']).toEqual(before['Work']);
    expect(bench.report.report.unreadable).toEqual([{ what: 'mailbox Work', why: 'Permission denied' }]);
    refused = 'INBOX';
    bench.restart();
    await expect(bench.round('imap')).rejects.toThrow('Permission denied');
    faults.onCall = undefined;
    await bench.round('imap');
    expect(contentHere(bench.store)).toEqual(mailThere(bench.there));
  });

  test.each(['imap', 'roundcube'] as const)('what was held and is there again under other UIDs is the same: %s', async (kind) => {
    await using bench = await mirrored(kind);
    const before = bench.here();
    const gone = [...(bench.there.find('INBOX')?.messages ?? [])].slice(0, 25);
    for (const { uid } of gone) bench.there.expunge('INBOX', uid);
    await rounds(bench, kind, 3);
    expect(bench.here()).toEqual(before);
    for (const { bytes } of gone) bench.there.deliver('INBOX', bytes);
    await rounds(bench, kind, 3);
    expect(bench.here()).toEqual(before);
    expect(contentHere(bench.store)).toEqual(mailThere(bench.there));
    expect(bench.report.report.held).toEqual([]);
  });

  test('a message that is never given is left out and told, and the others come', async () => {
    await using bench = await mirrored();
    bench.there.deliver('INBOX', letter('poison'));
    bench.provider.paths.imap.faults.lie = 'short-body';
    await rounds(bench, 'imap', 4);
    bench.provider.paths.imap.faults.lie = undefined;
    bench.there.deliver('INBOX', letter('new'));
    await bench.round('imap');
    expect(bench.here()['INBOX']).toHaveLength(31);
    expect(bench.report.report.unreadable).toHaveLength(1);
  });

  test('which message is never given is found out, in whatever order the provider gives those that are asked for together', async () => {
    await using bench = await mirrored();
    // In the order of the mailbox, and it breaks off at the oldest of the new ones.
    giving(bench, (message) => {
      if (message.id === '31') throw new MailError('protocol', 'half a message', { code: 'void', reason: PROTOCOL });
      return message;
    });
    for (const name of ['poison', 'a', 'b', 'c']) bench.there.deliver('INBOX', letter(name));
    await rounds(bench, 'imap', 5);
    expect(bench.here()['INBOX']).toHaveLength(33);
    expect(bench.report.report.unreadable).toMatchObject([{ what: 'message 31 in INBOX' }]);
  });

  test('for one message that is never given, only what was asked for with it is asked for singly, and the newest come first', async () => {
    await using bench = await mirrored();
    const calls = giving(bench, (message) => {
      if (message.id === '200') throw new MailError('protocol', 'half a message', { code: 'void', reason: PROTOCOL });
      return message;
    });
    for (let i = 0; i < 200; i += 1) bench.there.deliver('INBOX', letter(`new ${i}`));
    // 131 to 230 are asked for first, in the order of the mailbox.
    await rounds(bench, 'imap', 2);
    expect(calls[0]).toBe(100);
    expect(bench.here()['INBOX']).toHaveLength(30 + 99);
    await rounds(bench, 'imap', 3);
    expect(bench.here()['INBOX']).toHaveLength(30 + 199);
    expect(bench.report.report.unreadable).toMatchObject([{ what: 'message 200 in INBOX' }]);
    expect(calls.filter((count) => count === 1).length).toBeLessThan(40);
  });

  test('nothing at all in the place of a message that was listed with a size is none, though the path takes it for its size', async () => {
    await using bench = await mirrored();
    giving(bench, (message) => ({ ...message, sizeBytes: 0, bytes: (async function* () {})() }));
    bench.there.deliver('INBOX', letter('new'));
    await rounds(bench, 'imap', 4);
    expect(bench.here()['INBOX']).toHaveLength(30);
    expect(bench.report.report.unreadable).toMatchObject([{ what: 'message 31 in INBOX' }]);
  });

  test('a person lets go what was missing by then, and nothing of what is missing later', async () => {
    await using bench = await mirrored('imap', 60);
    const vanish = (from: number, to: number): void => {
      for (let uid = from; uid <= to; uid += 1) bench.there.expunge('INBOX', uid);
    };
    vanish(1, 25);
    await rounds(bench, 'imap', 3);
    await releaseHeld(bench.store, bench.clock);
    vanish(26, 55);
    await rounds(bench, 'imap', 4);
    expect(bench.here()['INBOX']).toHaveLength(35);
    expect(bench.told.filter((one) => one.name === 'deletionsHeld')).toMatchObject([{ event: { gone: 25 } }, { event: { gone: 30 } }]);
  });

  test('what was held comes back one by one, with a look after each: none of the rest goes', async () => {
    await using bench = await mirrored();
    const before = bench.here();
    const gone = [...(bench.there.find('INBOX')?.messages ?? [])].slice(0, 25);
    for (const { uid } of gone) bench.there.expunge('INBOX', uid);
    await rounds(bench, 'imap', 3);
    for (const { bytes } of gone) {
      bench.there.deliver('INBOX', bytes);
      await bench.round('imap');
      expect(bench.here()).toEqual(before);
    }
  });

  test.each(['imap', 'roundcube', 'jmap', 'pop3'] as const)('%s: the session ends in the middle of a fetch', async (kind) => {
    await using bench = await mirrored(kind);
    for (let i = 0; i < 20; i += 1) bench.there.deliver('INBOX', letter(`new ${i}`));
    bench.provider.paths[kind].faults.endsAfterFetched = 3;
    await rounds(bench, kind, 3);
    bench.provider.paths[kind].faults.endsAfterFetched = undefined;
    await bench.round(kind);
    expect(contentHere(bench.store)['INBOX']).toEqual(mailThere(bench.there)['INBOX']);
  });

  test.each(['imap', 'roundcube', 'pop3'] as const)('%s: all ids are given anew, with the same mail: no UID here changes', async (kind) => {
    await using bench = await mirrored(kind);
    bench.there.deliver('INBOX', letter('twin'));
    bench.there.deliver('INBOX', letter('twin'));
    await bench.round(kind);
    const before = bench.here();
    bench.there.renumber('INBOX');
    await rounds(bench, kind, 3);
    expect(bench.here()).toEqual(before);
  });

  test('a mailbox is made anew with other mail under the same name', async () => {
    await using bench = await mirrored();
    bench.there.deleteMailbox('Work');
    bench.there.createMailbox('Work');
    bench.there.deliver('Work', letter('other'));
    const before = bench.here()['Work'] ?? [];
    await rounds(bench, 'imap', 4);
    expect(bench.here()['Work']).toEqual([...before, expect.objectContaining({ uid: 6 })]);
    expect(bench.told.filter((one) => one.name === 'deletionsHeld')).toMatchObject([{ event: { mailbox: 'Work' } }]);
  });

  test.each(['imap', 'roundcube', 'jmap'] as const)('%s: a mailbox is renamed: so is ours, and its UIDs stay', async (kind) => {
    await using bench = await mirrored(kind);
    const before = bench.here()['Work'];
    bench.there.renameMailbox('Work', 'Projects');
    await rounds(bench, kind, 3);
    expect(bench.here()['Projects']).toEqual(before);
    expect(Object.keys(bench.here())).toEqual(['INBOX', 'Projects']);
  });

  test.each(['imap', 'roundcube', 'jmap'] as const)(
    '%s: a mailbox vanishes: what was only there is kept until a person decides',
    async (kind) => {
      await using bench = await mirrored(kind);
      bench.there.deleteMailbox('Work');
      const before = bench.here();
      await rounds(bench, kind, 5);
      expect(bench.here()).toEqual(before);
      expect(bench.told.filter((one) => one.name === 'deletionsHeld')).toHaveLength(1);
    },
  );

  test('an empty mailbox that vanishes goes here too, the second time', async () => {
    await using bench = await mirrored();
    bench.there.createMailbox('Empty');
    await bench.round('imap');
    bench.there.deleteMailbox('Empty');
    await bench.round('imap');
    expect(Object.keys(bench.here())).toContain('Empty');
    await bench.round('imap');
    expect(Object.keys(bench.here())).not.toContain('Empty');
  });

  test('many messages that were only moved are no loss', async () => {
    await using bench = await mirrored();
    for (let uid = 1; uid <= 30; uid += 1) bench.there.move('INBOX', uid, 'Work');
    await rounds(bench, 'imap', 4);
    expect(contentHere(bench.store)).toEqual(mailThere(bench.there));
    expect(bench.told.filter((one) => one.name === 'deletionsHeld')).toEqual([]);
  });

  test('what is done here is not taken for settled because a lying listing does not show its message', async () => {
    await using bench = await mirrored();
    await bench.mailboxes.write(ALICE, (mail) =>
      changeFlags(mail, bench.messageIds('INBOX').slice(0, 1), { add: ['label1'], remove: [] }, 'here'),
    );
    bench.there.renumber('INBOX');
    bench.provider.paths.imap.faults.lie = 'empty';
    await rounds(bench, 'imap', 3);
    expect(bench.openIntents()).toBe(1);
    bench.provider.paths.imap.faults.lie = undefined;
    await rounds(bench, 'imap', 2);
    expect(bench.openIntents()).toBe(0);
    expect(contentHere(bench.store)).toEqual(mailThere(bench.there));
  });

  test('a web page in the place of a message that is to be changed: all ids are found anew, and what waits is told', async () => {
    await using bench = await mirrored();
    await bench.round('roundcube');
    await bench.mailboxes.write(ALICE, (mail) =>
      changeFlags(mail, bench.messageIds('INBOX').slice(-1), { add: ['label1'], remove: [] }, 'here'),
    );
    const { imap, roundcube } = bench.provider.paths;
    roundcube.faults.lie = 'login-page';
    await rounds(bench, 'roundcube', 1);
    imap.faults.onCall = (name) => {
      if (name === 'fetch') throw new Error('the connection broke');
    };
    await rounds(bench, 'imap', 1);
    imap.faults.onCall = undefined;
    bench.clock.jump(3_600_000);
    await rounds(bench, 'imap', 3);
    expect(bench.openIntents()).toBe(0);
    expect(contentHere(bench.store)).toEqual(mailThere(bench.there));
  });

  test.each(['expunge', 'move'] as const)(
    'a UID that means another message now is not touched by a path that can not tell: %s',
    async (what) => {
      await using bench = await mirrored();
      // The newest but one goes elsewhere, and the numbers are given anew: its number is the newest one's now.
      bench.there.move('INBOX', 29, 'Work');
      bench.there.renumber('INBOX');
      const newest = bench.there.mailbox('INBOX').messages.at(-1)?.bytes;
      const gone = bench.messageIds('INBOX').slice(28, 29);
      await bench.mailboxes.write(ALICE, (mail) => {
        if (what === 'expunge') expungeMessages(mail, gone, 'here');
        else
          moveMessages(
            mail,
            gone,
            mail.tx.get<{ id: MailboxId }>(`SELECT id FROM mailbox WHERE name = 'Work'`)?.id ?? asId.mailbox(0),
            'here',
          );
      });
      await rounds(bench, 'roundcube', 4);
      expect(bench.there.mailbox('INBOX').messages.at(-1)?.bytes).toEqual(newest);
      await rounds(bench, 'imap', 4);
      expect(contentHere(bench.store)).toEqual(mailThere(bench.there));
      expect(bench.there.mailbox('INBOX').messages).toHaveLength(29);
    },
  );
});
