import { decodeCharset } from './charset.ts';
import { hexPair } from './transfer-encoding.ts';

interface EncodedWord {
  readonly charset: string;
  readonly bytes: Buffer;
  readonly end: number;
}

/**
 * RFC 2047, as mail is and not as it should be: a word may be long, hold blanks, and touch its neighbours. Blanks between two words are no text
 * (6.2); neighbours of one charset are decoded together, for some programs cut a character in two. Linear: no place is looked at more than twice.
 */
export function decodeWords(text: string): string {
  let start = text.indexOf('=?');
  if (start < 0) return text;
  let out = '';
  let from = 0;
  let run: EncodedWord[] = [];
  const flush = () => {
    if (run.length > 0) out += decodeCharset(Buffer.concat(run.map((word) => word.bytes)), run[0]?.charset);
    run = [];
  };
  while (start >= 0) {
    const word = readWord(text, start);
    if (word === undefined) {
      start = text.indexOf('=?', start + 2);
      continue;
    }
    const between = text.slice(from, start);
    const isNeighbour = run.length > 0 && between.trim() === '';
    if (!isNeighbour || run[0]?.charset !== word.charset) flush();
    if (!isNeighbour) out += between;
    run.push(word);
    from = word.end;
    start = text.indexOf('=?', from);
  }
  flush();
  return out + text.slice(from);
}

/** Longer names are no charsets: what looks for the next `?` is bounded by it. */
const LONGEST_CHARSET = 60;

function readWord(text: string, start: number): EncodedWord | undefined {
  const charsetEnd = text.slice(start + 2, start + 3 + LONGEST_CHARSET).indexOf('?') + start + 2;
  if (charsetEnd < start + 3 || text.charAt(charsetEnd + 2) !== '?') return undefined;
  const encoding = text.charAt(charsetEnd + 1).toUpperCase();
  const body = charsetEnd + 3;
  let end = body;
  // `?` may stand in the text of careless programs, `=?` opens the next word: without that stop an unclosed one would be walked for each opening.
  for (;;) {
    end = text.indexOf('?', end);
    if (end < 0 || text.charAt(end + 1) === '=') break;
    if (text.charAt(end - 1) === '=' && end > body) return undefined;
    end++;
  }
  if (end < 0) return undefined;
  // RFC 2231 5: `charset*language`.
  const charset =
    text
      .slice(start + 2, charsetEnd)
      .split('*', 1)[0]
      ?.toLowerCase() ?? '';
  const encoded = text.slice(body, end);
  if (encoding === 'B') return { charset, bytes: Buffer.from(encoded, 'base64'), end: end + 2 };
  return encoding === 'Q' ? { charset, bytes: decodeQ(encoded), end: end + 2 } : undefined;
}

/** RFC 2047 4.2. */
function decodeQ(text: string): Buffer {
  const out: number[] = [];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const octet = code === 0x3d ? hexPair(text.charCodeAt(i + 1), text.charCodeAt(i + 2)) : -1;
    if (octet >= 0) {
      out.push(octet);
      i += 2;
    } else if (code < 0x80) out.push(code === 0x5f ? 0x20 : code);
    else out.push(...Buffer.from(text.charAt(i)));
  }
  return Buffer.from(out);
}
