import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { preambleLine } from '@stopgap/message';
import { throughNetSmtp } from '@stopgap/testkit';
import { ChunkTrap } from './chunk-trap.ts';

function safePaddings(body: Buffer, sizes: readonly number[]): readonly number[] {
  const trap = new ChunkTrap();
  for (let at = 0, i = 0; at < body.length; i++) {
    const size = sizes[i % sizes.length] ?? body.length;
    trap.push(body.subarray(at, at + size));
    at += size;
  }
  return trap.safePaddings;
}

describe('the pieces of the mail library', () => {
  test.for<[string, Buffer, boolean]>([
    ['a short body', Buffer.from('hello\r\n'), true],
    ['a line end between pieces', Buffer.concat([Buffer.alloc(8192, 'x'), Buffer.from('\r\nmore')]), false],
    ['a line end just before', Buffer.concat([Buffer.alloc(8191, 'x'), Buffer.from('\r\nmore')]), true],
    ['a full stop at the beginning of a piece', Buffer.concat([Buffer.alloc(8193, 'x'), Buffer.from('.more')]), false],
    ['a full stop after a line end', Buffer.concat([Buffer.alloc(8190, 'x'), Buffer.from('\r\n.more')]), true],
  ])('%s', ([, body, isSafe]) => {
    expect(safePaddings(body, [body.length]).includes(0)).toBe(isSafe);
    expect(throughNetSmtp(body).equals(body)).toBe(isSafe);
  });

  test('are foretold for every padding, however the body comes in', () => {
    const line = fc
      .tuple(fc.integer({ min: 0, max: 90 }), fc.constantFrom('x', '.', '..x', '\r\n'))
      .map(([length, end]) => `${'y'.repeat(length)}${end}\r\n`);
    const bodies = fc.array(line, { minLength: 200, maxLength: 400 }).map((lines) => Buffer.from(lines.join('')));
    fc.assert(
      fc.property(bodies, fc.array(fc.integer({ min: 1, max: 9000 }), { minLength: 1, maxLength: 4 }), (body, sizes) => {
        const safe = new Set(safePaddings(body, sizes));
        for (const padding of [0, 3, 4, 5, 50, 120]) {
          const padded = padding === 0 ? body : Buffer.concat([preambleLine(padding), body]);
          expect(safe.has(padding)).toBe(throughNetSmtp(padded).equals(padded));
        }
      }),
      { numRuns: 60 },
    );
  });
});
