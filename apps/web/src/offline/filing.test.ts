import { expect, test } from 'vitest';
import type { Line } from '../api/lists.ts';
import type { Mailbox } from '../api/methods.ts';
import { backOf, filed, filedLine, filedMailboxes, patchOf, stepOf, stepsOf, type Step, type Target } from './filing.ts';

const UNREAD: Target = { id: 'm', mailboxIds: { inbox: true }, keywords: { $flagged: true } };

function step(target: Target, change: Parameters<typeof stepOf>[1]): Step {
  const made = stepOf(target, change);
  if (made === undefined) throw new Error('nothing to do');
  return made;
}

function mailbox(id: string, totalEmails: number, unreadEmails: number): Mailbox {
  return { id, name: id, parentId: null, role: null, sortOrder: 0, totalEmails, unreadEmails };
}

test('what is so already is not done', () => {
  expect(stepOf(UNREAD, { keywords: { $flagged: true } })).toBeUndefined();
  expect(stepOf(UNREAD, { to: 'inbox' })).toBeUndefined();
  expect(step(UNREAD, { to: 'junk', keywords: { $junk: true, $notjunk: false } }).keywords).toEqual({ $junk: true });
});

test('it is asked for by paths, so that nothing else of the message is touched', () => {
  expect(patchOf(step(UNREAD, { keywords: { $seen: true, 'a/b~c': true } }))).toEqual({ 'keywords/$seen': true, 'keywords/a~1b~0c': true });
  expect(patchOf(step(UNREAD, { to: 'archive' }))).toEqual({ 'mailboxIds/inbox': null, 'mailboxIds/archive': true });
  expect(patchOf(step(UNREAD, { keywords: { $flagged: false } }))).toEqual({ 'keywords/$flagged': null });
});

test('done and undone, a message is as it was', () => {
  const done = step(UNREAD, { to: 'junk', keywords: { $junk: true, $flagged: false } });
  const steps = stepsOf([{ steps: [done] }, { steps: [backOf(done)] }]);
  expect(filed(UNREAD, steps)).toEqual(UNREAD);
  const mailboxes = [mailbox('inbox', 3, 2), mailbox('junk', 0, 0)];
  expect(filedMailboxes(mailboxes, [{ steps: [done, backOf(done)] }])).toEqual(mailboxes);
});

test('what follows upon something is shown after it', () => {
  const first = step(UNREAD, { to: 'archive' });
  const second = step(filed(UNREAD, stepsOf([{ steps: [first] }])), { to: 'trash', keywords: { $seen: true } });
  const shown = filed(UNREAD, stepsOf([{ steps: [first] }, { steps: [second] }]));
  expect(shown).toEqual({ id: 'm', mailboxIds: { trash: true }, keywords: { $flagged: true, $seen: true } });
});

test('a message that was moved elsewhere meanwhile is shown where it is', () => {
  const moved = stepsOf([{ steps: [step(UNREAD, { to: 'archive', keywords: { $seen: true } })] }]);
  expect(filed({ ...UNREAD, mailboxIds: { work: true } }, moved).mailboxIds).toEqual({ work: true });
  // And where it has got already.
  expect(filed({ ...UNREAD, mailboxIds: { archive: true } }, moved).mailboxIds).toEqual({ archive: true });
});

test('mailboxes count what came and went, read and unread', () => {
  const mailboxes = [mailbox('inbox', 3, 2), mailbox('archive', 7, 0)];
  const count = (...steps: Step[]) =>
    filedMailboxes(mailboxes, [{ steps }]).map(({ totalEmails, unreadEmails }) => [totalEmails, unreadEmails]);
  expect(count(step(UNREAD, { to: 'archive' }))).toEqual([
    [2, 1],
    [8, 1],
  ]);
  expect(count(step(UNREAD, { keywords: { $seen: true } }))).toEqual([
    [3, 1],
    [7, 0],
  ]);
  expect(count(step(UNREAD, { to: 'archive', keywords: { $seen: true } }))).toEqual([
    [2, 1],
    [8, 0],
  ]);
});

test('a line shows what was done with any message of its conversation, and is the same one without', () => {
  const older = { ...UNREAD, id: 'older', mailboxIds: { sent: true } };
  const line = { ...UNREAD, key: 't', conversation: [older, UNREAD] } as unknown as Line;
  const steps = stepsOf([{ steps: [step(older, { keywords: { $seen: true } })] }]);
  expect(filedLine(line, steps).conversation.map(({ keywords }) => Object.hasOwn(keywords, '$seen'))).toEqual([true, false]);
  expect(filedLine(line, stepsOf([{ steps: [{ ...step(older, { to: 'x' }), id: 'another' }] }]))).toBe(line);
});
