import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SyntaxFault } from './faults.ts';
import { decodeUtf7, encodeUtf7, readMailboxName, writeMailboxName } from './mailbox-name.ts';

describe('modified UTF-7', () => {
  test.each([
    ['~peter/mail/台北/日本語', '~peter/mail/&U,BTFw-/&ZeVnLIqe-'],
    ['Entwürfe', 'Entw&APw-rfe'],
    ['A&B', 'A&-B'],
    ['😀', '&2D3eAA-'],
  ])('%s is %s (RFC 3501 5.1.3)', (name, encoded) => {
    expect(encodeUtf7(name)).toBe(encoded);
    expect(decodeUtf7(encoded)).toBe(name);
  });

  test.each(['&', 'a&b', '&U,BTFw', '&AGE-', '&2D0-', '&U,BTFx-', '&AOk-&AOk-', '&=-', '&A-', '&*-'])('%s is none', (text) => {
    expect(decodeUtf7(text)).toBeUndefined();
  });

  test('comes back as it went', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (name) => {
        expect(encodeUtf7(name)).toMatch(/^[\x20-\x7e]*$/);
        expect(decodeUtf7(encodeUtf7(name))).toBe(name);
      }),
    );
  });

  test('has one spelling for each name', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('&', '-', ',', '+', 'A', 'B', 'w', '0', ' ') }), (text) => {
        const name = decodeUtf7(text);
        if (name !== undefined) expect(encodeUtf7(name)).toBe(text);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('the name of a mailbox', () => {
  test('is INBOX in any case, and for what is below it', () => {
    expect(readMailboxName('inbox', false)).toBe('INBOX');
    expect(readMailboxName('iNbOx/Lists', false)).toBe('INBOX/Lists');
    expect(readMailboxName('inboxes', false)).toBe('inboxes');
  });

  test('is UTF-8 once that is enabled, and an ampersand is one then', () => {
    const octets = Buffer.from('Größe & mehr').toString('latin1');
    expect(readMailboxName(octets, true)).toBe('Größe & mehr');
    expect(writeMailboxName('Größe & mehr', true)).toBe(octets);
  });

  test('that is neither UTF-7 nor UTF-8 is refused', () => {
    expect(() => readMailboxName('a&b', false)).toThrow(SyntaxFault);
    expect(() => readMailboxName('\xff\xfe', false)).toThrow(SyntaxFault);
    expect(() => readMailboxName('x'.repeat(5000), false)).toThrow(SyntaxFault);
  });
});
