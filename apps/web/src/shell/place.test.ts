import { expect, test } from 'vitest';
import { hashOf, parsePlace, withMessage, type Place } from './place.ts';

test.for<Place>([
  { kind: 'mailbox', mailboxId: 'm1' },
  { kind: 'mailbox', mailboxId: 'm1', messageId: 'e/1' },
  { kind: 'mailbox', mailboxId: undefined, messageId: 'e1' },
  { kind: 'search', text: 'from:a "b/c" 100%', messageId: 'e1' },
  { kind: 'outbox' },
])('%j is found again from the address', (place) => {
  expect(parsePlace(hashOf(place))).toEqual(place);
});

test('an address that means nothing is the inbox', () => {
  for (const hash of ['', '#', '#/', '#/nowhere/x', '#/search/', '#/mail/%E0%A4%A'])
    expect(parsePlace(hash)).toEqual({ kind: 'mailbox', mailboxId: undefined });
});

test('closing a message stays in its list', () => {
  expect(withMessage({ kind: 'search', text: 'x', messageId: 'e1' }, undefined)).toEqual({ kind: 'search', text: 'x' });
});
