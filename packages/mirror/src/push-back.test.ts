import { describe, expect, test } from 'vitest';
import { MailError, type SubmissionId } from '@stopgap/core';
import { LONGEST_PREAMBLE_BYTES, preambleLine } from '@stopgap/message';
import {
  changeFlags,
  copyMessages,
  createMailbox,
  deleteMailbox,
  expungeMessages,
  moveMessages,
  renameMailbox,
  restoreMessage,
  setSubscribed,
  type MailTx,
} from '@stopgap/mailbox';
import {
  beginIntent,
  dueSentCopies,
  endAttempt,
  endIntent,
  endSentCopies,
  findSubmission,
  insertAttempt,
  insertIntent,
  insertRecipients,
  insertSubmission,
  keepBlob,
  leaseRecipient,
  listRemoteMessagesOf,
  markAttempt,
  moveRecipient,
  noteSentCopies,
  openIntents,
  postponeIntent,
  putRemoteMessage,
  recipientsOf,
} from '@stopgap/store';
import { act, append, mailbox, message } from './test-acts.ts';
import { ALICE, contentHere, hashOf, letter, mailThere, openBench, type Bench } from './test-bench.ts';

function pathDown(): MailError {
  const text = 'the provider does not answer';
  return new MailError('transient', text, { code: 'session-ended', reason: { class: 'connect', text } });
}

/** As the disk has it when the process dies in the middle of telling. */
async function begin(bench: Bench): Promise<void> {
  await act(bench, ({ tx }) => {
    for (const { id } of openIntents(tx, ALICE, 100)) beginIntent(tx, id, 'path');
  });
}

async function mirrored(): Promise<Bench> {
  const bench = await openBench();
  bench.there.createMailbox('Archive', 'archive');
  bench.there.createMailbox('Sent', 'sent');
  bench.there.createMailbox('Trash', 'trash');
  for (let i = 0; i < 6; i += 1) bench.there.deliver('INBOX', letter(i));
  await bench.round('imap');
  return bench;
}

/** One round, and something that is done just before its n-th transaction. False: it has not so many. */
async function inMoment(bench: Bench, moment: number, job: (mail: MailTx) => unknown): Promise<boolean> {
  let count = 0;
  bench.beforeWrite = async () => {
    count += 1;
    if (count === moment) await act(bench, job);
  };
  await bench.round('imap');
  bench.beforeWrite = undefined;
  return count >= moment;
}

function expectSame(bench: Bench): void {
  expect(contentHere(bench.store)).toEqual(mailThere(bench.there));
  expect(bench.openIntents()).toBe(0);
}

for (const kind of ['imap', 'roundcube', 'jmap'] as const) {
  describe(`carried back by ${kind}`, () => {
    test('flags, moves, deletions, appends and copies, once', async () => {
      await using bench = await mirrored();
      await bench.round(kind);
      await act(bench, (mail) => {
        changeFlags(mail, [message(bench, 'INBOX', 0)], { add: ['$seen', '$flagged'], remove: [] }, 'here');
        moveMessages(mail, [message(bench, 'INBOX', 1)], mailbox(bench, 'Archive'), 'here');
        expungeMessages(mail, [message(bench, 'INBOX', 2)], 'here');
        copyMessages(mail, [message(bench, 'INBOX', 3)], mailbox(bench, 'Archive'), 'here');
      });
      await append(bench, 'Sent', letter('sent'));
      const uids = bench.here();
      for (let i = 0; i < 4; i += 1) await bench.round(kind);
      expectSame(bench);
      expect(Object.values(bench.here()).map((list) => list.map((one) => one.uid))).toEqual(
        Object.values(uids).map((list) => list.map((one) => one.uid)),
      );
    });

    test('mailboxes: made, renamed, deleted', async () => {
      await using bench = await mirrored();
      await bench.round(kind);
      bench.there.deliver('Trash', letter('to be deleted'));
      await act(bench, (mail) => createMailbox(mail, { name: 'New/Below', isSubscribed: true, by: 'here' }));
      await bench.round(kind);
      await append(bench, 'New/Below', letter('below'));
      await act(bench, (mail) => renameMailbox(mail, mailbox(bench, 'New'), { name: 'Other', by: 'here' }));
      await act(bench, (mail) => setSubscribed(mail, mailbox(bench, 'Archive'), { isSubscribed: false, by: 'here' }));
      await act(bench, (mail) => deleteMailbox(mail, mailbox(bench, 'Trash'), 'here'));
      for (let i = 0; i < 4; i += 1) await bench.round(kind);
      expectSame(bench);
      expect(bench.there.find('New')).toBeUndefined();
      expect(bench.there.mailbox('Archive').isSubscribed).toBe(false);
    });

    test('what follows a move in the same outage is told, too', async () => {
      await using bench = await mirrored();
      await bench.round(kind);
      const [flagged, deleted] = [message(bench, 'INBOX', 0), message(bench, 'INBOX', 1)];
      await act(bench, (mail) => moveMessages(mail, [flagged, deleted], mailbox(bench, 'Archive'), 'here'));
      await act(bench, (mail) => changeFlags(mail, [flagged], { add: ['$answered'], remove: [] }, 'here'));
      await bench.round(kind);
      await act(bench, (mail) => expungeMessages(mail, [deleted], 'here'));
      for (let i = 0; i < 4; i += 1) await bench.round(kind);
      expectSame(bench);
      expect(bench.there.mailbox('Archive').messages.map(({ flags }) => flags)).toEqual([['$answered']]);
      expect(bench.report.report.decided).toEqual([]);
    });

    test('a message whose storing was cut off gets its flags', async () => {
      await using bench = await mirrored();
      await bench.round(kind);
      await append(bench, 'Sent', letter('sent'));
      bench.provider.paths[kind].faults.losesAnswer = 'after';
      await bench.round(kind).catch(() => undefined);
      await act(bench, (mail) => changeFlags(mail, [message(bench, 'Sent')], { add: ['$flagged'], remove: [] }, 'here'));
      for (let i = 0; i < 5; i += 1) await bench.round(kind);
      expectSame(bench);
      expect(bench.there.mailbox('Sent').messages.map(({ flags }) => flags)).toEqual([['$flagged', '$seen']]);
    });

    test.each(['before', 'after'] as const)('an answer lost %s the change: nothing is doubled, nothing lost', async (when) => {
      await using bench = await mirrored();
      await bench.round(kind);
      const { faults } = bench.provider.paths[kind];
      for (const what of ['append', 'move', 'flags', 'expunge'] as const) {
        if (what === 'append') await append(bench, 'Archive', letter(`append ${when}`, when === 'after' ? null : '<x@y>'));
        else {
          await act(bench, (mail) => {
            const id = message(bench, 'INBOX', 0);
            if (what === 'move') moveMessages(mail, [id], mailbox(bench, 'Archive'), 'here');
            else if (what === 'flags') changeFlags(mail, [id], { add: ['$flagged'], remove: [] }, 'here');
            else expungeMessages(mail, [id], 'here');
          });
        }
        faults.losesAnswer = when;
        await bench.round(kind).catch(() => undefined);
        bench.restart();
        for (let i = 0; i < 4; i += 1) await bench.round(kind);
        expectSame(bench);
      }
    });

    test('refused for good: an append is kept in Recovered, and told', async () => {
      await using bench = await mirrored();
      await bench.round(kind);
      bench.provider.paths[kind].faults.refusesChanges = 'quota';
      await append(bench, 'Sent', letter('too much'));
      for (let i = 0; i < 3; i += 1) await bench.round(kind);
      expect(bench.here()['Recovered']).toHaveLength(1);
      expect(bench.here()['Sent']).toHaveLength(0);
      expect(bench.report.report.notCarriedBack).toHaveLength(1);
      expect(bench.openIntents()).toBe(0);
    });
  });
}

