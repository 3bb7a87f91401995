import { expect, test } from 'vitest';
import { blocksOf, linksIn } from './text-blocks.ts';

test('what is quoted and the signature stand for themselves', () => {
  expect(blocksOf('Yes\r\n> a\r\n>> b\r\nNo\r\n-- \r\n> me').map(({ kind, text }) => [kind, text])).toEqual([
    ['own', 'Yes'],
    ['quote', '> a\n>> b'],
    ['own', 'No'],
    ['signature', '-- \n> me'],
  ]);
});

test.for<[string, (string | undefined)[]]>([
  ['see https://a.test/x?y=1.', [undefined, 'https://a.test/x?y=1', undefined]],
  ['see https://a.test/wiki/Bank_(seat).', [undefined, 'https://a.test/wiki/Bank_(seat)', undefined]],
  ['(https://a.test/x_(y)_z[1])', [undefined, 'https://a.test/x_(y)_z[1]', undefined]],
  ['(http://a.test)', [undefined, 'http://a.test', undefined]],
  ['javascript:alert(1) data:text/html,x', [undefined]],
  ['http://a.test"onmouseover="x', ['http://a.test', undefined]],
  ['https://', [undefined]],
  ['nothing', [undefined]],
])('%j', ([text, hrefs]) => {
  const pieces = linksIn(text);
  expect(pieces.map(({ href }) => href)).toEqual(hrefs);
  expect(pieces.map((piece) => piece.text).join('')).toBe(text);
});
