import { expect, test } from 'vitest';
import type { Proposal } from '../api/setup.ts';
import { askedAgain, usedPaths, wayOf, waysOf, withAdded, withAnswer } from './ways.ts';

const IMAP = { kind: 'imap', host: 'imap.example.org', port: 993, security: 'tls' } as const;
const WEBMAIL = { kind: 'roundcube', url: 'https://webmail.example.org/' } as const;
const PROPOSAL: Proposal = {
  name: 'example',
  domain: 'example.org',
  login: 'address',
  incoming: [
    { ...IMAP, source: 'dns' },
    { ...WEBMAIL, source: 'guess' },
  ],
  outgoing: [{ ...WEBMAIL, source: 'guess' }],
};
const DOWN = { answered: false, class: 'connect', reason: 'nobody there' } as const;
const UP = { answered: true, elapsedMs: 3 } as const;

test('what is known is used though it is down; a guess only when it is right', () => {
  const [imap, webmail, sending] = waysOf(PROPOSAL).map(({ id }) => id);
  let ways = withAnswer(waysOf(PROPOSAL), imap ?? '', DOWN);
  ways = withAnswer(ways, webmail ?? '', UP);
  ways = withAnswer(ways, sending ?? '', DOWN);
  expect(usedPaths(ways, 'incoming')).toEqual([IMAP, WEBMAIL]);
  expect(usedPaths(ways, 'outgoing')).toEqual([]);
});

test('what is added comes before guesses, and after what is known', () => {
  const added = wayOf('incoming', { ...IMAP, host: 'mine.example.org' }, 'person');
  expect(usedPaths(withAdded(waysOf(PROPOSAL), added), 'incoming')).toEqual([IMAP, added.path]);
  expect(withAdded(waysOf(PROPOSAL), added).map(({ source }) => source)).toEqual(['dns', 'guess', 'person', 'guess']);
});

test('the same place in both directions is two ways', () => {
  expect(new Set(waysOf(PROPOSAL).map(({ id }) => id)).size).toBe(3);
});

test('asking again forgets the answers and keeps the choice', () => {
  const one = { ...wayOf('incoming', IMAP, 'person'), isUsed: false };
  const [again] = askedAgain(withAnswer([one], one.id, UP));
  expect(again).toEqual(one);
});
