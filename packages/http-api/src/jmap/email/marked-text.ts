/* RFC 8621 5: text as HTML, with what was looked for in `mark`. */
import { foldLetters } from '@stopgap/mailbox';

const MARK = '<mark>';
const MARK_END = '</mark>';
const ELLIPSIS = '…';
const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

interface Hit {
  readonly from: number;
  readonly to: number;
}

/** Null: nothing of it is there. */
export function markedText(text: string, words: readonly string[]): string | null {
  const hits = hitsIn(text, words);
  return hits.length === 0 ? null : marked(text, { from: 0, to: text.length }, hits);
}

/** Octets; both with marks and entities. */
interface PassageBounds {
  /** Before the first hit. */
  readonly before: number;
  readonly whole: number;
}

/** The passage around the first hit. Null: nothing of it is there. */
export function markedPassage(text: string, words: readonly string[], { before, whole }: PassageBounds): string | null {
  const hits = hitsIn(text, words);
  const [first] = hits;
  if (first === undefined) return null;
  let from = Math.max(0, first.from - before);
  // An entity has six octets at most, so few steps lead to the end.
  const over = (octets: number, most: number): number => (octets <= most ? 0 : Math.max(1, Math.floor((octets - most) / 6)));
  for (let step = 1; step > 0; from += step) step = over(Buffer.byteLength(escaped(text.slice(from, first.from))), before);
  from = wordStart(text, from, first.from);
  let to = Math.min(text.length, from + whole);
  for (;;) {
    const passage = marked(text, { from, to }, hits);
    const step = over(Buffer.byteLength(passage), whole);
    if (step === 0) return passage;
    to -= step;
  }
}

/** A hit in each other counts once, the longest first. */
function hitsIn(text: string, words: readonly string[]): readonly Hit[] {
  const { folded, places } = foldedWithPlaces(text);
  const found: Hit[] = [];
  for (const word of new Set(words.map(foldLetters).filter((one) => one !== ''))) {
    for (let at = folded.indexOf(word); at >= 0; at = folded.indexOf(word, at + word.length)) {
      found.push({ from: places[at] ?? 0, to: places[at + word.length] ?? text.length });
    }
  }
  const hits: Hit[] = [];
  for (const hit of found.toSorted((one, other) => one.from - other.from || other.to - one.to)) {
    if (hit.from >= (hits.at(-1)?.to ?? 0) && hit.to > hit.from) hits.push(hit);
  }
  return hits;
}

/** Letters may become more or fewer when they are folded: of each folded one the place where it stood. */
function foldedWithPlaces(text: string): { readonly folded: string; readonly places: readonly number[] } {
  let folded = '';
  const places: number[] = [];
  let at = 0;
  // Of most texts most is ASCII, which only changes its case. Any other letter is folded with the marks that follow it.
  for (const [piece] of text.matchAll(/[\0-\x7f]+|\P{M}\p{M}*|\p{M}+/gsu)) {
    const isAscii = piece.charCodeAt(0) < 0x80;
    const small = isAscii ? piece.toLowerCase() : foldLetters(piece);
    for (let index = 0; index < small.length; index++) places.push(isAscii ? at + index : at);
    folded += small;
    at += piece.length;
  }
  places.push(text.length);
  return { folded, places };
}

/** Not in the middle of a word, if one begins soon. */
function wordStart(text: string, from: number, hit: number): number {
  if (from === 0) return 0;
  const blank = text.indexOf(' ', from);
  if (blank >= 0 && blank < hit) return blank + 1;
  // Never between the halves of a character.
  return (text.charCodeAt(from) & 0xfc00) === 0xdc00 ? from + 1 : from;
}

function marked(text: string, { from, to }: Hit, hits: readonly Hit[]): string {
  const end = (text.charCodeAt(to) & 0xfc00) === 0xdc00 ? to - 1 : to;
  let out = from > 0 ? ELLIPSIS : '';
  let at = from;
  for (const hit of hits) {
    if (hit.from < at || hit.from >= end) continue;
    const hitEnd = Math.min(hit.to, end);
    out += `${escaped(text.slice(at, hit.from))}${MARK}${escaped(text.slice(hit.from, hitEnd))}${MARK_END}`;
    at = hitEnd;
  }
  return out + escaped(text.slice(at, end)) + (end < text.length ? ELLIPSIS : '');
}

function escaped(text: string): string {
  return text.toWellFormed().replaceAll(/[&<>"']/g, (char) => ENTITIES[char] ?? '');
}
