import { expect, test } from 'vitest';
import { isIndexedBeginning, markedBeginning } from './beginnings.ts';
import { MetWords } from './met-words.ts';
import { WORD_CHARACTERS, wordsOf } from './words.ts';

const documentOf = (met: MetWords, text: string) => {
  const { columns, unmet } = met.document([Buffer.from(text)]);
  return { text: columns.map(String).join(), unmet };
};

/** What FTS5's ascii tokenizer makes of it. */
const tokens = (text: string): string[] => text.toLowerCase().match(/[a-z0-9\u0080-\uffff]+/g) ?? [];

function beginningsOf(words: readonly string[]): Set<string> {
  const beginnings = words.flatMap((word) => Array.from(word).map((_, length, all) => all.slice(0, length + 1).join('')));
  return new Set(beginnings.filter(isIndexedBeginning).map(markedBeginning));
}

test.each([
  ['ASCII', 'Re: Hello, WORLD_wide\r\n2024-01 a@b.de'],
  ['accents', 'Größe „ÅNGSTRÖM“ – naïve'],
  ['scripts without blanks', 'iPhone手机15 東京タワー ไทย'],
  ['letters beyond the first plane', '𐐨𐐩𐐪𐐫𐐬 𐐨𐐩'],
  ['a word without end', `x ${'Y'.repeat(1000)} z`],
  ['words that are beginnings', 'a an ant ante antel antelope an'],
  ['nothing', ' -- '],
])('a column holds its words in their order, and behind them each short beginning once: %s', (_, text) => {
  const words = wordsOf(text);
  const found = tokens(documentOf(new MetWords(), text).text);
  expect(found.slice(0, words.length)).toEqual(words);
  expect(found.slice(words.length).toSorted()).toEqual([...beginningsOf(words)].toSorted());
});

test('a word is unmet once, and its beginnings are in every column', () => {
  const met = new MetWords();
  expect(documentOf(met, 'Alpha beta alpha').unmet).toEqual(['alpha', 'beta']);
  const second = documentOf(met, 'BETA alpha gamma');
  expect(second.unmet).toEqual(['gamma']);
  expect(tokens(second.text).slice(3).toSorted()).toEqual([...beginningsOf(['alpha', 'beta', 'gamma'])].toSorted());
});

test('no word is held for another one, however many there are, and what is remembered has a bound', () => {
  const met = new MetWords();
  const words = Array.from({ length: 150_000 }, (_, n) => (n * 7919).toString(36).padStart(5, 'w'));
  const unmet: string[] = [];
  for (let from = 0; from < words.length; from += 1000) unmet.push(...documentOf(met, words.slice(from, from + 1000).join(' ')).unmet);
  expect(unmet).toEqual(words);
  expect(documentOf(met, words.slice(-10).join(' ')).unmet).toEqual([]);
  expect(documentOf(met, words.slice(0, 10).join(' ')).unmet).toEqual(words.slice(0, 10));
});

test('what is too long to be a word is still one word', () => {
  expect(documentOf(new MetWords(), 'x'.repeat(1000)).unmet).toEqual(['x'.repeat(WORD_CHARACTERS)]);
});

test('what comes before a word that is too long is told, too', () => {
  expect(documentOf(new MetWords(), `before ${'x'.repeat(1000)} behind`).unmet).toEqual(['before', 'x'.repeat(WORD_CHARACTERS), 'behind']);
});

test('the columns of a message stay side by side, however long they are', () => {
  const texts = ['short', 'long words '.repeat(50_000), '', 'Größe'];
  const { columns } = new MetWords().document(texts.map((text) => Buffer.from(text)));
  expect(columns.map((column) => tokens(column.toString()).filter((token) => !token.startsWith(markedBeginning(''))))).toEqual(
    texts.map(wordsOf),
  );
});
