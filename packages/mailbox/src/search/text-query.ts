import type { TextField } from './index-messages.ts';
import type { TextTree } from './index-messages.ts';
import { isSingle, WORD_CHARACTERS, wordsOf } from './words.ts';

/** The columns of a field, as `index-file.ts` names them. */
const COLUMNS: Readonly<Record<TextField, string>> = {
  text: 'subject sender recipients cc bcc names body',
  subject: 'subject',
  from: 'sender',
  to: 'recipients',
  cc: 'cc',
  bcc: 'bcc',
  names: 'names',
  body: 'body names',
};
/** Shorter ones are found only where a word begins: nearly every word has them inside. */
export const INSIDE_CHARACTERS = 3;

/** Beginnings of words of so many letters have an index of their own. A single letter is only looked for as a word. */
export const INDEXED_BEGINNINGS: readonly number[] = [2, 3, 4];
/** Phrases that one condition may stand for; each costs a look into every segment of the index. */
export const MOST_PHRASES = 200;

/** Words of the index that begin with this one, hold it further in, or end with it; at most MOST_PHRASES, and whether these are all. */
export type Vocabulary = (
  part: string,
  where: 'begin' | 'inside' | 'end',
) => { readonly words: readonly string[]; readonly isAll: boolean };

export interface TextMatch {
  /** For FTS5's MATCH. Undefined: nothing can match. */
  readonly expression: string | undefined;
  /** False: a word stood for more words than are looked for. */
  readonly isAll: boolean;
}

/**
 * What a text condition looks for: its words next to each other and in their order, where the first may be the end of a word and the last the beginning of
 * one (a single one may be anywhere inside) - which is what a substring is, once letters are folded and all else is a blank.
 */
export function textMatch(tree: TextTree, vocabulary: Vocabulary): TextMatch {
  switch (tree.kind) {
    case 'text':
      return phraseMatch(tree, vocabulary);
    case 'any': {
      const found = tree.of.map((one) => textMatch(one, vocabulary));
      return { expression: joined(found.map(expressionOf), ' OR '), isAll: found.every(isAllOf) };
    }
    case 'all': {
      const found = tree.of.map((one) => textMatch(one, vocabulary));
      const nothing = found.some(({ expression }) => expression === undefined);
      return { expression: nothing ? undefined : joined(found.map(expressionOf), ' AND '), isAll: found.every(isAllOf) };
    }
    default:
      return tree satisfies never;
  }
}

function phraseMatch({ field, value }: Extract<TextTree, { kind: 'text' }>, vocabulary: Vocabulary): TextMatch {
  const words = wordsOf(value);
  const [first, ...rest] = words;
  const last = words.at(-1);
  if (first === undefined || last === undefined) return { expression: undefined, isAll: true };
  const isOne = rest.length === 0;
  const further = furtherWords(first, isOne ? 'inside' : 'end', vocabulary);
  const begun = begunWords(last, vocabulary);
  const firsts = isOne ? [] : [first, ...further.words.filter((word) => word !== first)];
  const isNameable = begun.isAll && (isOne || firsts.length * begun.words.length <= MOST_PHRASES);
  const ends = isNameable ? begun.words.map((word) => ({ word, star: '' })) : [{ word: last, star: ' *' }];
  const phrases = isOne
    ? [...ends.map(({ word, star }) => `"${word}"${star}`), ...further.words.map((word) => `"${word}"`)]
    : firsts.flatMap((word) => ends.map((end) => `"${[word, ...rest.slice(0, -1), end.word].join(' ')}"${end.star}`));
  if (phrases.length === 0) return { expression: undefined, isAll: true };
  return { expression: `{${COLUMNS[field]}} : (${phrases.join(' OR ')})`, isAll: further.isAll };
}

/** Longer beginnings are named word by word: FTS5 would put all places of all these words together before it gives the first one. */
function begunWords(part: string, vocabulary: Vocabulary): ReturnType<Vocabulary> {
  const { length } = Array.from(part);
  if (length === 1) return { words: [part], isAll: true };
  return INDEXED_BEGINNINGS.includes(length) ? { words: [], isAll: false } : vocabulary(part, 'begin');
}

function furtherWords(part: string, where: 'inside' | 'end', vocabulary: Vocabulary): ReturnType<Vocabulary> {
  const isWhole = isSingle(part) || part.length < INSIDE_CHARACTERS || part.length >= WORD_CHARACTERS;
  return isWhole ? { words: [], isAll: true } : vocabulary(part, where);
}

function joined(expressions: readonly (string | undefined)[], by: string): string | undefined {
  const some = expressions.filter((one) => one !== undefined);
  return some.length === 0 ? undefined : some.map((one) => `(${one})`).join(by);
}

function expressionOf(match: TextMatch): string | undefined {
  return match.expression;
}

function isAllOf(match: TextMatch): boolean {
  return match.isAll;
}
