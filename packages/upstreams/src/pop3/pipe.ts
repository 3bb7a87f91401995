import type { RemoteMessageId } from '@stopgap/core';
import { readBody, SMALL_BYTES, type Body } from './body.ts';
import type { Pop3Connection } from './connection.ts';
import type { Pop3Reply } from './reply.ts';

/** Commands on their way at once, where the server has PIPELINING (RFC 2449 6.6), and the octets that their answers may have together. */
const MOST_ASKED = 16;
const MOST_ASKED_BYTES = SMALL_BYTES;
/** So much is read for somebody who leaves early; rather than more, the connection is given up. */
const MOST_DRAINED_BYTES = 1024 * 1024;
/** More than any message has, and a number of 32 bits everywhere. */
const ALL_LINES = 99_999_999;

export interface Asked {
  readonly id: RemoteMessageId;
  readonly number: number;
  /** As LIST says. */
  readonly sizeBytes: number | undefined;
}

export interface PipeOptions {
  readonly wanted: readonly Asked[];
  readonly way: 'top' | 'retr';
  readonly isPipelined: boolean;
}

/** Asks for one message after the other, and for small ones ahead. */
export class Pipe {
  readonly #connection: Pop3Connection;
  readonly #options: PipeOptions;
  #asked = 0;
  #answered = 0;
  #bytesAhead = 0;

  constructor(connection: Pop3Connection, options: PipeOptions) {
    this.#connection = connection;
    this.#options = options;
  }

  /** The first line of the answer to the one at `index`; each in turn, and the octets behind it read before the next one is asked for. */
  async answer(index: number): Promise<Pop3Reply> {
    const { wanted, isPipelined } = this.#options;
    for (; this.#asked < wanted.length; this.#asked += 1) {
      const bytes = this.#costOf(this.#asked);
      const fitsAhead = isPipelined && this.#asked - index < MOST_ASKED && this.#bytesAhead + bytes <= MOST_ASKED_BYTES;
      if (this.#asked !== index && !fitsAhead) break;
      this.#connection.write(this.#commandFor(this.#asked));
      this.#bytesAhead += bytes;
    }
    const reply = await this.#connection.reply();
    this.#answered = index + 1;
    this.#bytesAhead -= this.#costOf(index);
    return reply;
  }

  /** Reads what nobody has read of it. */
  async passOver(body: Body): Promise<void> {
    if (body.kind === 'whole') return;
    for (let step = await body.octets.next(); step.done !== true; step = await body.octets.next());
  }

  /** Reads what is still on its way, as long as it is not much; else the connection is given up. Never rejects. */
  async leave(unread: Body | undefined): Promise<void> {
    try {
      let left = MOST_DRAINED_BYTES - (await this.#drain(unread, MOST_DRAINED_BYTES));
      for (; this.#answered < this.#asked && !this.#connection.hasEnded; this.#answered += 1) {
        const reply = await this.#connection.reply();
        if (reply.isOk) left -= await this.#drain(await readBody(this.#connection.octets(reply)), left);
      }
    } catch {
      this.#connection.drop();
    }
  }

  async #drain(body: Body | undefined, most: number): Promise<number> {
    if (body === undefined || this.#connection.hasEnded) return 0;
    if (body.kind === 'whole') return body.octets.length;
    let bytes = 0;
    for (let step = await body.octets.next(); step.done !== true; step = await body.octets.next()) {
      bytes += step.value.length;
      if (bytes > most) throw this.#connection.drop();
    }
    return bytes;
  }

  #commandFor(index: number): string {
    const number = this.#options.wanted[index]?.number ?? 0;
    switch (this.#options.way) {
      case 'retr':
        return `RETR ${number}`;
      case 'top':
        return `TOP ${number} ${ALL_LINES}`;
    }
  }

  #costOf(index: number): number {
    return this.#options.wanted[index]?.sizeBytes ?? MOST_ASKED_BYTES;
  }
}
