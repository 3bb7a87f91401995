const LF = 0x0a;
const CR = 0x0d;

/** Counts the line ends of a message while it passes by, cut anywhere. */
export class LineEnds {
  /** LFs, with a CR before them or without. */
  count = 0;
  #lone = 0;
  /** Undefined: none has come. */
  #lastOctet: number | undefined;

  push(bytes: Buffer): void {
    for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, at + 1)) {
      this.count += 1;
      if ((at > 0 ? bytes[at - 1] : this.#lastOctet) !== CR) this.#lone += 1;
    }
    this.#lastOctet = bytes.at(-1) ?? this.#lastOctet;
  }

  /** So many octets more it is with CRLF at the end of every line, the last one too; a lone CR ends none, but as the last octet it is half of one. */
  get missingBytes(): number {
    if (this.#lastOctet === undefined || this.#lastOctet === LF) return this.#lone;
    return this.#lone + (this.#lastOctet === CR ? 1 : 2);
  }
}
