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

/** Words of the index that hold this one inside, or end with it; a bounded number, and whether these are all. */
export type Vocabulary = (part: string, where: 'inside' | 'end') => { readonly words: readonly string[]; readonly isAll: boolean };

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
  const where = rest.length === 0 ? 'inside' : 'end';
  const others =
    isSingle(first) || first.length < INSIDE_CHARACTERS || first.length >= WORD_CHARACTERS
      ? { words: [], isAll: true }
      : vocabulary(first, where);
  const star = isSingle(last) ? '' : ' *';
  const phrases = [first, ...others.words.filter((word) => word !== first)].map((word) => {
    // A word that holds the only one inside is whole; what begins with it is found by the star of the first phrase.
    const end = rest.length === 0 && word !== first ? '' : star;
    return `"${[word, ...rest].join(' ')}"${end}`;
  });
  return { expression: `{${COLUMNS[field]}} : (${phrases.join(' OR ')})`, isAll: others.isAll };
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
