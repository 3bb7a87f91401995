import { describe, expect, test } from 'vitest';
import { markedPassage, markedText } from './marked-text.ts';

describe('what was looked for is marked as the search finds it', () => {
  test.each<[string, string, string[], string | null]>([
    ['in any case', 'Needle in hay', ['needle'], '<mark>Needle</mark> in hay'],
    ['without accents', 'un Éclair', ['eclair'], 'un <mark>Éclair</mark>'],
    ['with accents where there are none', 'un eclair', ['Éclair'], 'un <mark>eclair</mark>'],
    ['with accents as marks of their own', 'un E\u0301clair!', ['éclair'], 'un <mark>E\u0301clair</mark>!'],
    ['where letters become more', 'Die Straße hier', ['strasse'], 'Die <mark>Straße</mark> hier'],
    ['where letters become fewer', '\ufb01sh, fish', ['fish'], '<mark>\ufb01sh</mark>, <mark>fish</mark>'],
    ['where the small letter is longer', '\u0130stanbul x', ['x'], '\u0130stanbul <mark>x</mark>'],
    ['several, each once', 'a b a', ['a', 'b', 'A'], '<mark>a</mark> <mark>b</mark> <mark>a</mark>'],
    ['the longer one of two', 'overlay', ['over', 'overlay', 'lay'], '<mark>overlay</mark>'],
    ['with HTML as text', '<b>&"x\'', ['x', 'b'], '&lt;<mark>b</mark>&gt;&amp;&quot;<mark>x</mark>&#39;'],
    ['HTML that is looked for', 'a <script> b', ['<script>'], 'a <mark>&lt;script&gt;</mark> b'],
    ['none', 'nothing', ['x'], null],
    ['no word', 'nothing', ['', '\u0301'], null],
  ])('%s', (_, text, words, expected) => {
    expect(markedText(text, words)).toBe(expected);
  });
});

describe('a passage', () => {
  test.each([
    ['ASCII', 'word '.repeat(200)],
    ['letters of two octets', 'слово '.repeat(200)],
    ['characters of four octets', '😀'.repeat(300)],
    ['entities', '"&"'.repeat(300)],
    ['halves of characters', '\ud83d'.repeat(300)],
  ])('of %s has no more octets than it may have, and the hit', (_, filling) => {
    const passage = markedPassage(`${filling}needle${filling}`, ['needle'], { before: 60, whole: 255 });
    expect(Buffer.byteLength(passage ?? '')).toBeLessThanOrEqual(255);
    expect(Buffer.byteLength(passage ?? '')).toBeGreaterThan(200);
    expect(passage).toContain('<mark>needle</mark>');
    expect(passage).toMatch(/^…/);
    expect(passage?.isWellFormed()).toBe(true);
    expect((passage ?? '').replaceAll(/<\/?mark>|&(?:amp|lt|gt|quot|#39);/g, '')).not.toMatch(/[<>&"']/);
  });

  test('that is all of the text says nothing more', () => {
    expect(markedPassage('a needle here', ['needle'], { before: 60, whole: 255 })).toBe('a <mark>needle</mark> here');
    expect(markedPassage('nothing', ['needle'], { before: 60, whole: 255 })).toBeNull();
  });
});
