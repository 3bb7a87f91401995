import { expect, test } from 'vitest';
import type { Line } from '../api/lists.ts';
import type { Filing, Step } from '../offline/filing.ts';
import { shownLines } from './shown-lines.ts';

const INBOX = { filter: { inMailbox: 'inbox' }, isCollapsed: true };
const ARCHIVE = { filter: { inMailbox: 'archive' }, isCollapsed: true };

/** Of a conversation of its own. @param day later ones stand above */
function line(id: string, day: number, mailbox = 'inbox'): Line {
  const receivedAt = `2026-11-${String(day).padStart(2, '0')}T08:00:00Z`;
  const message = { id, threadId: `t ${id}`, mailboxIds: { [mailbox]: true }, keywords: {}, receivedAt };
  return { ...message, key: message.threadId, conversation: [message] } as unknown as Line;
}

function move(lines: readonly Line[], from: string, to: string): Filing {
  const steps = lines.map(({ id }): Step => ({ id, from, to, keywords: {}, wasUnread: false }));
  return { id: 'f', address: 'me@alice.test', atMs: 1, steps, lines, isUnderWay: false };
}

function shown(told: readonly (readonly [number, Line])[], from: Parameters<typeof shownLines>[1]) {
  const { total, places } = shownLines(told, from);
  return { total, ids: [...places].map(([place, { id }]) => `${place} ${id}`) };
}

const [a, b, c] = [line('a', 20), line('b', 15), line('c', 10)] as const;
const TOLD = [
  [0, a],
  [1, b],
  [2, c],
] as const;

test('what left the mailbox is not in its list, and the others move up', () => {
  expect(shown(TOLD, { query: INBOX, total: 9, filings: [move([a], 'inbox', 'archive')] })).toEqual({ total: 8, ids: ['0 b', '1 c'] });
});

test('so it stays when the relay has it and the list has not been asked for again', () => {
  const gone = line('a', 20, 'archive');
  expect(shown([[0, gone], ...TOLD.slice(1)], { query: INBOX, total: 3, filings: [] })).toEqual({ total: 2, ids: ['0 b', '1 c'] });
});

test('a conversation stays as long as a message of it is there', () => {
  const both = { ...a, conversation: [...a.conversation, ...line('a2', 19).conversation] };
  expect(shown([[0, both]], { query: INBOX, total: 1, filings: [move([a], 'inbox', 'archive')] })).toEqual({ total: 1, ids: ['0 a'] });
});

test('what came stands where its time puts it: in front, between, at the end', () => {
  const filings = [move([line('new', 25), line('mid', 12), line('old', 1)], 'inbox', 'archive')];
  const told = TOLD.map(([place, { id, receivedAt }]) => [place, line(id, Number(receivedAt.slice(8, 10)), 'archive')] as const);
  expect(shown(told, { query: ARCHIVE, total: 3, filings })).toEqual({
    total: 6,
    ids: ['0 new', '1 a', '2 b', '3 mid', '4 c', '5 old'],
  });
  expect(shown([], { query: ARCHIVE, total: 0, filings })).toEqual({ total: 3, ids: ['0 new', '1 mid', '2 old'] });
});

test('where nothing is known of the list, what came is left out until it is', () => {
  const filings = [move([line('new', 25), line('mid', 12), line('old', 1)], 'inbox', 'archive')];
  const told = [
    [0, line('a', 20, 'archive')],
    [50, line('c', 10, 'archive')],
  ] as const;
  expect(shown(told, { query: ARCHIVE, total: 100, filings })).toEqual({ total: 101, ids: ['0 new', '1 a', '51 c'] });
});

test('what the relay lists already is not there twice', () => {
  const filings = [move([a], 'inbox', 'archive')];
  expect(shown([[0, line('a', 20, 'archive')]], { query: ARCHIVE, total: 1, filings })).toEqual({ total: 1, ids: ['0 a'] });
});

test('a search keeps what it found, where it is now', () => {
  const query = { filter: { text: 'x' }, isCollapsed: false };
  const { places } = shownLines([[0, a]], { query, total: 1, filings: [move([a], 'inbox', 'archive')] });
  expect(places.get(0)?.mailboxIds).toEqual({ archive: true });
});

test('in a list of messages one by one a conversation comes as the message that stood for it', () => {
  const both = { ...a, conversation: [...a.conversation, ...line('a2', 19).conversation] };
  const { places } = shownLines([], { query: { ...ARCHIVE, isCollapsed: false }, total: 0, filings: [move([both], 'inbox', 'archive')] });
  expect([...places.values()].map(({ key, conversation }) => [key, conversation.length])).toEqual([['a', 1]]);
});
