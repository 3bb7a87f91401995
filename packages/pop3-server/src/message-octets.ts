/*
 * A stored message as POP3 sends it (RFC 1939 3): every line ends with CRLF, a dot at the beginning of a line is doubled, and CRLF dot CRLF ends it.
 * Clients are of two kinds: for some only CRLF ends a line, for others (Python's poplib) LF does. So a lone LF becomes CRLF - else LF dot LF in a mail would
 * be the end for the latter, and the rest of it would be taken for replies. A lone CR is left as it is: nobody reads it as a line end.
 */
const LF = 0x0a;
const CR = 0x0d;
const DOT = 0x2e;
const ONE_DOT = Buffer.from('.');
const ONE_CR = Buffer.from('\r');

export async function* messageOctets(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let isAfterLf = true;
  let isAfterCr = false;
  for await (const chunk of bytes) {
    if (chunk.length === 0) continue;
    yield withLineEnds(chunk, { isAfterLf, isAfterCr });
    isAfterLf = chunk.at(-1) === LF;
    isAfterCr = chunk.at(-1) === CR;
  }
  yield Buffer.from(isAfterLf ? '.\r\n' : isAfterCr ? '\n.\r\n' : '\r\n.\r\n');
}

/** RFC 1939 7 TOP: the header, the empty line, and so many lines of the body. */
export async function* topOf(bytes: AsyncIterable<Buffer>, bodyLines: number): AsyncGenerator<Buffer> {
  let isBody = false;
  let left = bodyLines;
  let lineBytes = 0;
  let isOnlyCr = false;
  for await (const chunk of bytes) {
    let from = 0;
    for (let at = chunk.indexOf(LF); at >= 0; at = chunk.indexOf(LF, from)) {
      const length = at - from + lineBytes;
      const isEmpty = length === 0 || (length === 1 && (at > from ? chunk[at - 1] === CR : isOnlyCr));
      from = at + 1;
      lineBytes = 0;
      if (isBody) left -= 1;
      else isBody = isEmpty;
      if (isBody && left <= 0) return yield chunk.subarray(0, from);
    }
    isOnlyCr = lineBytes === 0 && chunk.length - from === 1 && chunk[from] === CR;
    lineBytes += chunk.length - from;
    yield chunk;
  }
}

function withLineEnds(chunk: Buffer, before: { readonly isAfterLf: boolean; readonly isAfterCr: boolean }): Buffer {
  const pieces: Buffer[] = [];
  let from = 0;
  if (before.isAfterLf && chunk[0] === DOT) pieces.push(ONE_DOT);
  for (let at = chunk.indexOf(LF); at >= 0; at = chunk.indexOf(LF, at + 1)) {
    const isAfterCr = at > 0 ? chunk[at - 1] === CR : before.isAfterCr;
    if (!isAfterCr) {
      pieces.push(chunk.subarray(from, at), ONE_CR);
      from = at;
    }
    if (chunk[at + 1] !== DOT) continue;
    pieces.push(chunk.subarray(from, at + 1), ONE_DOT);
    from = at + 1;
  }
  if (pieces.length === 0) return chunk;
  pieces.push(chunk.subarray(from));
  return Buffer.concat(pieces);
}
