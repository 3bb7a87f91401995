import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** Octets as latin1. A reply that does not come is a failure of the test by its time limit. */
export class ImapTalk {
  socket: Socket;
  #received = '';
  #isOver = false;
  #wake: () => void = () => undefined;
  #tags = 0;

  /** To a server on this machine, in clear; its greeting has been read. */
  static async open(port: number): Promise<ImapTalk> {
    const talk = new ImapTalk(connect({ port, host: '127.0.0.1', noDelay: true }));
    await talk.line();
    return talk;
  }

  constructor(socket: Socket) {
    this.socket = socket;
    this.take(socket);
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** What has come and was not read as a line yet. */
  get received(): string {
    return this.#received;
  }

  hasCome(text: string): boolean {
    return this.#received.includes(text);
  }

  /** Begins TLS. */
  async secure(): Promise<void> {
    this.socket.removeAllListeners('data');
    const secured = connectTls({ socket: this.socket, rejectUnauthorized: false });
    await once(secured, 'secureConnect');
    this.take(secured);
  }

  take(socket: Socket): void {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.#received += chunk.toString('latin1');
      this.#wake();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#isOver = true;
      this.#wake();
    });
  }

  send(octets: string | Buffer): void {
    this.socket.write(typeof octets === 'string' ? Buffer.from(octets, 'latin1') : octets);
  }

  /** The next line, literals and all. */
  async line(): Promise<string> {
    let line = '';
    for (;;) {
      await this.#until(() => this.#received.includes('\r\n') || this.#isOver);
      const end = this.#received.indexOf('\r\n');
      if (end < 0) throw new Error(`the connection is over; so far: ${line}${this.#received}`);
      line += this.#received.slice(0, end);
      this.#received = this.#received.slice(end + 2);
      const literal = /\{(\d+)\}$/.exec(line);
      if (!literal) return line;
      const size = Number(literal[1]);
      await this.#until(() => this.#received.length >= size || this.#isOver);
      line += `\r\n${this.#received.slice(0, size)}`;
      this.#received = this.#received.slice(size);
    }
  }

  /** Sends a command with a new tag; its untagged answers, and the tagged one without the tag as the last. */
  async command(text: string): Promise<string[]> {
    const tag = this.begin(text);
    return await this.answer(tag);
  }

  begin(text: string): string {
    this.#tags += 1;
    const tag = `t${this.#tags}`;
    this.send(`${tag} ${text}\r\n`);
    return tag;
  }

  async answer(tag: string): Promise<string[]> {
    const lines: string[] = [];
    for (;;) {
      const line = await this.line();
      if (line.startsWith(`${tag} `)) return [...lines, line.slice(tag.length + 1)];
      lines.push(line);
    }
  }

  async ended(): Promise<void> {
    await this.#until(() => this.#isOver);
  }

  /** Everything that came until the end. */
  async rest(): Promise<string> {
    await this.ended();
    return this.#received;
  }

  async #until(isTrue: () => boolean): Promise<void> {
    while (!isTrue()) await new Promise<void>((resolve) => (this.#wake = resolve));
  }
}
