import { array, assert, constantFrom, integer, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { quote, ReplyParser, type SmtpReply } from './reply.ts';

const feedAll = (text: string, size = text.length): readonly SmtpReply[] | string => {
  const parser = new ReplyParser();
  const replies: SmtpReply[] = [];
  for (let at = 0; at < text.length; at += size) {
    const result = parser.feed(Buffer.from(text.slice(at, at + size), 'latin1'));
    replies.push(...result.replies);
    if (result.nonsense !== undefined) return result.nonsense;
  }
  return replies;
};

describe('a reply', () => {
  test.each([
    ['one line', '250 2.1.0 ok\r\n', { code: 250, status: '2.1.0', lines: ['2.1.0 ok'] }],
    ['several lines', '250-a\r\n250-b\r\n250 c\r\n', { code: 250, lines: ['a', 'b', 'c'] }],
    ['no text', '250\r\n', { code: 250, lines: [''] }],
    ['LF alone as line end', '250 ok\n', { code: 250, lines: ['ok'] }],
    ['a status that does not fit its code', '550 4.2.2 x\r\n', { code: 550, lines: ['4.2.2 x'] }],
    ['UTF-8', '250 gr\u00c3\u00bc\u00c3\u009f dich\r\n', { code: 250, lines: ['gr\u00fc\u00df dich'] }],
    ['control characters', '250 a\u001b[31mb\u0000c\r\n', { code: 250, lines: ['a [31mb c'] }],
  ])('with %s', (_, text, reply) => {
    expect(feedAll(text)).toEqual([reply]);
  });

  test.each([
    ['no code', 'hello\r\n'],
    ['a code of two digits', '25 ok\r\n'],
    ['a code beyond 599', '650 ok\r\n'],
    ['a code below 200', '150 ok\r\n'],
    ['another code on its second line', '250-a\r\n550 b\r\n'],
    ['a line of 5000 octets', `250 ${'x'.repeat(5000)}\r\n`],
    ['5000 octets and no line end', '2'.repeat(5000)],
    ['129 lines', '250-x\r\n'.repeat(129)],
    ['40 long lines', `250-${'x'.repeat(1000)}\r\n`.repeat(40)],
  ])('with %s is nonsense', (_, text) => {
    expect(feedAll(text)).toEqual(expect.any(String));
    expect(feedAll(text, 7)).toEqual(expect.any(String));
  });

  test('means the same however it is cut', () => {
    const line = constantFrom('250 ok\r\n', '250-a\r\n250 b\r\n', '550 5.1.1 no\r\n', '354 go\n');
    assert(
      property(array(line, { maxLength: 5 }), integer({ min: 1, max: 9 }), (lines, size) => {
        expect(feedAll(lines.join(''), size)).toEqual(feedAll(lines.join('')));
      }),
    );
  });

  test('is quoted on one line and not at any length', () => {
    expect(quote({ code: 550, status: '5.1.1', lines: ['5.1.1 no', '5.1.1 such', 'user'] })).toBe('550 5.1.1 no such user');
    expect(quote({ code: 550, lines: ['x'.repeat(5000)] }).length).toBeLessThan(500);
  });
});
