/*
 * Resending corrupts some bodies. Net_SMTP (1.10, under Roundcube 1.6) reads the body in pieces of 8192 bytes, adds one byte, and goes on
 * while that byte is a line feed; each piece is made fit for SMTP by itself. A piece that ends between CR and LF gives a blank line too many, and a piece
 * that begins with a full stop gives a second one in the middle of a line. Both seen on the wire. Where the pieces end depends on the body
 * alone, so it can be foretold, and a line of preamble in a multipart message moves all of the ends.
 */
import { LONGEST_PREAMBLE_BYTES } from '@stopgap/message';

const PIECE_BYTES = 8192;
/** Preamble lines tried; base64 lines of 78 bytes need one of three. */
const SHORTEST_PADDING = 3;

const CR = 0x0d;
const LF = 0x0a;
const FULL_STOP = 0x2e;

interface Run {
  readonly padding: number;
  /** Offset in the body, without the padding, of the byte that is read after a piece. */
  next: number;
  /** The byte a piece ended with, when the one after it was not seen yet. */
  lastByte: number | undefined;
  isHit: boolean;
}

/** Follows the body of a message and tells which length of preamble (CRLF included) brings it through whole. */
export class ChunkTrap {
  readonly #runs: Run[];
  #offset = 0;

  constructor() {
    const paddings = [0];
    for (let padding = SHORTEST_PADDING; padding <= LONGEST_PREAMBLE_BYTES; padding++) paddings.push(padding);
    this.#runs = paddings.map((padding) => ({ padding, next: PIECE_BYTES - padding, lastByte: undefined, isHit: false }));
  }

  push(body: Buffer): void {
    for (const run of this.#runs) if (!run.isHit) this.#follow(run, body);
    this.#offset += body.length;
  }

  /** 0: it comes through as it is. */
  get safePaddings(): readonly number[] {
    return this.#runs.filter((run) => !run.isHit).map((run) => run.padding);
  }

  #follow(run: Run, body: Buffer): void {
    if (run.lastByte !== undefined && body.length > 0) {
      judge(run, run.lastByte, body[0]);
      run.lastByte = undefined;
    }
    for (let at = run.next - this.#offset; at < body.length && !run.isHit; at = run.next - this.#offset) {
      const byte = body[at];
      if (byte === LF) {
        run.next++;
        continue;
      }
      run.next += 1 + PIECE_BYTES;
      if (at + 1 < body.length) judge(run, byte, body[at + 1]);
      else run.lastByte = byte;
    }
  }
}

function judge(run: Run, last: number | undefined, first: number | undefined): void {
  if (first === FULL_STOP || (last === CR && first === LF)) run.isHit = true;
}
