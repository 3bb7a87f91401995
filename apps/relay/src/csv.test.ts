import { describe, expect, test } from 'vitest';
import { parseCsv } from './csv.ts';

const rows: readonly { readonly name: string; readonly text: string; readonly cells: readonly (readonly string[])[] }[] = [
  {
    name: 'commas',
    text: 'a,b,c\nd,e,f\n',
    cells: [
      ['a', 'b', 'c'],
      ['d', 'e', 'f'],
    ],
  },
  {
    name: 'semicolons, as a German Excel writes',
    text: 'a;b\r\nc;d\r\n',
    cells: [
      ['a', 'b'],
      ['c', 'd'],
    ],
  },
  {
    name: 'a semicolon inside a row of commas is content',
    text: 'a@x,pa;ss\nb@x,s;t',
    cells: [
      ['a@x', 'pa;ss'],
      ['b@x', 's;t'],
    ],
  },
  { name: 'a separator inside quotes', text: '"a,b",c', cells: [['a,b', 'c']] },
  { name: 'a line end inside quotes', text: '"a\nb",c', cells: [['a\nb', 'c']] },
  { name: 'doubled quotes', text: 'a,"say ""hi"""', cells: [['a', 'say "hi"']] },
  { name: 'spaces inside quotes belong to a password', text: 'a,"  two  "', cells: [['a', '  two  ']] },
  { name: 'spaces around a cell do not', text: ' a , b ', cells: [['a', 'b']] },
  { name: 'a quote in the middle of a cell is content', text: 'a,pa"ss', cells: [['a', 'pa"ss']] },
  { name: 'a byte order mark', text: '\ufeffa,b', cells: [['a', 'b']] },
  { name: 'a byte order mark before semicolons', text: '\ufeffa;b', cells: [['a', 'b']] },
  {
    name: 'empty lines',
    text: 'a,b\n\n\r\nc,d\n',
    cells: [
      ['a', 'b'],
      ['c', 'd'],
    ],
  },
  { name: 'an empty cell', text: 'a,,c', cells: [['a', '', 'c']] },
  {
    name: 'old Macintosh line ends',
    text: 'a,b\rc,d\r',
    cells: [
      ['a', 'b'],
      ['c', 'd'],
    ],
  },
  { name: 'nothing', text: '', cells: [] },
];

describe('a table of accounts', () => {
  for (const { name, text, cells } of rows) test(name, () => expect(parseCsv(text)).toEqual(cells));
});
