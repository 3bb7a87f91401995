import { test } from 'vitest';
import { makeRoundTrip } from './round-trip.ts';

test('IMAP, JMAP, IMAP, JMAP, IMAP on Cyrus, with traffic going on', () =>
  makeRoundTrip('61: Cyrus', {
    scene: { incoming: ['cyrusImap', 'jmap'], lab: { users: ['alice'], parts: ['dovecot', 'sink', 'postfix', 'cyrus'] } },
    legs: [
      { path: 'imap', broken: [] },
      { path: 'jmap', broken: ['cyrusImap'] },
      { path: 'imap', broken: [] },
      { path: 'jmap', broken: ['cyrusImap'] },
      { path: 'imap', broken: [] },
    ],
    // Cyrus takes none with a bare line feed by IMAP, and none with a NUL.
    without: ['bare-lf', 'nul'],
    hasTwins: false,
    seed: 62,
  }));