describe('Recovered', () => {
  async function refused(): Promise<Bench> {
    const bench = await mirrored();
    const { faults } = bench.provider.paths.imap;
    faults.refusesChanges = 'quota';
    await append(bench, 'Sent', letter('too much'));
    await bench.round('imap');
    faults.refusesChanges = undefined;
    expect(bench.here()['Recovered']).toHaveLength(1);
    expect(bench.report.report.notCarriedBack).toEqual([{ what: 'append of a message in Sent', why: 'the provider refused the change' }]);
    return bench;
  }

  test('what is done to its messages there waits for nobody', async () => {
    await using bench = await refused();
    await act(bench, (mail) => changeFlags(mail, [message(bench, 'Recovered')], { add: ['$flagged'], remove: [] }, 'here'));
    expect(bench.openIntents()).toBe(0);
    const id = message(bench, 'Recovered');
    await act(bench, (mail) => expungeMessages(mail, [id], 'here'));
    expect(bench.openIntents()).toBe(0);
    await act(bench, (mail) => restoreMessage(mail, id, { by: 'here' }));
    expect(bench.openIntents()).toBe(0);
    expect(bench.here()['Recovered']).toHaveLength(1);
  });

  test('what was done to a message before it was refused is not told, either', async () => {
    await using bench = await mirrored();
    await append(bench, 'Sent', letter('too much'));
    await begin(bench);
    await act(bench, (mail) => changeFlags(mail, [message(bench, 'Sent')], { add: ['$flagged'], remove: [] }, 'here'));
    bench.provider.paths.imap.faults.refusesChanges = 'quota';
    for (let i = 0; i < 4; i += 1) await bench.round('imap');
    expect(bench.here()['Recovered']?.map(({ flags }) => flags)).toEqual(['$flagged $seen']);
    expect(bench.openIntents()).toBe(0);
    expect(bench.report.report.notCarriedBack).toHaveLength(1);
  });

  test('moved out of it, a message is given to upstream once more', async () => {
    await using bench = await refused();
    await act(bench, (mail) => {
      changeFlags(mail, [message(bench, 'Recovered')], { add: ['$flagged'], remove: [] }, 'here');
      moveMessages(mail, [message(bench, 'Recovered')], mailbox(bench, 'Archive'), 'here');
    });
    for (let i = 0; i < 2; i += 1) await bench.round('imap');
    expect(bench.openIntents()).toBe(0);
    expect(bench.there.mailbox('Archive').messages.map(({ flags }) => flags)).toEqual([['$flagged', '$seen']]);
    // From then on it is one like all others.
    await act(bench, (mail) => moveMessages(mail, [message(bench, 'Archive')], mailbox(bench, 'Trash'), 'here'));
    for (let i = 0; i < 2; i += 1) await bench.round('imap');
    expect(bench.there.mailbox('Archive').messages).toHaveLength(0);
    expect(bench.there.mailbox('Trash').messages).toHaveLength(1);
  });

  test('its messages stay when upstream has a mailbox of that name', async () => {
    await using bench = await refused();
    bench.there.createMailbox('Recovered');
    bench.there.deliver('Recovered', letter('another'));
    for (let i = 0; i < 4; i += 1) await bench.round('imap');
    expect(bench.here()['Recovered']).toHaveLength(2);
    expect(bench.there.mailbox('Recovered').messages).toHaveLength(1);
  });

  test('refused for now, again and again, a message is there after a day, and the others did not wait for it', async () => {
    await using bench = await mirrored();
    const { faults } = bench.provider.paths.imap;
    faults.onCall = (name, when) => {
      if (name === 'append' && when === 'before')
        throw new MailError('transient', 'No', { code: 'refused', reason: { class: 'content', text: 'No' } });
    };
    await append(bench, 'Sent', letter('odd'));
    await act(bench, (mail) => changeFlags(mail, [message(bench, 'INBOX')], { add: ['$flagged'], remove: [] }, 'here'));
    await bench.round('imap');
    expect(bench.openIntents()).toBe(1);
    const beganMs = bench.clock.nowMs();
    while (bench.openIntents() > 0) {
      bench.clock.jump(1_800_000);
      await bench.round('imap');
    }
    expect(bench.clock.nowMs() - beganMs).toBeGreaterThan(20 * 3_600_000);
    expect(bench.here()['Recovered']).toHaveLength(1);
    expect(bench.report.report.notCarriedBack).toEqual([{ what: 'append of a message in Sent', why: 'No' }]);
  });
});

