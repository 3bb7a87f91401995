const PIECE_BYTES = 8192;
const CR = 0x0d;
const LF = 0x0a;
const FULL_STOP = 0x2e;

/**
 * What Net_SMTP 1.10 makes of a body on its way out, dots undone again: it is read in pieces, and a piece that ends between CR and LF or begins
 * with a full stop is changed.
 */
export function throughNetSmtp(body: Buffer): Buffer {
  const pieces: Buffer[] = [];
  for (let from = 0; from < body.length;) {
    let end = Math.min(from + PIECE_BYTES, body.length);
    while (end < body.length && body[end] === LF) end++;
    end = Math.min(end + 1, body.length);
    if (from > 0 && body[from] === FULL_STOP) pieces.push(Buffer.from('.'));
    pieces.push(body.subarray(from, end));
    if (end < body.length && body[end - 1] === CR && body[end] === LF) pieces.push(Buffer.from('\n\r'));
    from = end;
  }
  return Buffer.concat(pieces);
}
