import type { Duplex } from 'node:stream';
import { ConnectionOver, EndingFault } from './faults.ts';

const LF = 0x0a;
const CR = 0x0d;
const NOTHING = Buffer.alloc(0);

/**
 * Pulls bytes out of a socket. It reads only when somebody waits for bytes, so a client that sends faster than we answer fills its own buffers and not
 * ours (style: one line, or one chunk of a literal, is all that is held).
 */
export class ByteReader {
  #source: Duplex;
  #held: Buffer = NOTHING;
  #isOver = false;
  #wake: (() => void) | undefined;
  #progress = 0;
  readonly #readable = (): void => this.#wake?.();
  readonly #over = (): void => {
    this.#isOver = true;
    this.#wake?.();
  };

  constructor(source: Duplex) {
    this.#source = source;
    this.#attach();
  }

  /** Bytes that came before anybody asked for them. */
  get hasMore(): boolean {
    return this.#held.length > 0 || this.#source.readableLength > 0;
  }

  /** Somebody waits for the client to send. */
  get isWaiting(): boolean {
    return this.#wake !== undefined;
  }

  /** Grows with everything that comes. */
  get progress(): number {
    return this.#progress;
  }

  /**
   * The next line without its CRLF; undefined: the client has ended.
   * @throws EndingFault at a bare LF, or past `mostBytes`
   */
  async line(mostBytes: number): Promise<Buffer | undefined> {
    for (let looked = 0; ;) {
      const end = this.#held.indexOf(LF, looked);
      if (end > mostBytes || (end < 0 && this.#held.length > mostBytes)) throw new EndingFault('Line too long');
      if (end >= 0) {
        // RFC 9051 2.2: a line ends with CRLF. Taking less would let two readers see different commands.
        if (end === 0 || this.#held[end - 1] !== CR) throw new EndingFault('A line ends with CR LF');
        return this.#take(end + 1).subarray(0, -2);
      }
      looked = this.#held.length;
      if (!(await this.#more())) return undefined;
    }
  }

  /** @throws ConnectionOver the client has ended before */
  async octets(sizeBytes: number): Promise<Buffer> {
    while (this.#held.length < sizeBytes) if (!(await this.#more())) throw new ConnectionOver('The client is gone');
    return this.#take(sizeBytes);
  }

  /** Chunk by chunk; whoever leaves early finds the rest still to be read. @throws ConnectionOver */
  async *stream(sizeBytes: number): AsyncGenerator<Buffer> {
    for (let left = sizeBytes; left > 0;) {
      if (this.#held.length === 0 && !(await this.#more())) throw new ConnectionOver('The client is gone');
      const chunk = this.#take(Math.min(left, this.#held.length));
      left -= chunk.length;
      yield chunk;
    }
  }

  /** Resolves when there is something to read, or the client has ended. */
  async ready(): Promise<void> {
    if (this.#held.length === 0) await this.#more();
  }

  /** Nothing is read any more; what was held is thrown away. */
  release(): void {
    this.#source.off('readable', this.#readable);
    this.#source.off('end', this.#over);
    this.#source.off('close', this.#over);
    this.#held = NOTHING;
  }

  /** Goes on with what stands in front of the old source (COMPRESS); what was read before its time is the new one's to know: it is returned. */
  moveTo(source: Duplex): Buffer {
    const held = this.#held;
    this.release();
    this.#source = source;
    this.#attach();
    return held;
  }

  #attach(): void {
    this.#source.on('readable', this.#readable);
    this.#source.on('end', this.#over);
    this.#source.on('close', this.#over);
  }

  #take(sizeBytes: number): Buffer {
    const taken = this.#held.subarray(0, sizeBytes);
    this.#held = sizeBytes === this.#held.length ? NOTHING : this.#held.subarray(sizeBytes);
    return taken;
  }

  /** False: the client has ended. */
  async #more(): Promise<boolean> {
    for (;;) {
      const chunk = this.#source.read() as Buffer | null;
      if (chunk !== null) {
        this.#progress += 1;
        this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
        return true;
      }
      if (this.#isOver || this.#source.destroyed) return false;
      await new Promise<void>((resolve) => (this.#wake = resolve));
      this.#wake = undefined;
    }
  }
}
