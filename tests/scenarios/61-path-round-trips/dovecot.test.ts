import { test } from 'vitest';
import { makeRoundTrip } from './round-trip.ts';

const NO_IMAP = ['imap', 'imaps'] as const;

test('IMAP, webmail, IMAP, POP3, IMAP and POP3 once more, on Dovecot, with traffic going on', () =>
  makeRoundTrip('61: Dovecot', {
    scene: { incoming: ['imap', 'roundcube', 'pop3'], lab: { users: ['alice'], parts: ['dovecot', 'roundcube'] } },
    legs: [
      { path: 'imap', broken: [] },
      { path: 'roundcube', broken: NO_IMAP },
      { path: 'imap', broken: [] },
      { path: 'pop3', broken: [...NO_IMAP, 'roundcube'] },
      { path: 'imap', broken: [] },
      { path: 'pop3', broken: [...NO_IMAP, 'roundcube'] },
      { path: 'imap', broken: [] },
    ],
    without: [],
    hasTwins: true,
    seed: 61,
  }));
