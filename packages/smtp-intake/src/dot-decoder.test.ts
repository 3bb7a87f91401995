import { array, assert as holds, constantFrom, nat, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DotDecoder } from './dot-decoder.ts';

/** Feeds the bytes in these pieces; undefined: the end did not come. */
function decode(pieces: readonly string[]): { readonly content: string; readonly rest: string } | undefined {
  const decoder = new DotDecoder();
  let content = '';
  for (const [index, piece] of pieces.entries()) {
    const decoded = decoder.push(Buffer.from(piece, 'latin1'));
    content += decoded.content.toString('latin1');
    if (decoded.kind === 'end') return { content, rest: decoded.rest.toString('latin1') + pieces.slice(index + 1).join('') };
  }
  return undefined;
}

/** RFC 5321 4.5.2, word by word and slowly. */
function decodeByTheBook(text: string): { readonly content: string; readonly rest: string } | undefined {
  let content = '';
  for (let at = 0; ;) {
    const end = text.indexOf('\r\n', at);
    if (end < 0) return undefined;
    const line = text.slice(at, end);
    at = end + 2;
    if (line === '.') return { content, rest: text.slice(at) };
    content += `${line.startsWith('.') ? line.slice(1) : line}\r\n`;
  }
}

function cut(text: string, at: readonly number[]): string[] {
  const places = [...new Set(at.map((place) => place % (text.length + 1)))].sort((a, b) => a - b);
  return [0, ...places].map((from, index) => text.slice(from, places[index] ?? text.length)).filter((piece) => piece !== '');
}

describe('DotDecoder', () => {
  test.each([
    ['.\r\n', '', ''],
    ['a\r\n.\r\nQUIT\r\n', 'a\r\n', 'QUIT\r\n'],
    ['..\r\n.\r\n', '.\r\n', ''],
    ['...\r\n\r\n..\r\n.\r\n', '..\r\n\r\n.\r\n', ''],
    ['.a\r\n.\r\n', 'a\r\n', ''],
    ['a\n.\nb\r\n.\r\n', 'a\n.\nb\r\n', ''],
    ['a\n.\r\nb\r\n.\r\n', 'a\n.\r\nb\r\n', ''],
    ['a\r\n.\nb\r\n.\r\n', 'a\r\n\nb\r\n', ''],
    ['a\r\n.\r\r\n.\r\n', 'a\r\n\r\r\n', ''],
    ['\n.\r\n\r\n.\r\n', '\n.\r\n\r\n', ''],
  ])('%j is %j, then %j', (text, content, rest) => {
    expect(decode([text])).toEqual({ content, rest });
    expect(decode(Array.from(text))).toEqual({ content, rest });
  });

  test('reads what the book reads, wherever the packets end', () => {
    const text = array(constantFrom('\r\n', '.', '\r', '\n', 'a', '\r\n.\r\n', '\r\n..', '\0'), { maxLength: 40 }).map((parts) =>
      parts.join(''),
    );
    holds(
      property(text, array(nat(200), { maxLength: 12 }), (bytes, places) => {
        expect(decode(cut(bytes, places))).toEqual(decodeByTheBook(bytes));
      }),
      { numRuns: 3000 },
    );
  });

  test('a body of stuffed dots comes out at once, not with a copy of the rest for each', () => {
    const chunk = Buffer.concat([Buffer.from('x\r\n'), Buffer.from('..xxxxx\r\n'.repeat(100_000))]);
    const before = process.cpuUsage();
    new DotDecoder().push(chunk);
    // Some ten milliseconds of processor time; 100,000 copies of 900 KB would be half a minute.
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(5000);
  });
});
