import { findHeaderEnd, MAX_HEADER_BYTES, type SplitMessage } from './header-block.ts';
import { refusalOf } from './refusals.ts';

/** Room taken when a header does not come in one chunk; it doubles from there. */
const FIRST_ROOM = 16 * 1024;

/** Holds the chunks of a message back until its header is whole. One chunk costs no copy; many small ones cost linear time. */
export class HeaderCollector {
  #held: Buffer = Buffer.alloc(0);
  #room: Buffer | undefined;

  /** Undefined: more is needed. Throws a MailError `header-too-long`. */
  push(chunk: Buffer): SplitMessage | undefined {
    const seen = this.#held.length;
    this.#held = seen === 0 ? chunk : this.#append(chunk);
    const end = findHeaderEnd(this.#held, seen);
    // Not found: the empty line can begin one byte before the end at the earliest. This way the verdict does not depend on the chunks.
    if ((end < 0 ? this.#held.length - 1 : end) > MAX_HEADER_BYTES) throw refusalOf('header-too-long');
    return end < 0 ? undefined : { header: this.#held.subarray(0, end), rest: this.#held.subarray(end) };
  }

  /** The message ended without an empty line: all of it is header. A last line without CRLF gets it. */
  end(): Buffer {
    const { length } = this.#held;
    const isEnded = length === 0 || (length >= 2 && this.#held[length - 2] === 0x0d && this.#held[length - 1] === 0x0a);
    const header = isEnded ? this.#held : this.#append(Buffer.from('\r\n'));
    if (header.length > MAX_HEADER_BYTES) throw refusalOf('header-too-long');
    return header;
  }

  #append(chunk: Buffer): Buffer {
    const used = this.#held.length;
    const needed = used + chunk.length;
    if (this.#room === undefined || this.#room.length < needed) {
      const larger = Buffer.allocUnsafe(Math.max(FIRST_ROOM, needed * 2));
      this.#held.copy(larger);
      this.#room = larger;
    }
    chunk.copy(this.#room, used);
    return this.#room.subarray(0, needed);
  }
}
