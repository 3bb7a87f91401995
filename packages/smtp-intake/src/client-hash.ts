import { createHash, type Hash } from 'node:crypto';
import type { StagedBlob } from '@stopgap/core';

/**
 * SHA-256 of the content as the client sent it. Proper clients send a header that nothing is changed in; then the stored bytes are the sent ones,
 * their hash is there already, and this costs one comparison of the first chunk.
 */
export class ClientHash {
  /** What was sent until the header came out of the filter. */
  #sent: Buffer[] | undefined = [];
  #hash: Hash | undefined;

  sent(content: Buffer): void {
    if (this.#hash) this.#hash.update(content);
    else this.#sent?.push(content);
  }

  kept(pieces: readonly Buffer[]): void {
    if (!this.#sent || pieces.length === 0) return;
    if (!isSame(this.#sent, pieces)) {
      this.#hash = createHash('sha256');
      for (const content of this.#sent) this.#hash.update(content);
    }
    this.#sent = undefined;
  }

  digest(blob: StagedBlob): string {
    return this.#hash ? this.#hash.digest('hex') : blob.hash;
  }
}

function isSame(left: readonly Buffer[], right: readonly Buffer[]): boolean {
  if (sizeOf(left) !== sizeOf(right)) return false;
  const whole = left.length === 1 && left[0] ? left[0] : Buffer.concat(left);
  let at = 0;
  return right.every((piece) => whole.subarray(at, (at += piece.length)).equals(piece));
}

function sizeOf(buffers: readonly Buffer[]): number {
  let bytes = 0;
  for (const buffer of buffers) bytes += buffer.length;
  return bytes;
}