describe('refused for now, again and again', () => {
  const reason = { class: 'policy', text: 'No' } as const;

  /** What is called so is refused; gives how often it was. */
  function refusing(bench: Bench, call: string): () => number {
    let times = 0;
    bench.provider.paths.imap.faults.onCall = (name, when) => {
      if (name !== call || when !== 'before') return;
      times += 1;
      throw new MailError('transient', 'No', { code: 'refused', reason });
    };
    return () => times;
  }

  async function untilEnded(bench: Bench): Promise<number> {
    const beganMs = bench.clock.nowMs();
    while (bench.openIntents() > 0 && bench.clock.nowMs() - beganMs < 48 * 3_600_000) {
      bench.clock.jump(600_000);
      await bench.round('imap');
    }
    return (bench.clock.nowMs() - beganMs) / 3_600_000;
  }

  test('a move is tried for a day, ever more seldom, then told, and the message is where upstream has it', async () => {
    await using bench = await mirrored();
    const before = new Set(bench.messageIds('INBOX'));
    const times = refusing(bench, 'move');
    await act(bench, (mail) => moveMessages(mail, [message(bench, 'INBOX')], mailbox(bench, 'Archive'), 'here'));
    for (let i = 0; i < 120; i += 1) await bench.round('imap');
    expect(bench.openIntents()).toBe(1);
    expect(times()).toBeLessThan(20);
    expect(await untilEnded(bench)).toBeGreaterThan(20);
    expect(bench.openIntents()).toBe(0);
    expect(bench.report.report.notCarriedBack).toEqual([{ what: 'move of a message in Archive', why: 'No' }]);
    expect(new Set(bench.messageIds('INBOX'))).toEqual(before);
    for (let i = 0; i < 3; i += 1) await bench.round('imap');
    expectSame(bench);
  });

  test('an outage is no part of that day: what is refused before it and after it is not given up', async () => {
    await using bench = await mirrored();
    refusing(bench, 'append');
    await append(bench, 'Sent', letter('odd'));
    await bench.round('imap');
    bench.clock.jump(72 * 3_600_000);
    await bench.round('imap');
    expect(bench.openIntents()).toBe(1);
    bench.provider.paths.imap.faults.onCall = undefined;
    bench.clock.jump(3_600_000);
    await bench.round('imap');
    expectSame(bench);
  });

  test('the original of a move that was cut off, which can not be removed, is told after a day', async () => {
    await using bench = await mirrored();
    await act(bench, (mail) => moveMessages(mail, [message(bench, 'INBOX', 1)], mailbox(bench, 'Archive'), 'here'));
    await begin(bench);
    bench.there.deliver('Archive', letter(1));
    refusing(bench, 'expunge');
    await bench.round('imap');
    expect(await untilEnded(bench)).toBeGreaterThan(20);
    expect(bench.report.report.notCarriedBack).toEqual([{ what: 'move of a message in Archive', why: 'No' }]);
    // The next listing in full tells that both are there.
    bench.clock.jump(24 * 3_600_000);
    for (let i = 0; i < 3; i += 1) await bench.round('imap');
    expectSame(bench);
  });

  describe('an outage is no part of that day', () => {
    test('in which calls were tried and failed', async () => {
      await using bench = await mirrored();
      refusing(bench, 'append');
      await append(bench, 'Sent', letter('odd'));
      await bench.round('imap');
      bench.provider.paths.imap.faults.onCall = (name, when) => {
        if (name === 'append' && when === 'before') throw pathDown();
      };
      for (let i = 0; i < 40; i += 1) {
        bench.clock.jump(2_400_000);
        await bench.round('imap').catch(() => undefined);
      }
      refusing(bench, 'append');
      bench.clock.jump(2_400_000);
      await bench.round('imap');
      expect(bench.openIntents()).toBe(1);
      expect(await untilEnded(bench)).toBeGreaterThan(20);
      expect(bench.openIntents()).toBe(0);
    });

    test('for what is left of a move', async () => {
      await using bench = await mirrored();
      await act(bench, (mail) => moveMessages(mail, [message(bench, 'INBOX', 1)], mailbox(bench, 'Archive'), 'here'));
      await begin(bench);
      bench.there.deliver('Archive', letter(1));
      refusing(bench, 'expunge');
      await bench.round('imap');
      bench.clock.jump(25 * 3_600_000);
      await bench.round('imap');
      expect(bench.openIntents()).toBe(1);
      expect(await untilEnded(bench)).toBeGreaterThan(20);
      expect(bench.openIntents()).toBe(0);
    });
  });

  test('that the whole of a move was refused before is no part of the day in which what is left of it is refused', async () => {
    await using bench = await mirrored();
    const { faults } = bench.provider.paths.imap;
    refusing(bench, 'move');
    await act(bench, (mail) => moveMessages(mail, [message(bench, 'INBOX', 1)], mailbox(bench, 'Archive'), 'here'));
    for (let i = 0; i < 43; i += 1) {
      await bench.round('imap');
      bench.clock.jump(1_800_000);
    }
    // Copied, and the original is not removed.
    faults.onCall = (name, when) => {
      if ((name !== 'move' && name !== 'expunge') || when !== 'before') return;
      if (name === 'move') bench.there.deliver('Archive', letter(1));
      throw new MailError('transient', 'No', { code: 'refused', reason });
    };
    for (let i = 0; i < 4; i += 1) {
      bench.clock.jump(1_800_000);
      await bench.round('imap');
    }
    expect(bench.there.mailbox('Archive').messages).toHaveLength(1);
    expect(bench.openIntents()).toBe(1);
    expect(await untilEnded(bench)).toBeGreaterThan(20);
    expect(bench.openIntents()).toBe(0);
  });
});

