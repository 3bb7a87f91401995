/*
 * One client's octets. They are taken in as they are asked for, so that nobody fills the memory; what is said goes out in one piece when the next line
 * has not come yet (RFC 2449 6.6: commands may be pipelined), and whoever does not read slows us down until the idle time is over.
 */
import type { Socket } from 'node:net';

/** RFC 2449 4 says 255; a password may be long, and RFC 4954 4 gives a line of AUTH 12288 octets. */
const LONGEST_LINE_BYTES = 12_288;
/** Said and not sent yet; more of it waits for the client. */
const MOST_UNSENT_BYTES = 256 * 1024;
/** For a client that was told the end and does not go: so long without a sign that it takes what was said. */
const FAREWELL_MS = 30_000;

const LF = 0x0a;
const CR = 0x0d;

/** `end`: the client has ended, or the connection broke. */
export type Line = { readonly kind: 'line'; readonly octets: Buffer } | { readonly kind: 'too-long' | 'bare-line-end' | 'end' };

export class Wire {
  #socket: Socket;
  #unread: Buffer = Buffer.alloc(0);
  #unsent: Buffer[] = [];
  #unsentBytes = 0;
  #hasEnded = false;
  #isWaiting = false;
  #wake: () => void = () => undefined;
  readonly #take = (chunk: Buffer): void => {
    this.#unread = this.#unread.length === 0 ? chunk : Buffer.concat([this.#unread, chunk]);
    this.#socket.pause();
    this.#wake();
  };
  readonly #end = (): void => {
    this.#hasEnded = true;
    this.#wake();
  };

  constructor(socket: Socket) {
    this.#socket = socket;
    this.begin(socket);
  }

  /** Octets have come that nobody has asked for yet. */
  get hasUnread(): boolean {
    return this.#unread.length > 0;
  }

  /** Somebody waits for the client's next line. */
  get isWaiting(): boolean {
    return this.#isWaiting;
  }

  get isOver(): boolean {
    return this.#socket.destroyed;
  }

  begin(socket: Socket): void {
    this.#socket = socket;
    socket.on('data', this.#take);
    socket.on('end', this.#end);
    socket.on('close', this.#end);
    socket.on('drain', () => this.#wake());
    socket.pause();
  }

  /** TLS takes the socket over; what was sent must be out. */
  async release(): Promise<void> {
    await this.flush();
    const socket = this.#socket;
    socket.off('data', this.#take);
    socket.off('end', this.#end);
    socket.off('close', this.#end);
    this.#unread = Buffer.alloc(0);
  }

  /** Everything that was said before goes out first, unless the next line is here already. */
  async line(): Promise<Line> {
    this.#isWaiting = true;
    try {
      for (;;) {
        const line = this.#cutLine();
        if (line) return line;
        if (this.#hasEnded) return { kind: 'end' };
        await this.flush();
        if (this.#hasEnded) continue;
        this.#socket.resume();
        await this.#woken();
      }
    } finally {
      this.#isWaiting = false;
    }
  }

  say(octets: Buffer | string): void {
    const bytes = typeof octets === 'string' ? Buffer.from(octets) : octets;
    this.#unsent.push(bytes);
    this.#unsentBytes += bytes.length;
  }

  /** As `say`; resolves when more may be said. */
  async send(octets: Buffer | string): Promise<void> {
    this.say(octets);
    if (this.#unsentBytes >= MOST_UNSENT_BYTES) await this.flush();
  }

  /** Resolves when the client takes more, or is gone. */
  async flush(): Promise<void> {
    this.#write();
    while (this.#socket.writableNeedDrain && !this.#socket.destroyed) await this.#woken();
  }

  end(): void {
    // Whoever waits in `line` or `flush` goes on waiting: there is room for one.
    this.#write();
    this.#socket.end();
    // What still comes is of no interest, but its end is.
    this.#socket.off('data', this.#take);
    this.#socket.resume();
    // Nor does anybody wait for a line any more.
    this.#end();
    this.#socket.setTimeout(FAREWELL_MS, () => this.cut());
  }

  cut(): void {
    this.#socket.destroy();
  }

  #write(): void {
    if (this.#unsent.length > 0 && !this.#socket.destroyed) {
      this.#socket.write(Buffer.concat(this.#unsent, this.#unsentBytes));
    }
    this.#unsent = [];
    this.#unsentBytes = 0;
  }

  #cutLine(): Line | undefined {
    const end = this.#unread.indexOf(LF);
    if ((end < 0 ? this.#unread.length : end) > LONGEST_LINE_BYTES) return { kind: 'too-long' };
    if (end < 0) return undefined;
    if (this.#unread[end - 1] !== CR) return { kind: 'bare-line-end' };
    const octets = this.#unread.subarray(0, end - 1);
    this.#unread = this.#unread.subarray(end + 1);
    return { kind: 'line', octets };
  }

  /** For one at a time. */
  #woken(): Promise<void> {
    return new Promise((resolve) => (this.#wake = resolve));
  }
}
