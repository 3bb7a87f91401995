import { quotedLines } from './quoted-heads.ts';

/** A stretch of plain text: what the sender wrote, or what it quotes. */
export interface TextBlock {
  readonly kind: 'own' | 'quote' | 'signature';
  readonly text: string;
}

export interface TextPiece {
  readonly text: string;
  /** Given: it is a link. */
  readonly href?: string;
}

/** Ends before what belongs to the sentence around it. */
const LINK = /\bhttps?:\/\/[^\s<>"'`\\^{|}]+/i;
/** From its @ on, which is what is looked for: what stands before is looked at then. */
const ADDRESS =
  /@(?<=([\p{L}\p{N}_][\p{L}\p{N}_.+!#$%&*/=?~-]{0,63})@)(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.)+\p{L}[\p{L}\p{N}-]{0,61}[\p{L}\p{N}]/u;
const FOUND = new RegExp(`${LINK.source}|${ADDRESS.source}`, 'giu');
const AFTER_LINK = '.,;:!?';
const MOST_LINKS = 2000;

export function blocksOf(text: string): TextBlock[] {
  const blocks: { kind: TextBlock['kind']; lines: string[] }[] = [];
  let isSignature = false;
  const lines = text.replaceAll('\r\n', '\n').split('\n');
  const unmarked = quotedLines(lines) ?? { from: lines.length, to: lines.length };
  for (const [index, line] of lines.entries()) {
    const isUnmarked = index >= unmarked.from && index < unmarked.to;
    const isQuote = isUnmarked || line.startsWith('>');
    if (isUnmarked) isSignature = false;
    else if (line === '-- ') isSignature = true;
    const kind = isSignature ? 'signature' : isQuote ? 'quote' : 'own';
    const last = blocks.at(-1);
    if (last?.kind === kind) last.lines.push(line);
    else blocks.push({ kind, lines: [line] });
  }
  return blocks.map(({ kind, lines }) => ({ kind, text: lines.join('\n') }));
}

export function linksIn(text: string): TextPiece[] {
  const pieces: TextPiece[] = [];
  let from = 0;
  for (const match of [...text.matchAll(FOUND)].slice(0, MOST_LINKS)) {
    const [whole, local] = match;
    const found = local === undefined ? withoutEnd(whole) : `${local}${whole}`;
    const href = local === undefined ? found : `mailto:${encodeURIComponent(local)}${whole}`;
    const at = match.index - (local?.length ?? 0);
    if (at < from || !URL.canParse(href)) continue;
    if (at > from) pieces.push({ text: text.slice(from, at) });
    pieces.push({ text: found, href });
    from = at + found.length;
  }
  if (from < text.length) pieces.push({ text: text.slice(from) });
  return pieces;
}

/** A bracket that was opened within the link belongs to it. */
function withoutEnd(link: string): string {
  const surplus = { ')': count(link, ')') - count(link, '('), ']': count(link, ']') - count(link, '[') };
  let end = link.length;
  for (; end > 0; end -= 1) {
    const last = link.charAt(end - 1);
    if (last === ')' || last === ']') {
      if (surplus[last] <= 0) break;
      surplus[last] -= 1;
    } else if (!AFTER_LINK.includes(last)) break;
  }
  return link.slice(0, end);
}

function count(text: string, letter: string): number {
  return text.split(letter).length - 1;
}
