import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { quoteMboxrd } from './mboxrd.ts';

/** The definition, on text that is all there at once. */
function quoted(text: string): string {
  return text.replaceAll(/^(>*From )/gm, '>$1');
}

async function quoteInPieces(text: string, sizes: readonly number[]): Promise<string> {
  async function* pieces(): AsyncGenerator<Buffer> {
    const bytes = Buffer.from(text, 'latin1');
    for (let at = 0, i = 0; at < bytes.length; i++) {
      const size = sizes[i % sizes.length] ?? 1;
      yield bytes.subarray(at, at + size);
      at += size;
    }
  }
  const out: Buffer[] = [];
  for await (const chunk of quoteMboxrd(pieces())) out.push(chunk);
  return Buffer.concat(out).toString('latin1');
}

describe('mboxrd quoting', () => {
  test.for<[string, string]>([
    ['From a', '>From a'],
    ['x\r\n\r\nFrom a', 'x\r\n\r\n>From a'],
    ['>From a', '>>From a'],
    ['x\n>>From ', 'x\n>>>From '],
    ['From', 'From'],
    ['From: a', 'From: a'],
    ['x From a', 'x From a'],
    ['> From a', '> From a'],
    ['>FFrom a', '>FFrom a'],
    ['Fr\nFrom a', 'Fr\n>From a'],
    ['From\nFrom a', 'From\n>From a'],
  ])('%j becomes %j', async ([text, expected]) => {
    expect(await quoteInPieces(text, [1000])).toBe(expected);
    expect(await quoteInPieces(text, [1])).toBe(expected);
  });

  test('does the same wherever the pieces end', async () => {
    const line = fc.constantFrom('From ', '>', 'From', 'F', ' ', '\n', '\r\n', 'x', 'From \n', '>>From ', 'ro');
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { maxLength: 40 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }),
        async (lines, sizes) => {
          const text = lines.join('');
          expect(await quoteInPieces(text, sizes)).toBe(quoted(text));
        },
      ),
    );
  });
});
