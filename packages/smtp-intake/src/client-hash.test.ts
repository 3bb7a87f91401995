import { createHash } from 'node:crypto';
import { asId } from '@stopgap/core';
import { expect, test } from 'vitest';
import { ClientHash } from './client-hash.ts';

const sha = (text: string): string => createHash('sha256').update(text).digest('hex');
const blob = { hash: asId.blobHash(sha('of the stored bytes')), sizeBytes: 0 };

test.each([
  { what: 'nothing was changed: the stored hash serves', header: 'From: a\r\n', wanted: 'of the stored bytes' },
  { what: 'the header grew', header: 'From: a\r\nDate: b\r\n', wanted: 'From: a\r\n\r\nbody, more' },
  { what: 'the header changed and kept its length', header: 'From: b\r\n', wanted: 'From: a\r\n\r\nbody, more' },
])('$what', ({ header, wanted }) => {
  const hash = new ClientHash();
  hash.sent(Buffer.from('From: a\r\n'));
  hash.kept([]);
  hash.sent(Buffer.from('\r\nbody'));
  hash.kept([Buffer.from(header), Buffer.from('\r\nbody')]);
  hash.sent(Buffer.from(', more'));
  hash.kept([Buffer.from(', more')]);
  expect(hash.digest(blob)).toBe(sha(wanted));
});
