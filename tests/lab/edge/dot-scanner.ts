const END = Buffer.from('\r\n.\r\n');

/** What may be passed on, whether the final dot has come, and the client's bytes after it. */
export interface Scanned {
  readonly body: Buffer;
  readonly ended: boolean;
  readonly rest: Buffer;
}

/**
 * Finds the end of SMTP data (RFC 5321 4.1.1.4) in chunks cut anywhere. `body` never holds a part of the final `.CRLF`: what could be
 * its beginning is held back until the next chunk.
 */
export class DotScanner {
  /** The line end of the DATA command counts as the first CRLF of an empty message; it is not ours to pass on. */
  #held: Buffer = Buffer.from('\r\n');
  #virtual = 2;

  push(chunk: Buffer): Scanned {
    const bytes = Buffer.concat([this.#held, chunk]);
    const at = bytes.indexOf(END);
    if (at >= 0) return { body: this.#real(bytes, at + 2), ended: true, rest: bytes.subarray(at + END.length) };
    const keep = heldBack(bytes);
    const body = this.#real(bytes, bytes.length - keep);
    this.#virtual = Math.max(0, this.#virtual - (bytes.length - keep));
    this.#held = bytes.subarray(bytes.length - keep);
    return { body, ended: false, rest: Buffer.alloc(0) };
  }

  #real(bytes: Buffer, end: number): Buffer {
    return bytes.subarray(Math.min(this.#virtual, end), end);
  }
}

/** How many bytes at the end could be the beginning of the final dot. */
function heldBack(bytes: Buffer): number {
  for (let length = Math.min(END.length - 1, bytes.length); length > 0; length -= 1) {
    if (bytes.subarray(bytes.length - length).equals(END.subarray(0, length))) return length;
  }
  return 0;
}
