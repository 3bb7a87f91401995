import type { Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';

const END_OF_MESSAGE = Buffer.from('\r\n.\r\n');
const FLOOD_CHUNK = 64 * 1024;

export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** One connection as the hostile server sees it: all that the client said, and ways to misbehave. */
export class HostileTalk {
  /** Commands in order; what stands in a message is in `messages`. */
  readonly commands: string[] = [];
  /** The octets in the portions in which they came: what was pipelined stands in one. */
  readonly reads: string[] = [];
  /** As sent, dots still doubled, without the dot that ended it. */
  readonly messages: Buffer[] = [];
  /** All octets that came without TLS. */
  clear = '';
  isSecure = false;
  isClosed = false;
  /** How far a flood got before the client had enough. */
  floodedBytes = 0;
  #socket: Socket;
  #unread: Buffer = Buffer.alloc(0);
  #wake: () => void = () => undefined;
  readonly #take = (chunk: Buffer): void => {
    this.reads.push(chunk.toString('latin1'));
    if (!this.isSecure) this.clear += chunk.toString('latin1');
    this.#unread = Buffer.concat([this.#unread, chunk]);
    this.#wake();
  };
  readonly #end = (): void => {
    this.isClosed = true;
    this.#wake();
  };

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#attach(socket);
  }

  /** All octets of the client, in and out of TLS. */
  get received(): string {
    return this.reads.join('');
  }

  write(bytes: string | Buffer): void {
    if (!this.#socket.destroyed) this.#socket.write(bytes);
  }

  /** FIN, as a server that closes in good order. */
  hangUp(): void {
    this.#socket.end();
  }

  /** RST, as a machine that dies. */
  reset(): void {
    if (this.#socket instanceof TLSSocket) this.#socket.destroy();
    else this.#socket.resetAndDestroy();
  }

  /** The client's octets pile up on its side from now on. */
  stopReading(): void {
    this.#socket.pause();
  }

  /** The text again and again until so many octets have left, or the client is gone. */
  async flood(text: string, bytes: number): Promise<void> {
    const chunk = Buffer.from(text.repeat(Math.ceil(FLOOD_CHUNK / text.length)));
    while (this.floodedBytes < bytes && !this.isClosed && !this.#socket.destroyed) {
      this.floodedBytes += chunk.length;
      if (!this.#socket.write(chunk)) {
        await new Promise<void>((resolve) => {
          this.#socket.once('drain', resolve).once('close', resolve);
        });
      }
    }
  }

  /** Undefined: the client is gone. */
  async nextLine(): Promise<string | undefined> {
    for (;;) {
      const end = this.#unread.indexOf('\r\n');
      if (end >= 0) return this.#cut(end, 2).toString();
      if (this.isClosed) return undefined;
      await this.#more();
    }
  }

  /** Up to its dot. Undefined: the client is gone, and no dot came. */
  async nextMessage(): Promise<Buffer | undefined> {
    for (;;) {
      if (this.#unread.subarray(0, 3).equals(END_OF_MESSAGE.subarray(2))) return this.#cut(0, 3);
      const end = this.#unread.indexOf(END_OF_MESSAGE);
      if (end >= 0) return this.#cut(end + 2, 3);
      if (this.isClosed) return undefined;
      await this.#more();
    }
  }

  /** Resolves when the client is gone. */
  async closed(): Promise<void> {
    while (!this.isClosed) await this.#more();
  }

  startTls({ key, cert }: Certificate): void {
    const plain = this.#socket;
    plain.removeAllListeners('data').removeAllListeners('close').removeAllListeners('end');
    this.#unread = Buffer.alloc(0);
    this.isSecure = true;
    const secure = new TLSSocket(plain, { isServer: true, secureContext: createSecureContext({ key, cert }) });
    this.#socket = secure;
    this.#attach(secure);
  }

  #attach(socket: Socket): void {
    socket
      .on('data', this.#take)
      .on('end', this.#end)
      .on('close', this.#end)
      .on('error', () => undefined);
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #cut(length: number, extra: number): Buffer {
    const piece = this.#unread.subarray(0, length);
    this.#unread = this.#unread.subarray(length + extra);
    return piece;
  }
}