describe('conflicts', () => {
  test('a second change of flags, while the first one is about to be told, is told, too', async () => {
    await using bench = await mirrored();
    await bench.round('roundcube');
    const id = message(bench, 'INBOX');
    const flag = (add: string) => act(bench, (mail) => changeFlags(mail, [id], { add: [add], remove: [] }, 'here'));
    await flag('$flagged');
    const { faults } = bench.provider.paths.roundcube;
    // The webmail tells no UIDVALIDITY, so that the message is looked at before it is changed.
    faults.onCall = async (name) => {
      if (name !== 'fetch') return;
      faults.onCall = undefined;
      await flag('$seen');
    };
    await bench.round('roundcube');
    expect(faults.onCall).toBe(undefined);
    expectSame(bench);
    expect(bench.there.mailbox('INBOX').messages[0]?.flags).toEqual(['$flagged', '$seen']);
  });

  test('moved and marked in whatever moment while it is being appended, a message is where it was moved to, and nowhere else', async () => {
    let moment = 0;
    for (let wasMoved = true; wasMoved;) {
      await using bench = await mirrored();
      await append(bench, 'Archive', letter('filed'));
      moment += 1;
      wasMoved = await inMoment(bench, moment, (mail) => {
        const id = message(bench, 'Archive');
        changeFlags(mail, [id], { add: ['$flagged'], remove: ['$seen'] }, 'here');
        moveMessages(mail, [id], mailbox(bench, 'Sent'), 'here');
      });
      for (let i = 0; i < 3; i += 1) await bench.round('imap');
      expectSame(bench);
      const [place, other] = wasMoved ? ['Sent', 'Archive'] : ['Archive', 'Sent'];
      expect(bench.here()[place]?.map(({ flags }) => flags)).toEqual([wasMoved ? '$flagged' : '$seen']);
      expect(bench.here()[other]).toEqual([]);
    }
    expect(moment).toBeGreaterThan(3);
  });

  test('the same while its mailbox is made there first', async () => {
    await using bench = await mirrored();
    await append(bench, 'Archive', letter('filed'));
    bench.there.deleteMailbox('Archive');
    const { faults } = bench.provider.paths.imap;
    faults.onCall = async (name) => {
      if (name !== 'createMailbox') return;
      faults.onCall = undefined;
      await act(bench, (mail) => moveMessages(mail, [message(bench, 'Archive')], mailbox(bench, 'Sent'), 'here'));
    };
    for (let i = 0; i < 3; i += 1) await bench.round('imap');
    expect(faults.onCall).toBe(undefined);
    expectSame(bench);
    expect([bench.here()['Archive'], bench.here()['Sent']]).toEqual([[], [expect.anything()]]);
  });

  test('what was moved and marked while its append was refused, and again since then, is as it was done last', async () => {
    await using bench = await mirrored();
    const { faults } = bench.provider.paths.imap;
    await append(bench, 'INBOX', letter('filed'));
    faults.onCall = async (name, when) => {
      if (name !== 'append' || when !== 'before') return;
      faults.onCall = undefined;
      await act(bench, (mail) => {
        const id = message(bench, 'INBOX', -1);
        changeFlags(mail, [id], { add: ['$flagged'], remove: [] }, 'here');
        moveMessages(mail, [id], mailbox(bench, 'Sent'), 'here');
      });
      throw new MailError('transient', 'No', { code: 'refused', reason: { class: 'content', text: 'No' } });
    };
    await bench.round('imap');
    expect(faults.onCall).toBe(undefined);
    await act(bench, (mail) => {
      const id = message(bench, 'Sent');
      changeFlags(mail, [id], { add: [], remove: ['$flagged'] }, 'here');
      moveMessages(mail, [id], mailbox(bench, 'Archive'), 'here');
    });
    for (let i = 0; i < 4; i += 1) await bench.round('imap');
    expectSame(bench);
    expect(bench.here()['Archive']?.map(({ flags }) => flags)).toEqual(['$seen']);
  });

  test('flags of both sides are merged by operation', async () => {
    await using bench = await mirrored();
    await act(bench, (mail) => changeFlags(mail, [message(bench, 'INBOX')], { add: ['$flagged'], remove: [] }, 'here'));
    bench.there.changeFlags('INBOX', 1, { add: ['$seen', 'label1'], remove: [] });
    for (let i = 0; i < 2; i += 1) await bench.round('imap');
    expectSame(bench);
    expect(bench.here()['INBOX']?.[0]?.flags).toBe('$flagged $seen label1');
  });

  test.each(['imap', 'roundcube', 'jmap'] as const)('a delete never wins over a message changed upstream meanwhile: %s', async (kind) => {
    await using bench = await mirrored();
    await bench.round(kind);
    await act(bench, (mail) => expungeMessages(mail, [message(bench, 'INBOX')], 'here'));
    bench.there.changeFlags('INBOX', 1, { add: ['$flagged'], remove: [] });
    for (let i = 0; i < 3; i += 1) await bench.round(kind);
    expectSame(bench);
    expect(bench.here()['INBOX']).toHaveLength(6);
    expect(bench.report.report.decided).toHaveLength(1);
  });

  test.each(['imap', 'roundcube'] as const)(
    'a deletion or a move that was cut off after its mark goes on, and the mark is no news: %s',
    async (kind) => {
      await using bench = await mirrored();
      await bench.round(kind);
      await act(bench, (mail) => {
        expungeMessages(mail, [message(bench, 'INBOX', 0)], 'here');
        moveMessages(mail, [message(bench, 'INBOX', 1)], mailbox(bench, 'Archive'), 'here');
      });
      const moved = letter(1);
      await begin(bench);
      bench.there.changeFlags('INBOX', 1, { add: ['$deleted'], remove: [] });
      bench.there.changeFlags('INBOX', 2, { add: ['$deleted'], remove: [] });
      bench.there.deliver('Archive', moved);
      bench.restart();
      for (let i = 0; i < 3; i += 1) await bench.round(kind);
      expectSame(bench);
      expect(bench.here()['INBOX']).toHaveLength(4);
      expect(bench.here()['Archive']?.map(({ flags }) => flags)).toEqual(['']);
      expect(bench.report.report.decided).toEqual([]);
    },
  );

  test('a flag of a message that was moved here is told by a path that has not seen yet where upstream has it', async () => {
    await using bench = await mirrored();
    bench.there.deliver('Archive', letter('moved'));
    await bench.round('imap');
    await act(bench, (mail) => {
      const id = message(bench, 'Archive');
      changeFlags(mail, [id], { add: ['$seen'], remove: [] }, 'here');
      moveMessages(mail, [id], mailbox(bench, 'Sent'), 'here');
    });
    await append(bench, 'Sent', letter('sent'));
    for (let i = 0; i < 3; i += 1) await bench.round('jmap');
    expectSame(bench);
    expect(bench.there.mailbox('Sent').messages.map(({ flags }) => flags)).toEqual([['$seen'], ['$seen']]);
  });

  test.each(['imap', 'roundcube', 'jmap'] as const)('a target that vanished is made anew: %s', async (kind) => {
    await using bench = await mirrored();
    await bench.round(kind);
    await act(bench, (mail) => {
      moveMessages(mail, [message(bench, 'INBOX')], mailbox(bench, 'Archive'), 'here');
      copyMessages(mail, [message(bench, 'INBOX', 1)], mailbox(bench, 'Archive'), 'here');
    });
    await append(bench, 'Archive', letter('filed'));
    bench.there.deleteMailbox('Archive');
    for (let i = 0; i < 3; i += 1) await bench.round(kind);
    expectSame(bench);
    expect(bench.there.mailbox('Archive').messages).toHaveLength(3);
  });

  test('what was moved here and deleted there is gone; what was moved by both is there once', async () => {
    await using bench = await mirrored();
    await act(bench, (mail) => {
      moveMessages(mail, [message(bench, 'INBOX', 0), message(bench, 'INBOX', 1)], mailbox(bench, 'Archive'), 'here');
    });
    bench.there.expunge('INBOX', 1);
    bench.there.move('INBOX', 2, 'Archive');
    for (let i = 0; i < 5; i += 1) await bench.round('imap');
    expectSame(bench);
    expect(bench.there.mailbox('Archive').messages).toHaveLength(1);
  });

  test('a move that was cut off, and whose original can not be removed yet, keeps nobody waiting', async () => {
    await using bench = await mirrored();
    const { faults } = bench.provider.paths.imap;
    await act(bench, (mail) => moveMessages(mail, [message(bench, 'INBOX', 1)], mailbox(bench, 'Archive'), 'here'));
    await begin(bench);
    bench.there.deliver('Archive', letter(1));
    const reason = { class: 'policy', text: 'others are marked as deleted' } as const;
    faults.onCall = (name, when) => {
      if (name === 'expunge' && when === 'before') throw new MailError('transient', reason.text, { code: 'others-marked', reason });
    };
    bench.there.deliver('INBOX', letter('new'));
    await append(bench, 'Sent', letter('sent'));
    for (let i = 0; i < 2; i += 1) await bench.round('imap');
    expect(bench.here()['INBOX']).toHaveLength(6);
    expect(bench.there.mailbox('Sent').messages).toHaveLength(1);
    faults.onCall = undefined;
    for (let i = 0; i < 2; i += 1) await bench.round('imap');
    expectSame(bench);
    expect(bench.there.mailbox('Archive').messages).toHaveLength(1);
  });

  test('a copy whose telling was cut off is found as that copy, not as its original that was moved away there', async () => {
    await using bench = await mirrored();
    await act(bench, (mail) => copyMessages(mail, [message(bench, 'INBOX', -1)], mailbox(bench, 'INBOX'), 'here'));
    bench.provider.paths.imap.faults.losesAnswer = 'after';
    await bench.round('imap').catch(() => undefined);
    bench.restart();
    const original = bench.there.mailbox('INBOX').messages.at(-2);
    if (original) bench.there.move('INBOX', original.uid, 'Archive');
    for (let i = 0; i < 4; i += 1) await bench.round('imap');
    expectSame(bench);
    expect(bench.here()['INBOX']).toHaveLength(6);
    expect(bench.here()['Archive']).toHaveLength(1);
  });

  test('a mailbox deleted here is kept where new mail had come into it', async () => {
    await using bench = await mirrored();
    bench.there.deliver('Archive', letter('old'));
    await bench.round('imap');
    await act(bench, (mail) => deleteMailbox(mail, mailbox(bench, 'Archive'), 'here'));
    bench.there.deliver('Archive', letter('new'));
    for (let i = 0; i < 3; i += 1) await bench.round('imap');
    expectSame(bench);
    expect(bench.here()['Archive']).toHaveLength(2);
  });

  test.each(['imap', 'jmap'] as const)('an empty mailbox that vanished is not taken for a new one with mail: %s', async (kind) => {
    await using bench = await mirrored();
    bench.there.createMailbox('Leer');
    await bench.round(kind);
    await append(bench, 'Leer', letter('filed'));
    bench.there.deleteMailbox('Leer');
    bench.there.createMailbox('Neu');
    bench.there.deliver('Neu', letter('new'));
    for (let i = 0; i < 3; i += 1) await bench.round(kind);
    expectSame(bench);
    expect(Object.keys(bench.here())).toEqual(expect.arrayContaining(['Leer', 'Neu']));
  });

  test('what a path without push can not carry waits, and is not undone by it', async () => {
    await using bench = await mirrored();
    await act(bench, (mail) => {
      changeFlags(mail, [message(bench, 'INBOX', 0)], { add: ['$seen'], remove: [] }, 'here');
      moveMessages(mail, [message(bench, 'INBOX', 1)], mailbox(bench, 'Archive'), 'here');
      expungeMessages(mail, [message(bench, 'INBOX', 2)], 'here');
    });
    await append(bench, 'INBOX', letter('draft'));
    const before = bench.here();
    for (let i = 0; i < 3; i += 1) await bench.round('pop3');
    expect(bench.here()).toEqual(before);
    expect(bench.openIntents()).toBe(4);
    for (let i = 0; i < 3; i += 1) await bench.round('imap');
    expectSame(bench);
  });
});

