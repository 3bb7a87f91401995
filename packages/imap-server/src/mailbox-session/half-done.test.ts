import { expect, test } from 'vitest';
import type { SelectedMailbox } from '../session.ts';
import { openMailboxSession } from './mailbox-session.ts';
import { ALICE, ALL, TestSession } from './test-session.ts';

test.each<readonly [string, number, (mailbox: SelectedMailbox) => Promise<unknown>]>([
  ['flags', 1001, (mailbox) => mailbox.store(ALL, { kind: 'change', change: { add: ['$seen'], remove: [] } }, {})],
  ['an expunge', 501, (mailbox) => mailbox.expunge(undefined)],
  ['a move', 501, (mailbox) => mailbox.move(ALL, 'Gone')],
])('of %s that fails on the way, upstream is told of what has been done', async (_, messages, job) => {
  await using at = await TestSession.open();
  await at.session.create('Gone', 'Trash');
  await at.arrive(
    Array.from({ length: messages }, () => 'Subject: one\r\n\r\n'),
    { flags: ['$deleted'] },
  );
  let writes = 0;
  const write: typeof at.mailboxes.write = async (account, work) => {
    writes += 1;
    if (writes > 1) throw new Error('the disk is full');
    return await at.mailboxes.write(account, work);
  };
  const session = await openMailboxSession({ account: ALICE }, { ...at.deps, mailboxes: { ...at.mailboxes, write } });
  const { mailbox } = await session.open('INBOX', { isReadOnly: false });
  const notified = at.notified;
  await expect(job(mailbox)).rejects.toThrow('the disk is full');
  expect(at.told().length).toBeGreaterThanOrEqual(messages - 1);
  expect(at.notified).toBe(notified + 1);
});
