import { connect, type Socket } from 'node:net';

/** Nothing in a benchmark takes so long; a server that hangs must not hang the run. */
const SILENCE_LIMIT_MS = 120_000;
/** A tagged line is not longer. */
const TAIL_BYTES = 1000;

export interface ImapTarget {
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

/**
 * A client's end of one IMAP connection, the same for every server, as cheap as can be: answers are looked at where they end, and thrown away unless they are
 * asked for. One command at a time; whatever is not OK ends the benchmark.
 */
export class ImapLine {
  readonly #socket: Socket;
  #tags = 0;
  #end = '';
  #tail = '';
  #octets = 0;
  #kept: Buffer[] | undefined;
  #failure: Error | undefined;
  #waiting: { readonly resolve: () => void; readonly reject: (error: Error) => void } | undefined;
  /** While in IDLE: called when something comes. */
  #onNews: (() => void) | undefined;

  static async logIn({ port, user, password }: ImapTarget): Promise<ImapLine> {
    const line = new ImapLine(port);
    await line.#until('greeting');
    await line.command(`LOGIN "${user}" "${password}"`);
    return line;
  }

  private constructor(port: number) {
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket.setTimeout(SILENCE_LIMIT_MS, () => {
      if (this.#waiting) this.#fail(new Error('no answer'));
    });
    this.#socket.on('data', (chunk: Buffer) => this.#hear(chunk));
    this.#socket.on('error', (error) => this.#fail(error));
    this.#socket.on('close', () => this.#fail(new Error('the server closed the connection')));
  }

  /** Resolves to the octets of the answer. */
  async command(text: string): Promise<number> {
    const tag = `t${++this.#tags}`;
    const done = this.#until(tag);
    this.#socket.write(`${tag} ${text}\r\n`);
    await done;
    return this.#octets;
  }

  /** The same with all that was answered. */
  async ask(text: string): Promise<string> {
    this.#kept = [];
    await this.command(text);
    const answer = Buffer.concat(this.#kept).toString('latin1');
    this.#kept = undefined;
    return answer;
  }

  async append(mailbox: string, message: Buffer): Promise<void> {
    const tag = `t${++this.#tags}`;
    const asked = this.#until('+');
    this.#socket.write(`${tag} APPEND ${mailbox} {${message.length}}\r\n`);
    await asked;
    const done = this.#until(tag);
    this.#socket.write(message);
    this.#socket.write('\r\n');
    await done;
  }

  /** Begins an IDLE that lasts until `close`. */
  async idle(onNews: () => void): Promise<void> {
    const begun = this.#until('+');
    this.#socket.write(`t${++this.#tags} IDLE\r\n`);
    await begun;
    this.#onNews = onNews;
  }

  close(): void {
    this.#waiting = undefined;
    this.#socket.destroy();
  }

  #until(end: string): Promise<void> {
    this.#end = end;
    this.#tail = '';
    this.#octets = 0;
    return new Promise((resolve, reject) => {
      if (this.#failure) reject(this.#failure);
      else this.#waiting = { resolve, reject };
    });
  }

  #hear(chunk: Buffer): void {
    if (!this.#waiting) return this.#onNews?.();
    this.#octets += chunk.length;
    this.#kept?.push(chunk);
    // An answer ends where a chunk ends: nothing else has been asked.
    this.#tail = (this.#tail + chunk.toString('latin1', Math.max(0, chunk.length - TAIL_BYTES))).slice(-TAIL_BYTES);
    if (!this.#tail.endsWith('\r\n')) return;
    const last = this.#tail.slice(this.#tail.lastIndexOf('\r\n', this.#tail.length - 3) + 1).trim();
    const isBad = /^t\d+ (?:NO|BAD)|^\* BYE/.test(last);
    if (isBad) return this.#fail(new Error(`the server says: ${last}`));
    const isEnd = this.#end === 'greeting' ? last.startsWith('* ') : last.startsWith(this.#end === '+' ? '+' : `${this.#end} OK`);
    if (!isEnd) return;
    const { resolve } = this.#waiting;
    this.#waiting = undefined;
    resolve();
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#waiting?.reject(error);
    this.#waiting = undefined;
    this.#socket.destroy();
  }
}
