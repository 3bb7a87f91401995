import { describe, expect, test } from 'vitest';
import { count, printable, table } from './table.ts';

describe('a table for people', () => {
  test('columns are as wide as their widest cell, without spaces at the end of a line', () => {
    const text = table(
      ['A', 'BB', 'C'],
      [
        ['long one', 'x', ''],
        ['y', '', 'z'],
      ],
      undefined,
    );
    expect(text.split('\n')).toEqual(['A         BB  C', 'long one  x', 'y             z']);
  });

  test('a long reason is wrapped at words under its own column', () => {
    const text = table(['TO', 'REASON'], [['bob', 'one two three four five six seven eight']], 32);
    expect(text.split('\n')).toEqual(['TO   REASON', 'bob  one two three four five six', '     seven eight']);
  });

  test('a word longer than the room is broken, and none of it is lost', () => {
    const word = 'x'.repeat(70);
    const text = table(['TO', 'REASON'], [['bob', word]], 35);
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(35);
    expect(text.replaceAll(/[^x]/g, '')).toBe(word);
  });

  test('where hardly any room is left, lines stay whole', () => {
    const text = table(['ADDRESS', 'REASON'], [['a'.repeat(60), 'it was refused by them']], 70);
    expect(text.split('\n')).toHaveLength(2);
  });

  test('a reason from the network can not move the cursor, ring the bell, begin a line or turn the text round', () => {
    const text = table(['A', 'B'], [['\u001b[2Jx', 'a\r\nb\u0007\u009b1m\u202e\u2028']], undefined);
    expect(text.split('\n')).toHaveLength(2);
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u202e]/);
  });

  test('letters of all languages stay', () => expect(printable('Zürich – 東京 ✓')).toBe('Zürich – 東京 ✓'));

  test('one is no plural', () => expect([count(0, 'row'), count(1, 'row'), count(2, 'row')]).toEqual(['0 rows', '1 row', '2 rows']));
});
