import { expect, test } from 'vitest';
import { flagsOfRow, markOf } from './row-flags.ts';

test.for<[string, unknown, string[]]>([
  ['none, as PHP writes it', [], []],
  ['system flags', { seen: 1, answered: 1, flagged: 1, deleted: 1, draft: 1 }, ['$answered', '$deleted', '$draft', '$flagged', '$seen']],
  ['what is no flag', { recent: 1, ctype: 'text/plain', mbox: 'INBOX', prio: 1, depth: 2, parent_uid: 7 }, []],
  ['keywords', { forwarded: 1, mdnsent: 1, label1: 1, nonjunk: 1, foo: 1 }, ['$forwarded', '$label1', '$mdnsent', 'foo', 'nonjunk']],
  ['a flag that is not set', { seen: 0 }, []],
  ['hostile names', { 'a b': 1, '\\x': 1, ok: 1 }, ['ok']],
])('%s', ([, row, flags]) => {
  expect(flagsOfRow(row)).toEqual(flags);
});

test.for<[string, string | undefined, string | undefined]>([
  ['$seen', 'read', 'unread'],
  ['$flagged', 'flagged', 'unflagged'],
  ['$answered', 'answered', 'unanswered'],
  ['$deleted', 'delete', 'undelete'],
  ['$draft', 'draft', 'undraft'],
  ['$forwarded', 'forwarded', 'unforwarded'],
  ['$label1', '$label1', 'un$label1'],
  ['project', 'project', 'unproject'],
  // Would take `subscribed` away instead.
  ['unsubscribed', undefined, undefined],
  // Would come back without the dollar, or with one.
  ['$ours', undefined, undefined],
  ['label1', undefined, undefined],
  // Would set \Seen.
  ['read', undefined, undefined],
  ['seen', undefined, undefined],
])('%s is marked by %s and unmarked by %s', ([flag, add, remove]) => {
  expect(markOf(flag, true)).toBe(add);
  expect(markOf(flag, false)).toBe(remove);
});