describe('Sent', () => {
  const sent = letter('sent');
  const submission = 'abc123' as SubmissionId;
  const stored = Buffer.concat([
    Buffer.from(
      `Received: from laptop by relay.test with ESMTPSA id ${submission}.1;\r\n Thu, 01 Jan 2026 00:00:00 +0000\r\nResent-From: <alice@memory.test>\r\n`,
    ),
    sent,
  ]);

  /** That the relay has taken it. */
  async function submitted(bench: Bench): Promise<void> {
    const writer = bench.store.blobs.stage();
    await writer.write(sent);
    const blob = await writer.finish();
    const envelope = { from: ALICE, smtpUtf8: false, eightBitMime: false };
    const arrival = { helo: 'laptop', protocol: 'ESMTPSA', acceptedAtMs: bench.clock.nowMs() };
    await bench.store.write((tx) => {
      const row = {
        id: submission,
        account: ALICE,
        provider: bench.provider.provider.name,
        kind: 'message',
        envelope,
        ...arrival,
      } as const;
      insertSubmission(tx, { ...row, messageId: '<sent@elsewhere.test>', blob: keepBlob(tx, blob) }, 'fingerprint');
    });
  }

  test.each(['webmail first', 'client first'] as const)(
    'what the webmail stored and the client appended is one message: %s',
    async (who) => {
      await using bench = await mirrored();
      if (who === 'webmail first') {
        bench.there.deliver('Sent', stored);
        await bench.round('imap');
        await append(bench, 'Sent', sent);
      } else {
        await append(bench, 'Sent', sent);
        bench.there.deliver('Sent', stored);
      }
      for (let i = 0; i < 3; i += 1) await bench.round('imap');
      expect(bench.here()['Sent']).toHaveLength(1);
      expect(bench.there.mailbox('Sent').messages).toHaveLength(1);
      expect(bench.openIntents()).toBe(0);
    },
  );

  test('what the webmail stored while the append of the client was refused is moved and marked from then on', async () => {
    await using bench = await mirrored();
    const { faults } = bench.provider.paths.imap;
    await append(bench, 'Sent', sent);
    faults.onCall = (name, when) => {
      if (name !== 'append' || when !== 'before') return;
      bench.there.deliver('Sent', sent, { flags: [] });
      throw new MailError('transient', 'No', { code: 'refused', reason: { class: 'content', text: 'No' } });
    };
    await bench.round('imap');
    faults.onCall = undefined;
    // The webmail's is found, and the client's would be due later.
    bench.clock.jump(-85_000);
    await bench.round('imap');
    expect(bench.there.mailbox('Sent').messages).toHaveLength(1);
    await act(bench, (mail) => moveMessages(mail, [message(bench, 'Sent')], mailbox(bench, 'Archive'), 'here'));
    for (let i = 0; i < 4; i += 1) await bench.round('imap');
    expectSame(bench);
    expect(bench.here()['Sent']).toEqual([]);
    expect(bench.there.mailbox('Archive').messages.map(({ flags }) => flags)).toEqual([['$seen']]);
  });

  test('moved away in whatever moment before it is told from the copy of the webmail, the one of the client stays', async () => {
    let moment = 0;
    for (let wasMoved = true; wasMoved;) {
      await using bench = await mirrored();
      bench.there.deliver('Sent', stored);
      await bench.round('imap');
      await append(bench, 'Sent', sent);
      const id = message(bench, 'Sent', 1);
      let isThere = false;
      moment += 1;
      wasMoved = await inMoment(bench, moment, (mail) => {
        isThere = moveMessages(mail, [id], mailbox(bench, 'Archive'), 'here').length > 0;
      });
      for (let i = 0; i < 3; i += 1) await bench.round('imap');
      expectSame(bench);
      expect([bench.here()['Archive']?.length, bench.here()['Sent']?.length]).toEqual([isThere ? 1 : 0, 1]);
    }
    expect(moment).toBeGreaterThan(3);
  });

  test.each([
    ['the client, then the webmail', [sent, stored], false],
    ['the webmail, then the client', [stored, sent], false],
    ['both before anybody looked', [sent, stored], true],
  ] as const)('what both have stored upstream comes down to the one that left: %s', async (_, copies, isTogether) => {
    await using bench = await mirrored();
    await submitted(bench);
    for (const bytes of copies) {
      bench.there.deliver('Sent', bytes, { flags: bytes === sent ? ['$answered'] : ['$seen'] });
      if (!isTogether) await bench.round('imap');
    }
    for (let i = 0; i < 3; i += 1) await bench.round('imap');
    expect(bench.there.mailbox('Sent').messages).toMatchObject([{ bytes: stored, flags: ['$answered', '$seen'] }]);
    expectSame(bench);
  });

  test.each([
    ['the program, then the webmail', true],
    ['the webmail, then the program', false],
  ] as const)('the copy that says who was sent it blindly stays, and is the only one: %s', async (_, isFirst) => {
    await using bench = await mirrored();
    await submitted(bench);
    const blind = Buffer.from(sent.toString('latin1').replace('Subject:', 'Bcc: Carol <carol@elsewhere.test>\r\nSubject:'), 'latin1');
    for (const bytes of isFirst ? [blind, stored] : [stored, blind]) {
      bench.there.deliver('Sent', bytes, { flags: bytes === stored ? ['$answered'] : ['$seen'] });
      await bench.round('imap');
    }
    for (let i = 0; i < 3; i += 1) await bench.round('imap');
    expect(bench.there.mailbox('Sent').messages).toMatchObject([{ bytes: blind, flags: ['$answered', '$seen'] }]);
    expectSame(bench);
  });

  /** By a webmail that can not resend: one for each attempt, which names its recipients alone. */
  const anewFor = (field: string): Buffer =>
    Buffer.from(
      [
        'MIME-Version: 1.0',
        'Date: Thu, 01 Jan 2026 00:00:05 +0000',
        'From: Alice <alice@memory.test>',
        field,
        'Subject: Letter sent',
        'Message-ID: <sent@elsewhere.test>',
        'X-Sender: alice@memory.test',
        '',
        'This is letter sent',
      ].join('\r\n'),
    );
  const anew = anewFor('To: Bob <bob@elsewhere.test>');
  const anewToo = anewFor('To: Carol <carol@elsewhere.test>');

  test.each([
    ['the program, then the webmail', [sent, anew, anewToo], sent],
    ['the webmail, then the program', [anew, anewToo, sent], sent],
    ['another attempt resent it', [anew, stored], stored],
    ['all three', [anew, sent, stored], stored],
  ] as const)('what the webmail wrote anew gives way to the message itself: %s', async (_, copies, stays) => {
    await using bench = await mirrored();
    await submitted(bench);
    for (const bytes of copies) {
      bench.there.deliver('Sent', bytes, { flags: bytes === anew ? ['$answered'] : ['$seen'] });
      await bench.round('imap');
    }
    for (let i = 0; i < 4; i += 1) await bench.round('imap');
    expect(mailThere(bench.there)['Sent']).toEqual([`${hashOf(stays)} $answered $seen`]);
    expectSame(bench);
  });

  test.each([
    ['the message itself is not there', [anew, anewToo], true],
    ['it alone says who was sent it blindly', [anewFor('Bcc: Carol <carol@elsewhere.test>'), sent], true],
    ['the relay was never given it', [anew, sent], false],
    ['what is there is another message under its Message-ID', [anew, letter('other', '<sent@elsewhere.test>')], true],
  ] as const)('what the webmail wrote anew stays: %s', async (_, copies, isOurs) => {
    await using bench = await mirrored();
    if (isOurs) await submitted(bench);
    for (const bytes of copies) bench.there.deliver('Sent', bytes, { flags: ['$seen'] });
    for (let i = 0; i < 4; i += 1) await bench.round('imap');
    expect(mailThere(bench.there)['Sent']).toEqual(copies.map((bytes) => `${hashOf(bytes)} $seen`).toSorted());
    expectSame(bench);
  });

  test('while it is not known whether it left, what the webmail stored stays: else it would be sent once more', async () => {
    await using bench = await mirrored();
    await submitted(bench);
    const attempt = await bench.store.write((tx) => {
      const row = findSubmission(tx, submission);
      if (!row) throw new Error('it was not taken');
      insertRecipients(tx, row, [{ address: 'bob@elsewhere.test' }]);
      const made = insertAttempt(tx, { submission, route: bench.provider.paths.roundcube.path.id, startedAtMs: bench.clock.nowMs() });
      for (const { id } of recipientsOf(tx, submission))
        leaseRecipient(tx, id, { attempt: made, route: bench.provider.paths.roundcube.path.id, untilMs: bench.clock.nowMs() + 3_600_000 });
      markAttempt(tx, made, { nowMs: bench.clock.nowMs() });
      return made;
    });
    const ends = (outcome: 'unsure' | 'delivered'): Promise<void> =>
      bench.store.write((tx) => {
        const nowMs = bench.clock.nowMs();
        if (outcome === 'unsure') endAttempt(tx, attempt, nowMs, { outcome });
        for (const { id } of recipientsOf(tx, submission)) moveRecipient(tx, id, { from: ['leased', 'unsure'], to: outcome, nowMs });
      });
    await ends('unsure');
    const blind = Buffer.from(sent.toString('latin1').replace('Subject:', 'Bcc: Carol <carol@elsewhere.test>\r\nSubject:'), 'latin1');
    const resent = Buffer.concat([Buffer.from('Resent-Date: Thu, 01 Jan 2026 00:00:01 +0000\r\n'), stored]);
    for (const bytes of [blind, resent, anew]) bench.there.deliver('Sent', bytes, { flags: ['$seen'] });
    for (let i = 0; i < 3; i += 1) await bench.round('imap');
    expect(mailThere(bench.there)['Sent']).toEqual([blind, resent, anew].map((bytes) => `${hashOf(bytes)} $seen`).toSorted());
    await ends('delivered');
    // What was sent is moved there, and the resending is still to be deleted: of three one stays, too.
    bench.there.deliver('Sent', stored, { flags: ['$seen'] });
    for (let i = 0; i < 4; i += 1) await bench.round('imap');
    expect(mailThere(bench.there)['Sent']).toEqual([`${hashOf(blind)} $seen`]);
    expectSame(bench);
  });

  test('moved away in whatever moment while the copies come down to one, a message stays where it was moved to', async () => {
    let moment = 0;
    for (let wasMoved = true; wasMoved;) {
      await using bench = await mirrored();
      await submitted(bench);
      bench.there.deliver('Sent', stored);
      await bench.round('imap');
      bench.there.deliver('Sent', sent);
      moment += 1;
      let isMoved = false;
      wasMoved = await inMoment(bench, moment, (mail) => {
        const id = bench.messageIds('Sent')[1];
        isMoved = id !== undefined && moveMessages(mail, [id], mailbox(bench, 'Archive'), 'here').length > 0;
      });
      for (let i = 0; i < 3; i += 1) await bench.round('imap');
      expectSame(bench);
      expect([bench.here()['Archive']?.length, bench.here()['Sent']?.length]).toEqual([isMoved ? 1 : 0, 1]);
    }
    expect(moment).toBeGreaterThan(3);
  });

  test('while the outbox puts the copies in order, none of them is taken for the one that stays', async () => {
    await using bench = await mirrored();
    await submitted(bench);
    await bench.store.write((tx) => noteSentCopies(tx, submission, bench.clock.nowMs()));
    await append(bench, 'Sent', sent);
    // What was sent is moved there, and what Roundcube stored of its resending is about to be deleted.
    bench.there.deliver('Sent', stored);
    const resent = bench.there.deliver('Sent', Buffer.concat([Buffer.from('Resent-Date: Thu, 01 Jan 2026 00:00:01 +0000\r\n'), stored]));
    await bench.round('imap');
    bench.there.expunge('Sent', resent);
    await bench.store.write((tx) => {
      for (const row of dueSentCopies(tx, bench.clock.nowMs(), 1)) endSentCopies(tx, row);
    });
    for (let i = 0; i < 4; i += 1) await bench.round('imap');
    expect(bench.there.mailbox('Sent').messages).toMatchObject([{ bytes: stored }]);
    expect(bench.here()['Sent']).toHaveLength(1);
    expect(bench.openIntents()).toBe(0);
  });

  /** The webmail stores its copy in the very moment before the client's is stored. */
  function storesFirst(bench: Bench, kind: 'imap' | 'roundcube' | 'jmap'): void {
    const { faults } = bench.provider.paths[kind];
    faults.onCall = (name, when) => {
      if (name !== 'append' || when !== 'before') return;
      faults.onCall = undefined;
      bench.there.deliver('Sent', stored, { flags: ['$seen'] });
    };
  }

  function expectStoredOnce(bench: Bench): void {
    expect(mailThere(bench.there)['Sent']).toEqual([`${hashOf(stored)} $seen`]);
    expectSame(bench);
  }

  test.each(['imap', 'roundcube', 'jmap'] as const)(
    'the answer to the append is lost, and the webmail has stored its copy just before: %s',
    async (kind) => {
      await using bench = await mirrored();
      await submitted(bench);
      await bench.round(kind);
      await append(bench, 'Sent', sent);
      storesFirst(bench, kind);
      bench.provider.paths[kind].faults.losesAnswer = 'after';
      await bench.round(kind).catch(() => undefined);
      for (let i = 0; i < 5; i += 1) await bench.round(kind);
      expectStoredOnce(bench);
    },
  );

  test.each(['imap', 'roundcube', 'jmap'] as const)(
    'the append never arrived, and the webmail has stored its copy meanwhile: %s',
    async (kind) => {
      await using bench = await mirrored();
      await submitted(bench);
      await bench.round(kind);
      await append(bench, 'Sent', sent);
      storesFirst(bench, kind);
      bench.provider.paths[kind].faults.losesAnswer = 'before';
      await bench.round(kind).catch(() => undefined);
      for (let i = 0; i < 5; i += 1) await bench.round(kind);
      expectStoredOnce(bench);
    },
  );

  test.each([
    ['jmap', 'imap'],
    ['imap', 'jmap'],
    ['jmap', 'roundcube'],
  ] as const)('appended by %s just after the webmail has stored its copy, both are seen first by %s', async (one, other) => {
    await using bench = await mirrored();
    await submitted(bench);
    await bench.round(one);
    await append(bench, 'Sent', sent);
    storesFirst(bench, one);
    await bench.round(one);
    for (let i = 0; i < 5; i += 1) await bench.round(other);
    expectStoredOnce(bench);
  });

  test.each(['imap', 'roundcube', 'jmap'] as const)(
    'what the webmail stored before the client could is marked, moved and deleted from then on: %s',
    async (kind) => {
      await using bench = await mirrored();
      await submitted(bench);
      await bench.round(kind);
      await append(bench, 'Sent', sent);
      await act(bench, (mail) => changeFlags(mail, [message(bench, 'Sent')], { add: ['$flagged'], remove: [] }, 'here'));
      bench.there.deliver('Sent', stored, { flags: ['$seen'] });
      for (let i = 0; i < 3; i += 1) await bench.round(kind);
      expect(mailThere(bench.there)['Sent']).toEqual([`${hashOf(stored)} $flagged $seen`]);
      await act(bench, (mail) => changeFlags(mail, [message(bench, 'Sent')], { add: ['$answered'], remove: [] }, 'here'));
      await bench.round(kind);
      expect(mailThere(bench.there)['Sent']).toEqual([`${hashOf(stored)} $answered $flagged $seen`]);
      await act(bench, (mail) => moveMessages(mail, [message(bench, 'Sent')], mailbox(bench, 'Archive'), 'here'));
      for (let i = 0; i < 2; i += 1) await bench.round(kind);
      expectSame(bench);
      await act(bench, (mail) => expungeMessages(mail, [message(bench, 'Archive')], 'here'));
      await bench.round(kind);
      expectSame(bench);
      expect(mailThere(bench.there)).toMatchObject({ Archive: [], Sent: [] });
    },
  );

  test('what the client appends with another Date, after the copy of the webmail was seen, comes down to one, too', async () => {
    await using bench = await mirrored();
    await submitted(bench);
    bench.there.deliver('Sent', stored, { flags: ['$seen'] });
    for (let i = 0; i < 2; i += 1) await bench.round('imap');
    await append(bench, 'Sent', Buffer.from(sent.toString('latin1').replace(' 00:00:00 ', ' 00:00:01 '), 'latin1'));
    for (let i = 0; i < 3; i += 1) await bench.round('imap');
    expectStoredOnce(bench);
  });

  test('a copy that is missed upstream does not stand for what the client appends', async () => {
    await using bench = await mirrored();
    await submitted(bench);
    const uid = bench.there.deliver('Sent', stored);
    bench.there.deliver('Sent', letter('later'));
    for (let i = 0; i < 2; i += 1) await bench.round('roundcube');
    bench.there.expunge('Sent', uid);
    await append(bench, 'Sent', sent);
    for (let i = 0; i < 4; i += 1) await bench.round('roundcube');
    expect(mailThere(bench.there)['Sent']).toEqual([hashOf(letter('later')), `${hashOf(sent)} $seen`].toSorted());
    expectSame(bench);
  });

  test('what an earlier version took for the copy of the webmail is marked and deleted there by the webmail', async () => {
    await using bench = await mirrored();
    const uid = bench.there.deliver('Sent', stored, { flags: ['$seen'] });
    await bench.round('imap');
    await append(bench, 'Sent', sent);
    const [own, known] = [message(bench, 'Sent', 1), message(bench, 'Sent', 0)];
    await act(bench, (mail) => {
      for (const { id } of openIntents(mail.tx, ALICE, 10)) endIntent(mail.tx, id, { state: 'done', nowMs: mail.nowMs });
      const row = listRemoteMessagesOf(mail.tx, known)[0];
      if (row) putRemoteMessage(mail.tx, { ...row, message: own });
      expungeMessages(mail, [known], 'upstream');
      changeFlags(mail, [own], { add: ['$flagged'], remove: [] }, 'here');
    });
    for (let i = 0; i < 2; i += 1) await bench.round('roundcube');
    expect(bench.there.mailbox('Sent').messages).toMatchObject([{ uid, flags: ['$flagged', '$seen'] }]);
    expect(bench.messageIds('Sent')).toEqual([own]);
    await act(bench, (mail) => expungeMessages(mail, [own], 'here'));
    for (let i = 0; i < 2; i += 1) await bench.round('roundcube');
    expectSame(bench);
    expect(mailThere(bench.there)['Sent']).toEqual([]);
  });

  test.each([
    ['waits here', true],
    ['is there', false],
  ] as const)('a preamble that the webmail needed makes no second message of it: what the client stored %s', async (_, isHere) => {
    await using bench = await mirrored();
    await submitted(bench);
    const head =
      'Message-ID: <sent@elsewhere.test>\r\nDate: Thu, 01 Jan 2026 00:00:00 +0000\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n';
    const parts = `--b\r\n\r\n${'with a file\r\n'.repeat(20_000)}--b--\r\n`;
    const trace = stored.subarray(0, stored.length - sent.length);
    const padded = Buffer.concat([trace, Buffer.from(head), preambleLine(LONGEST_PREAMBLE_BYTES), Buffer.from(parts)]);
    const own = Buffer.from(head + parts);
    if (isHere) await append(bench, 'Sent', own);
    else bench.there.deliver('Sent', own, { flags: ['$seen'] });
    bench.there.deliver('Sent', padded, { flags: ['$seen'] });
    for (let i = 0; i < 3; i += 1) await bench.round('imap');
    expect(mailThere(bench.there)['Sent']).toEqual([`${hashOf(padded)} $seen`]);
    expectSame(bench);
  });

  test('equal messages that did not leave by us, or not twice, stay as many as they are', async () => {
    await using bench = await mirrored();
    for (const bytes of [sent, sent, stored]) bench.there.deliver('Sent', bytes);
    for (let i = 0; i < 3; i += 1) await bench.round('imap');
    expect(bench.there.mailbox('Sent').messages).toHaveLength(3);
    expectSame(bench);
  });

  test('a mailbox that is renamed here while mail waits in it is renamed and read in one round', async () => {
    await using bench = await openBench();
    bench.there.createMailbox('Work');
    await bench.round('imap');
    bench.there.deliver('Work', letter(1));
    const work = bench.mailboxes.list(ALICE).find((mailbox) => mailbox.name === 'Work');
    if (!work) throw new Error('there is no Work here');
    await bench.mailboxes.write(ALICE, (mail) => renameMailbox(mail, work.id, { name: 'Elsewhere', by: 'here' }));
    await bench.round('imap');
    expect(contentHere(bench.store)).toEqual(mailThere(bench.there));
    expect(bench.here()['Elsewhere']).toHaveLength(1);
  });

  test('a mailbox is renamed here and back again before its first new name was heard of: no mailbox is left over', async () => {
    await using bench = await openBench();
    for (const name of ['Trash', 'Work', 'Work/Below']) bench.there.createMailbox(name);
    bench.there.deliver('Work/Below', letter(1));
    await bench.round('imap');
    const work = mailbox(bench, 'Work');
    await act(bench, (mail) => renameMailbox(mail, work, { name: 'Trash/Work', by: 'here' }));
    await bench.round('imap');
    await act(bench, (mail) => renameMailbox(mail, work, { name: 'Work', by: 'here' }));
    for (let i = 0; i < 3; i += 1) await bench.round('imap');
    expect(bench.mailboxes.list(ALICE).map(({ name }) => name)).not.toContain('Trash/Work');
    expect(contentHere(bench.store)).toEqual(mailThere(bench.there));
    expect(bench.here()['Work/Below']).toHaveLength(1);
  });
});

test('thousands that wait for later keep nothing else waiting', async () => {
  await using bench = await mirrored();
  await act(bench, (mail) => {
    const archive = mailbox(bench, 'Archive');
    for (let i = 0; i < 2500; i += 1) {
      const work = { kind: 'subscribe', isSubscribed: true } as const;
      const id = insertIntent(mail.tx, { account: ALICE, mailbox: archive, work, nowMs: mail.nowMs });
      postponeIntent(mail.tx, id, { notBeforeMs: mail.nowMs + 3_600_000 });
    }
    changeFlags(mail, [message(bench, 'INBOX', 0)], { add: ['$flagged'], remove: [] }, 'here');
  });
  await bench.round('imap');
  expect(bench.there.mailbox('INBOX').messages[0]?.flags).toContain('$flagged');
  expect(bench.openIntents()).toBe(2500);
});
