import { expect, test } from 'vitest';
import { vcardOf } from './vcard.ts';

const contact = { address: 'joerg@provider.test', name: 'Jörg Müller', lastSeenMs: Date.UTC(2026, 10, 25), sent: 2, received: 3 };

test('a card has all that is known', () => {
  expect(vcardOf(contact)).toBe(
    [
      'BEGIN:VCARD',
      'VERSION:4.0',
      'UID:mailto:joerg@provider.test',
      'FN:Jörg Müller',
      'EMAIL:joerg@provider.test',
      'X-STOPGAP-LAST-SEEN:2026-11-25T00:00:00.000Z',
      'X-STOPGAP-SENT:2',
      'X-STOPGAP-RECEIVED:3',
      'END:VCARD',
      '',
    ].join('\r\n'),
  );
});

test('who has no name is called by the address, for FN must be there (RFC 6350 6.2.1)', () => {
  expect(vcardOf({ ...contact, name: ' ' })).toContain('\r\nFN:joerg@provider.test\r\n');
});

test('what has a meaning is escaped', () => {
  expect(vcardOf({ ...contact, name: String.raw`Müller, Jörg; a\b` })).toContain(String.raw`FN:Müller\, Jörg\; a\\b`);
});

test('no name can write a line of its own', () => {
  const card = vcardOf({ ...contact, name: 'x\r\nEND:VCARD\r\nBEGIN:VCARD\u2028y', address: 'a\n@b' });
  expect(card.split('\r\n').filter((line) => line === 'END:VCARD')).toHaveLength(1);
  expect(card).toContain('FN:x END:VCARD BEGIN:VCARD y\r\n');
});

test('long lines are folded at 75 octets, never inside a character', () => {
  const name = 'ü€😀'.repeat(60);
  const lines = vcardOf({ ...contact, name }).split('\r\n');
  expect(Math.max(...lines.map((line) => Buffer.byteLength(line)))).toBeLessThanOrEqual(75);
  expect(lines.join('\r\n').replaceAll('\r\n ', '')).toContain(`FN:${name}\r\n`);
  expect(lines.join('')).not.toContain('\ufffd');
});
