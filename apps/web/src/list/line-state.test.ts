import { expect, test } from 'vitest';
import type { Member } from '../api/methods.ts';
import { namesOf, readTogether, stateOf, targetsOf } from './line-state.ts';

const member = (id: string, mailbox: string, keywords: readonly string[] = [], name = 'Anna'): Member => ({
  id,
  threadId: 't1',
  mailboxIds: { [mailbox]: true },
  keywords: Object.fromEntries(keywords.map((one) => [one, true as const])),
  hasAttachment: id === 'e2',
  from: [{ name, email: `${name.toLowerCase()}@x.test` }],
  receivedAt: '2026-01-01T00:00:00Z',
});
const conversation = [
  member('e1', 'inbox', ['$seen']),
  member('e2', 'sent', ['$seen'], 'Me'),
  member('e3', 'archive', [], 'Ben'),
  member('e4', 'inbox', ['$flagged', '$seen']),
  member('e5', 'trash', [], 'Eve'),
];
const scope = { mailboxId: 'inbox', leftOut: ['trash', 'junk'] };

test('what is done with a conversation is done with what of it is in this mailbox', () => {
  expect(targetsOf({ conversation }, scope).map(({ id }) => id)).toEqual(['e1', 'e4']);
  expect(targetsOf({ conversation }, { mailboxId: undefined, leftOut: [] })).toEqual(conversation);
});

test('what lies in the trash is no part of it, unless one looks there', () => {
  expect(readTogether(conversation, scope).map(({ id }) => id)).toEqual(['e1', 'e2', 'e3', 'e4']);
  expect(readTogether(conversation, { mailboxId: 'trash', leftOut: [] })).toHaveLength(5);
});

test('a line is unread when something unread of it is in this mailbox', () => {
  expect(stateOf({ conversation }, scope)).toMatchObject({ count: 4, isUnread: false, isFlagged: true, hasAttachment: true });
  expect(stateOf({ conversation }, { ...scope, mailboxId: 'archive' })).toMatchObject({ isUnread: true, isFlagged: false });
});

test('who wrote is named once, oneself as oneself, and of many the first and the last', () => {
  const { people } = stateOf({ conversation }, scope);
  expect(namesOf(people, 'ME@x.test', 'me')).toBe('Anna, me, Ben');
  const many = ['A', 'B', 'C', 'D', 'E'].map((name) => ({ name, email: `${name}@x.test` }));
  expect(namesOf(many, '', 'me')).toBe('A … D, E');
});
