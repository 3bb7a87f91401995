import { isIndexedBeginning, markedBeginning } from './beginnings.ts';
import type { TextField, TextTree } from './index-messages.ts';
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

/** Phrases that one condition may stand for; each costs a look into every segment of the index. */
export const MOST_PHRASES = 200;
/** Words that a short beginning behind another word may be named by: common ones, so that each of these phrases is looked for in many texts. */
const MOST_SHORT = 20;

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
 * one (a single one may be anywhere inside) - which is what a substring is, once letters are folded and all else is a blank. Where it would take too long it
 * finds more than that, never less without saying so.
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

interface Phrases {
  readonly phrases: readonly string[];
  readonly isAll: boolean;
}

function phraseMatch({ field, value }: Extract<TextTree, { kind: 'text' }>, vocabulary: Vocabulary): TextMatch {
  const words = wordsOf(value);
  const [first, ...rest] = words;
  if (first === undefined) return { expression: undefined, isAll: true };
  const { phrases, isAll } = rest.length === 0 ? anywhereIn(first, vocabulary) : inARow([first, ...rest], vocabulary);
  return { expression: phrases.length === 0 ? undefined : `{${COLUMNS[field]}} : (${phrases.join(' OR ')})`, isAll };
}

function anywhereIn(part: string, vocabulary: Vocabulary): Phrases {
  const begun = isIndexedBeginning(part) ? { phrases: [`"${markedBeginning(part)}"`], isAll: true } : begunWith([''], part, vocabulary);
  const further = furtherWords(part, 'inside', vocabulary);
  return { phrases: [...begun.phrases, ...further.words.map((word) => `"${word}"`)], isAll: begun.isAll && further.isAll };
}

function inARow([first, ...rest]: readonly [string, ...string[]], vocabulary: Vocabulary): Phrases {
  const further = furtherWords(first, 'end', vocabulary);
  const firsts = [first, ...further.words.filter((word) => word !== first)];
  const fronts = firsts.map((word) => [word, ...rest.slice(0, -1), ''].join(' '));
  const begun = begunWith(fronts, rest.at(-1) ?? '', vocabulary);
  return { phrases: begun.phrases, isAll: begun.isAll && further.isAll };
}

/**
 * Each word that begins so is named. For too many of them FTS5 has a search of its own, which puts all places of all such words together before it gives the
 * first one: of a short beginning these are most of the index, so its mark is looked for, anywhere beside what comes before it.
 */
function begunWith(fronts: readonly string[], part: string, vocabulary: Vocabulary): Phrases {
  if (Array.from(part).length === 1) return { phrases: fronts.map((front) => `"${front}${part}"`), isAll: true };
  const begun = vocabulary(part, 'begin');
  const isShort = isIndexedBeginning(part);
  const most = Math.floor((isShort ? MOST_SHORT : MOST_PHRASES) / fronts.length);
  if (begun.isAll && begun.words.length <= most) {
    return { phrases: fronts.flatMap((front) => begun.words.map((word) => `"${front}${word}"`)), isAll: true };
  }
  return { phrases: fronts.map((front) => (isShort ? `("${front}" AND "${markedBeginning(part)}")` : `"${front}${part}" *`)), isAll: true };
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
