import { findMessage } from '@stopgap/store';
import { tempStore, FakeClock } from '@stopgap/testkit';
import { describe, expect, test } from 'vitest';
import { threadSubject } from './thread-subject.ts';
import { addMessage, createMailbox, expungeMessages, openMailboxes, restoreMessage } from './index.ts';
import { addAccount, ALICE, letter, type LetterOptions } from './test-mail.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** Adds the messages one write each and says which share a thread: `aab` are two together and one alone. */
async function threadsOf(letters: readonly Partial<LetterOptions>[]): Promise<string> {
  const clock = new FakeClock();
  await using temp = await tempStore({ clock });
  await addAccount(temp.store);
  const mail = openMailboxes({ store: temp.store, dataDir: temp.dataDir, clock, keepExpungedMs: DAY_MS });
  const mailbox = await mail.write(ALICE, (tx) => createMailbox(tx, { name: 'INBOX', isSubscribed: true, by: 'upstream' }).id);
  const ids = [];
  for (const one of letters) ids.push((await mail.write(ALICE, (tx) => addMessage(tx, letter({ mailbox, ...one })))).id);
  await mail.close();
  const threads = ids.map((id) => temp.store.read((reader) => findMessage(reader, id))?.thread);
  const names = [...new Set(threads)];
  return threads.map((thread) => 'abcdefgh'[names.indexOf(thread)]).join('');
}

const from = 'bob@elsewhere.test';

describe('a thread', () => {
  test.each<readonly [string, string, readonly Partial<LetterOptions>[]]>([
    ['holds a reply and what it answers', 'aa', [{ messageId: '<1@x>' }, { messageId: '<2@x>', inReplyTo: ['<1@x>'] }]],
    [
      'does not depend on the order of arrival',
      'aaa',
      [{ messageId: '<3@x>', references: ['<1@x>', '<2@x>'] }, { messageId: '<1@x>' }, { messageId: '<2@x>', inReplyTo: ['<1@x>'] }],
    ],
    [
      'holds two replies to what is not here',
      'aa',
      [
        { messageId: '<2@x>', inReplyTo: ['<1@x>'] },
        { messageId: '<3@x>', inReplyTo: ['<1@x>'] },
      ],
    ],
    [
      'is not joined with another: a message that refers to both is in that of what it answers',
      'abbb',
      [
        { messageId: '<1@x>' },
        { messageId: '<2@y>' },
        { messageId: '<3@x>', references: ['<1@x>', '<2@y>'] },
        { messageId: '<4@y>', inReplyTo: ['<2@y>'] },
      ],
    ],
    [
      'holds what its messages answer, whatever that refers to',
      'aba',
      [{ messageId: '<2@x>', inReplyTo: ['<1@x>'] }, { messageId: '<9@y>' }, { messageId: '<1@x>', inReplyTo: ['<9@y>'] }],
    ],
    ['does not hold strangers', 'abc', [{ messageId: '<1@x>' }, { messageId: '<2@x>' }, {}]],
    [
      'is not made of equal subjects',
      'ab',
      [
        { subject: 'Invoice', atMs: DAY_MS },
        { subject: 'Invoice', atMs: DAY_MS },
      ],
    ],
    [
      'takes a reply without references by its subject',
      'aa',
      [
        { subject: 'Trip', from, atMs: DAY_MS },
        { subject: 'AW: Re: trip', from, atMs: 2 * DAY_MS },
      ],
    ],
    [
      'takes what such a reply answers, when it comes later',
      'aa',
      [
        { subject: 'Re: Trip', from, atMs: 2 * DAY_MS },
        { subject: 'Trip', from, atMs: DAY_MS },
      ],
    ],
    [
      'does not take it when it was sent later',
      'ab',
      [
        { subject: 'Re: Trip', from, atMs: DAY_MS },
        { subject: 'Trip', from, atMs: 2 * DAY_MS },
      ],
    ],
    [
      'does not take such a reply months later',
      'ab',
      [
        { subject: 'Trip', from, atMs: DAY_MS },
        { subject: 'Re: Trip', from, atMs: 90 * DAY_MS },
      ],
    ],
    [
      'does not take such a reply of somebody else',
      'ab',
      [
        { subject: 'Hello', from, atMs: DAY_MS },
        { subject: 'Re: Hello', from: 'eve@elsewhere.test', atMs: DAY_MS },
      ],
    ],
    [
      'does not take a forwarded message',
      'ab',
      [
        { subject: 'Trip', from, atMs: DAY_MS },
        { subject: 'Fwd: Trip', from, atMs: DAY_MS },
      ],
    ],
    [
      'does not take a reply with references by its subject',
      'ab',
      [
        { subject: 'Trip', from, atMs: DAY_MS },
        { subject: 'Re: Trip', from, atMs: DAY_MS, inReplyTo: ['<other@x>'] },
      ],
    ],
    [
      'does not take replies without a subject',
      'ab',
      [
        { subject: '', from, atMs: DAY_MS },
        { subject: 'Re:', from, atMs: DAY_MS },
      ],
    ],
  ])('%s', async (_, expected, letters) => {
    expect(await threadsOf(letters)).toBe(expected);
  });
});

test('a message whose thread had become part of another while it was expunged is restored into that one, others into their own', async () => {
  const clock = new FakeClock();
  await using temp = await tempStore({ clock });
  await addAccount(temp.store);
  const mail = openMailboxes({ store: temp.store, dataDir: temp.dataDir, clock, keepExpungedMs: DAY_MS });
  const mailbox = await mail.write(ALICE, (tx) => createMailbox(tx, { name: 'INBOX', isSubscribed: true, by: 'upstream' }).id);
  const add = (one: Partial<LetterOptions>) => mail.write(ALICE, (tx) => addMessage(tx, letter({ mailbox, ...one })));
  const [reply, nameless, alone] = [await add({ inReplyTo: ['<2@x>'] }), await add({}), await add({ messageId: '<3@x>' })];
  const first = await add({ messageId: '<1@x>' });
  for (const { id } of [reply, nameless, alone]) await mail.write(ALICE, (tx) => expungeMessages(tx, [id], 'here'));
  // As a migration did it with the threads that had become part of others.
  await temp.store.write((tx) => tx.run('UPDATE thread_ref SET thread_id = ? WHERE thread_id = ?', first.thread, reply.thread));
  const restored = [];
  for (const { id } of [reply, nameless, alone])
    restored.push(await mail.write(ALICE, (tx) => restoreMessage(tx, id, { by: 'here' })?.thread));
  await mail.close();
  expect(restored).toEqual([first.thread, nameless.thread, alone.thread]);
});

test.each([
  ['Re: Re[2]: AW: Hallo', 'hallo', true],
  ['[list] Re: [list] News', 'news', true],
  ['Fwd: News', 'fwd: news', false],
  ['Reise', 'reise', false],
  ['回复：你好', '你好', true],
  ['[only a tag]', '[only a tag]', false],
  ['Re:', 're:', true],
])('the base of %s', (subject, text, isReply) => {
  expect(threadSubject(subject)).toEqual({ text, isReply });
});
