import type { Pop3Wire } from './wire.ts';

const LF = 0x0a;
const CR = 0x0d;
const DOT = 0x2e;

/**
 * The octets of a multi-line answer (RFC 1939 3) up to its dot, without the doubled dots and otherwise untouched: NUL, 8-bit octets and lone CR or LF
 * pass. Rejects as the wire does: without the dot there is no end.
 *
 * `isBare`: the server ends its own lines with LF alone, so a dot between two LF is its end. From all others only CRLF dot CRLF is: a message that has
 * LF dot LF in it would be cut there, and its rest be taken for answers.
 */
export async function* dotted(wire: Pop3Wire, isBare: boolean): AsyncGenerator<Buffer, void, undefined> {
  const lineEnd = isBare ? 1 : 2;
  const dotLine = Buffer.from(isBare ? '\n.' : '\r\n.');
  let rest: Buffer = Buffer.alloc(0);
  let isAtLineStart = true;
  for (;;) {
    const chunk = await wire.octets();
    const octets = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const pieces: Buffer[] = [];
    let from = 0;
    for (;;) {
      if (isAtLineStart && octets[from] === DOT) {
        const end = endOfDotLine(octets, from + 1, isBare);
        if (end === 'unknown') break;
        if (end !== 'content') {
          wire.putBack(octets.subarray(end));
          if (pieces.length > 0) yield joined(pieces);
          return;
        }
        from += 1;
      }
      isAtLineStart = false;
      const next = octets.indexOf(dotLine, from);
      if (next === -1) {
        const until = octets.length - heldBack(octets, from, isBare);
        if (until > from) pieces.push(octets.subarray(from, until));
        from = Math.max(from, until);
        break;
      }
      pieces.push(octets.subarray(from, next + lineEnd));
      from = next + lineEnd;
      isAtLineStart = true;
    }
    rest = octets.subarray(from);
    if (pieces.length > 0) yield joined(pieces);
  }
}

/** Behind a dot at the start of a line: where the answer has ended; or that it is content; or that more octets must be seen. */
function endOfDotLine(octets: Buffer, at: number, isBare: boolean): number | 'content' | 'unknown' {
  if (at >= octets.length) return 'unknown';
  if (isBare && octets[at] === LF) return at + 1;
  if (octets[at] !== CR) return 'content';
  if (at + 1 >= octets.length) return 'unknown';
  return octets[at + 1] === LF ? at + 2 : 'content';
}

/** How many octets at the end may be the line end before a dot that has not come yet. */
function heldBack(octets: Buffer, from: number, isBare: boolean): number {
  const { length } = octets;
  if (length <= from) return 0;
  if (isBare) return octets[length - 1] === LF ? 1 : 0;
  if (octets[length - 1] === CR) return 1;
  return octets[length - 1] === LF && length - from > 1 && octets[length - 2] === CR ? 2 : 0;
}

function joined(pieces: readonly Buffer[]): Buffer {
  const [first] = pieces;
  return pieces.length === 1 && first !== undefined ? first : Buffer.concat(pieces);
}
