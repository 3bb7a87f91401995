import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_HEADER_BYTES, parseHeader, splitMessage, unfoldedValue, utf8Value } from './header-block.ts';

const bytes = (text: string) => Buffer.from(text, 'latin1');
const names = (text: string) => parseHeader(bytes(text)).map((field) => field.name);

describe('splitting a message', () => {
  test.each([
    ['header and body', 'A: 1\r\n\r\nbody', 'A: 1\r\n', '\r\nbody'],
    ['header only, with its empty line', 'A: 1\r\n\r\n', 'A: 1\r\n', '\r\n'],
    ['header only, without an empty line', 'A: 1\r\n', 'A: 1\r\n', ''],
    ['body only', '\r\nbody\r\n\r\nmore', '', '\r\nbody\r\n\r\nmore'],
    ['nothing', '', '', ''],
    ['text that has no header field', 'hello\r\n', 'hello\r\n', ''],
  ])('%s', (_, message, header, rest) => {
    const split = splitMessage(bytes(message));
    expect([split.header.toString(), split.rest.toString()]).toEqual([header, rest]);
  });

  test('a header at the limit passes, one byte more is refused with 552', () => {
    const header = `A: ${'x'.repeat(MAX_HEADER_BYTES - 5)}\r\n`;
    expect(splitMessage(bytes(`${header}\r\n`)).header).toHaveLength(MAX_HEADER_BYTES);
    expect(() => splitMessage(bytes(`A${header}\r\n`))).toThrow(
      expect.objectContaining({ kind: 'permanent', code: 'header-too-long', reason: expect.objectContaining({ code: 552 }) }),
    );
  });
});

describe('parsing a header', () => {
  test('folded lines belong to their field and are unfolded in the value', () => {
    const fields = parseHeader(bytes('Subject: a\r\n b\r\n\tc \r\nX: y\r\n'));
    expect(fields.map((field) => [field.name, unfoldedValue(field)])).toEqual([
      ['subject', 'a b\tc'],
      ['x', 'y'],
    ]);
  });

  test('a blank before the colon is read as the old form of a field', () => {
    expect(names('Bcc : x\r\nFrom\t:y\r\n')).toEqual(['bcc', 'from']);
  });

  test.each([
    ['no colon', 'hello there\r\n'],
    ['a leading fold', ' folded: into nothing\r\n'],
    ['a blank inside the name', 'From alice Mon: x\r\n'],
    ['no name', ': x\r\n'],
    ['a name beyond ASCII', 'Fr\u00f6m: x\r\n'],
  ])('a line with %s is kept under no name', (_, line) => {
    expect(parseHeader(bytes(`${line}To: x\r\n`))).toEqual([
      { name: '', raw: line },
      { name: 'to', raw: 'To: x\r\n' },
    ]);
  });

  test('any bytes whatever come back exactly', () => {
    const piece = fc.constantFrom('From', ':', ' ', '\t', '\r', '\n', '\r\n', '\u00fc', '\0', 'x');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        const text = pieces.join('');
        expect(
          parseHeader(bytes(text))
            .map((field) => field.raw)
            .join(''),
        ).toBe(text);
      }),
    );
  });

  test('UTF-8 is decoded; other 8-bit bytes are told apart from it', () => {
    const [good, bad] = parseHeader(Buffer.concat([Buffer.from('A: für\r\n'), bytes('B: f\u00fcr\r\n')]));
    expect(good && utf8Value(good)).toBe('für');
    expect(bad && utf8Value(bad)).toBeUndefined();
  });
});
