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
const LINK = /\bhttps?:\/\/[^\s<>"'`\\^{|}]+/gi;
const AFTER_LINK = '.,;:!?';
const MOST_LINKS = 2000;

export function blocksOf(text: string): TextBlock[] {
  const blocks: { kind: TextBlock['kind']; lines: string[] }[] = [];
  let isSignature = false;
  for (const line of text.replaceAll('\r\n', '\n').split('\n')) {
    const isQuote = line.startsWith('>');
    if (line === '-- ') isSignature = true;
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
  for (const match of [...text.matchAll(LINK)].slice(0, MOST_LINKS)) {
    const found = withoutEnd(match[0]);
    if (!URL.canParse(found)) continue;
    if (match.index > from) pieces.push({ text: text.slice(from, match.index) });
    pieces.push({ text: found, href: found });
    from = match.index + found.length;
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
