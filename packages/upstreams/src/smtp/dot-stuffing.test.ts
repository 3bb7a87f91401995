import { array, assert, constantFrom, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BareLineEnd, DotStuffing } from './dot-stuffing.ts';

const stuffed = (chunks: readonly string[]): string => {
  const stuffing = new DotStuffing();
  const pieces = chunks.flatMap((chunk) => stuffing.stuff(Buffer.from(chunk, 'latin1')));
  return Buffer.concat(pieces).toString('latin1') + stuffing.end();
};
/** As RFC 5321 4.5.2 has the receiver do it, line by line. */
const received = (wire: string): string => {
  const lines = wire.split('\r\n');
  const end = lines.indexOf('.');
  expect(end).toBe(lines.length - 2);
  return lines
    .slice(0, end)
    .map((line) => `${line.startsWith('.') ? line.slice(1) : line}\r\n`)
    .join('');
};

const piece = constantFrom('.', '..', 'a', '\r\n', '\r\n.', '.\r\n', '\0', '\u00ff');

describe('dot stuffing', () => {
  test('comes back as it was, whatever the chunks, and only the last line is a dot alone', () => {
    assert(
      property(array(array(piece)), (parts) => {
        const chunks = parts.map((texts) => texts.join(''));
        const whole = chunks.join('');
        expect(received(stuffed(chunks))).toBe(whole === '' || whole.endsWith('\r\n') ? whole : `${whole}\r\n`);
      }),
    );
  });

  test('lets no CR or LF alone out, whatever the chunks', () => {
    const any = constantFrom('.', 'a', '\r', '\n', '\r\n', '\n.\n', '\r.\r\n');
    assert(
      property(array(any), array(any), (first, second) => {
        const chunks = [first.join(''), second.join('')];
        const isClean = !/\r(?!\n)|(?<!\r)\n/.test(chunks.join(''));
        let isRefused = false;
        try {
          stuffed(chunks);
        } catch (error) {
          expect(error).toBeInstanceOf(BareLineEnd);
          isRefused = true;
        }
        expect(isRefused).toBe(!isClean);
      }),
    );
  });

  test('of a chunk cut between CR and LF, or before a dot, is the same', () => {
    expect(stuffed(['a\r', '\n', '.b\r\n'])).toBe('a\r\n..b\r\n.\r\n');
    expect(stuffed(['', '.', ''])).toBe('..\r\n.\r\n');
  });

  test('copies nothing where there is nothing to double', () => {
    const chunk = Buffer.from('line\r\nline\r\n');
    expect(new DotStuffing().stuff(chunk)).toEqual([chunk]);
    expect(new DotStuffing().stuff(chunk)[0]).toBe(chunk);
  });
});
