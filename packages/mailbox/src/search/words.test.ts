import { expect, test } from 'vitest';
import { isSingle, WORD_CHARACTERS, wordsOf } from './words.ts';

test.each([
  ['case and punctuation', 'Hello, WORLD: a@b.de (2024-01)', ['hello', 'world', 'a', 'b', 'de', '2024', '01']],
  ['accents and sharp s', 'Größe Ångström naïve ŁÓDŹ', ['grosse', 'angstrom', 'naive', 'łodz']],
  ['decomposed letters are the same', 'Ko\u0308ln Köln', ['koln', 'koln']],
  ['compatibility forms', 'ﬁne Ｆｕｌｌ', ['fine', 'full']],
  ['Greek and Cyrillic', 'Ἀθήνα Москва ёлка', ['αθηνα', 'москва', 'елка']],
  ['Arabic and Hebrew without vowels', 'مُحَمَّد שָׁלוֹם', ['محمد', 'שלום']],
  ['Han, Kana and Thai one by one', '東京タワー ไทย', ['東', '京', 'タ', 'ワ', 'ー', 'ไ', 'ท', 'ย']],
  ['Latin next to Han', 'iPhone手机15', ['iphone', '手', '机', '15']],
  ['Hangul and Devanagari stay whole', '한국어 हिन्दी', ['한국어', 'हिन्दी']],
  ['nothing', '... 😀 --- ', []],
])('%s', (_, text, words) => {
  expect(wordsOf(text)).toEqual(words);
});

test('a word without end is known by its beginning', () => {
  expect(wordsOf('x'.repeat(1000))).toEqual(['x'.repeat(WORD_CHARACTERS)]);
  expect(wordsOf('ж'.repeat(1000))).toEqual(['ж'.repeat(WORD_CHARACTERS)]);
});

test('which words are one character', () => {
  expect(['京', 'a', 'ー', 'tokyo'].map(isSingle)).toEqual([true, false, true, false]);
});
