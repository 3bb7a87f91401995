import { connect, type Socket } from 'node:net';
import { ReplyReader, type Reply } from '../lab/edge/smtp-replies.ts';

const REPLY_LIMIT_MS = 30_000;

/** A client's end of an SMTP connection. Every wait ends: with a reply, or with undefined when the connection is gone. */
export class Talker {
  readonly #socket: Socket;
  readonly #reader = new ReplyReader();
  readonly #replies: Reply[] = [];
  #isGone = false;
  #wake: () => void = () => undefined;

  constructor(port: number) {
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket.setTimeout(REPLY_LIMIT_MS, () => this.#socket.destroy());
    this.#socket.on('data', (chunk: Buffer) => {
      this.#replies.push(...this.#reader.push(chunk));
      this.#wake();
    });
    this.#socket.on('error', () => undefined);
    this.#socket.on('close', () => {
      this.#isGone = true;
      this.#wake();
    });
  }

  async reply(): Promise<Reply | undefined> {
    for (;;) {
      const reply = this.#replies.shift();
      if (reply || this.#isGone) return reply;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  ask(line: string): Promise<Reply | undefined> {
    this.write(Buffer.from(`${line}\r\n`));
    return this.reply();
  }

  write(bytes: Buffer): void {
    if (!this.#isGone) this.#socket.write(bytes);
  }

  close(): void {
    this.#socket.destroy();
  }
}
