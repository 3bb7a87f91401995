import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { transferDecoder } from './transfer-decoding.ts';

async function decoded(encoding: string, ...chunks: readonly (string | Buffer)[]): Promise<string> {
  const decoder = transferDecoder(encoding);
  if (!decoder) throw new Error('unknown');
  const source = (async function* () {
    for (const chunk of chunks) yield Buffer.from(chunk as string, 'latin1');
  })();
  const out: Buffer[] = [];
  for await (const chunk of decoder(source)) out.push(chunk);
  return Buffer.concat(out).toString('latin1');
}

/** Cut at these places. */
function cut(text: string, places: readonly number[]): string[] {
  const at = [...new Set(places.map((place) => place % (text.length + 1)))].toSorted((one, other) => one - other);
  return [...at, text.length].map((end, index) => text.slice(at[index - 1] ?? 0, end));
}

describe('quoted-printable', () => {
  test.each([
    ['caf=C3=A9', 'caf\xc3\xa9'],
    ['soft =\r\nbreak', 'soft break'],
    ['soft =  \r\nbreak', 'soft break'],
    ['soft =\nbreak', 'soft break'],
    ['blanks at the end \t \r\ngo', 'blanks at the end\r\ngo'],
    ['=3D=3d', '=='],
    ['no =G1 encoding', 'no =G1 encoding'],
    ['cut off =', 'cut off '],
    ['', ''],
  ])('%j is %j', async (encoded, expected) => {
    expect(await decoded('quoted-printable', encoded)).toBe(expected);
  });

  test('does not depend on where the chunks are cut', async () => {
    const piece = fc.constantFrom('=C3', '=', '=\r\n', 'a', ' ', '\t', '\r\n', '=3D', '\n', 'word');
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 30 }), fc.array(fc.nat(200)), async (pieces, places) => {
        const text = pieces.join('');
        expect(await decoded('quoted-printable', ...cut(text, places))).toBe(await decoded('quoted-printable', text));
      }),
    );
  });

  test('of lines that never end holds little, and takes little time', async () => {
    const chunks = Array.from({ length: 200 }, () => '=41'.repeat(5000));
    expect(await decoded('quoted-printable', ...chunks)).toBe('A'.repeat(1_000_000));
    expect((await decoded('quoted-printable', ...Array.from({ length: 200 }, () => ' '.repeat(10_000)))).length).toBe(2_000_000);
  });
});

describe('base64', () => {
  test('comes back, however it is broken in lines and chunks', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.array(fc.nat(500)), async (bytes, places) => {
        const text = Buffer.from(bytes).toString('base64').replaceAll(/.{20}/g, '$&\r\n');
        expect(await decoded('base64', ...cut(text, places))).toBe(Buffer.from(bytes).toString('latin1'));
      }),
    );
  });

  test('without its padding, with what is no base64, and with something behind its end', async () => {
    expect(await decoded('base64', 'aGVsbG8')).toBe('hello');
    expect(await decoded('base64', 'aG*Vs bG8=')).toBe('hello');
    expect(await decoded('base64', 'aGVsbG8=', '\r\n-- \r\nlist footer')).toBe('hello');
  });
});

test('what nobody knows is not decoded', () => {
  expect(transferDecoder('x-uuencode')).toBeUndefined();
});
