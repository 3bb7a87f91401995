import { createDigester, LineEnds } from '@stopgap/message';
import { array, assert, asyncProperty, constantFrom, integer, nat } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { messageOctets, topOf } from './message-octets.ts';

/** What trips up dots and line ends, and hardly anything else. */
const messages = array(constantFrom('\r', '\n', '\r\n', '.', 'a', '\r\n.', '\n.\n', '\0', '\x80'), { maxLength: 40 }).map((parts) =>
  parts.join(''),
);
const cuts = array(integer({ min: 1, max: 5 }), { minLength: 120, maxLength: 120 });

async function* chunksOf(text: string, sizes: Iterable<number> = [text.length || 1]): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text, 'latin1');
  let from = 0;
  for (const size of sizes) {
    if (from >= bytes.length) return;
    yield bytes.subarray(from, from + size);
    from += size;
  }
}

async function all(bytes: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return Buffer.concat(chunks).toString('latin1');
}

describe('a message on its way out', () => {
  test('is the message with CRLF for every lone LF, for a reader that knows only CRLF', async () => {
    await assert(
      asyncProperty(messages, cuts, async (text, sizes) => {
        const sent = await all(messageOctets(chunksOf(text, sizes)));
        const end = sent.startsWith('.\r\n') ? 0 : sent.indexOf('\r\n.\r\n') + 2;
        expect(sent.slice(end)).toBe('.\r\n');
        const read = sent.slice(0, end).replaceAll(/(^|\r\n)\.\./g, '$1.');
        const wanted = text.replaceAll(/\r?\n/g, '\r\n');
        expect(read).toBe(wanted === '' || wanted.endsWith('\r\n') ? wanted : `${wanted.replace(/\r$/, '')}\r\n`);
      }),
      { numRuns: 500 },
    );
  });

  test('has one end, for a reader that takes a lone LF for a line end too', async () => {
    await assert(
      asyncProperty(messages, async (text) => {
        const lines = (await all(messageOctets(chunksOf(text)))).split('\n').map((line) => line.replace(/\r$/, ''));
        expect(lines.indexOf('.')).toBe(lines.length - 2);
      }),
      { numRuns: 500 },
    );
  });

  test('has as many octets as were counted at its arrival, and are counted later, but for the dots that are doubled', async () => {
    await assert(
      asyncProperty(messages, messages, cuts, nat(4), async (before, after, sizes, shift) => {
        // What a digest gathers is full somewhere in what is hard.
        const wide = `${before}${'x'.repeat(64 * 1024 - before.length - shift)}${after}`;
        for (const text of [before, wide]) {
          const pieces = text === wide ? [before.length + 1, text.length - before.length - after.length - 1, ...sizes] : sizes;
          const sent = await all(messageOctets(chunksOf(text, pieces)));
          const octets = sent.slice(0, -'.\r\n'.length).replaceAll(/(?<=^|\n)\./g, '').length;
          const digester = createDigester();
          const lineEnds = new LineEnds();
          for await (const chunk of chunksOf(
            text,
            pieces.flatMap((size) => [size, 0]),
          )) {
            digester.write(chunk);
            lineEnds.push(chunk);
          }
          expect([digester.finish().missingLineEndBytes, lineEnds.missingBytes]).toEqual(Array(2).fill(octets - text.length));
        }
      }),
      { numRuns: 300 },
    );
  });

  test('does not depend on how its bytes are cut', async () => {
    await assert(
      asyncProperty(messages, cuts, nat(5), async (text, sizes, lines) => {
        expect(await all(messageOctets(chunksOf(text, sizes)))).toBe(await all(messageOctets(chunksOf(text))));
        expect(await all(topOf(chunksOf(text, sizes), lines))).toBe(await all(topOf(chunksOf(text), lines)));
      }),
      { numRuns: 500 },
    );
  });
});

test.each([
  ['A: b\r\n\r\none\r\ntwo\r\n', 0, 'A: b\r\n\r\n'],
  ['A: b\r\n\r\none\r\ntwo\r\n', 1, 'A: b\r\n\r\none\r\n'],
  ['A: b\r\n\r\none\r\ntwo\r\n', 9, 'A: b\r\n\r\none\r\ntwo\r\n'],
  ['A: b\n\none\ntwo', 1, 'A: b\n\none\n'],
  ['A: b\r\n \r\n\r\none', 0, 'A: b\r\n \r\n\r\n'],
  ['\r\nno header', 0, '\r\n'],
  ['no body', 3, 'no body'],
  ['', 3, ''],
])('the top of %j with %i lines is %j', async (text, lines, expected) => {
  expect(await all(topOf(chunksOf(text), lines))).toBe(expected);
});
