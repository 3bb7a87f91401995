/** A message up to this size is read before it is handed on: then its length is known, and nothing of it is left on the connection. */
export const SMALL_BYTES = 256 * 1024;

const LF = 0x0a;
const CR = 0x0d;

/** `whole`: seen to its end. `long`: to be read once; it rejects when its end does not come. */
export type Body =
  | { readonly kind: 'whole'; readonly octets: Buffer }
  | { readonly kind: 'long'; readonly octets: AsyncGenerator<Buffer, void, undefined> };

/** Reads the octets of one answer, all of them while they are few. */
export async function readBody(octets: AsyncGenerator<Buffer, void, undefined>): Promise<Body> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  while (bytes <= SMALL_BYTES) {
    const { done, value } = await octets.next();
    if (done === true) return { kind: 'whole', octets: Buffer.concat(pieces) };
    pieces.push(value);
    bytes += value.length;
  }
  return { kind: 'long', octets: begunWith(pieces, octets) };
}

async function* begunWith(
  pieces: readonly Buffer[],
  rest: AsyncGenerator<Buffer, void, undefined>,
): AsyncGenerator<Buffer, void, undefined> {
  yield* pieces;
  yield* rest;
}

/**
 * RFC 1939 3: the dot stands in a line of its own, so a message whose last line has no end gets one on the way. LIST has counted without it; where it says
 * just that, the line end is taken off again, and the message is what every other path shows.
 *
 * A server that counts LF instead of CRLF (Maildir files, read off the disk) says the same of a message of two lines: there it stays.
 */
export function withoutAddedLineEnd(octets: Buffer, sizeBytes: number | undefined): Buffer {
  const added = endLength(octets);
  if (added === 0 || sizeBytes !== octets.length - added) return octets;
  return added === 2 && countLineEnds(octets) === 2 ? octets : octets.subarray(0, -added);
}

/** The same for a long one. `atEnd` is told how long it was, and how much of that is the last line end, before the last octets are given out; it
 * may throw. */
export async function* longWithoutAddedLineEnd(
  octets: AsyncGenerator<Buffer, void, undefined>,
  sizeBytes: number | undefined,
  atEnd: (bytes: number, added: number) => void,
): AsyncGenerator<Buffer, void, undefined> {
  let bytes = 0;
  let held: Buffer = Buffer.alloc(0);
  for await (const piece of octets) {
    bytes += piece.length;
    const known = held.length === 0 ? piece : Buffer.concat([held, piece]);
    held = known.subarray(-2);
    if (known.length > 2) yield known.subarray(0, -2);
  }
  const added = endLength(held);
  atEnd(bytes, added);
  yield added > 0 && sizeBytes === bytes - added ? held.subarray(0, -added) : held;
}

/** Of the line end at the very end. */
export function endLength(octets: Buffer): 0 | 1 | 2 {
  if (octets.at(-1) !== LF) return 0;
  return octets.at(-2) === CR ? 2 : 1;
}

function countLineEnds(octets: Buffer): number {
  let count = 0;
  for (let at = octets.indexOf(LF); at !== -1 && count < 3; at = octets.indexOf(LF, at + 1)) count += 1;
  return count;
}
