/* A server on loopback over mail in memory, and a talk with it line by line. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { LogIn, LogInRequest } from '@stopgap/accounts';
import { asId, type Clock, systemClock } from '@stopgap/core';
import { makeCertificate } from '@stopgap/testkit';
import { createImapServer, type ImapServer, type ImapServerOptions } from './imap-server.ts';
import { MemoryMail } from './test-memory-mail.ts';

export const PASSWORD = 'wonder land';

export interface TestServerOptions {
  readonly plaintextAuth?: ImapServerOptions['plaintextAuth'];
  readonly limits?: Partial<ImapServerOptions['limits']>;
  readonly clock?: Clock;
  readonly logIn?: (request: LogInRequest) => LogIn;
}

export class TestServer implements AsyncDisposable {
  readonly mail = new MemoryMail();
  readonly failures: unknown[] = [];
  readonly #server: ImapServer;
  readonly #talks: Talk[] = [];

  /** One for all tests of a file: making it is most of what a server costs. */
  static #certificate: ReturnType<typeof makeCertificate> | undefined;

  static async start(options: TestServerOptions = {}): Promise<TestServer> {
    TestServer.#certificate ??= makeCertificate({ name: 'localhost' });
    const server = new TestServer(options, await TestServer.#certificate);
    await server.#server.listen();
    return server;
  }

  private constructor(options: TestServerOptions, tls: ImapServerOptions['tls']) {
    this.#server = createImapServer({
      listen: { imap: { host: '127.0.0.1', port: 0 }, imaps: { host: '127.0.0.1', port: 0 } },
      tls,
      plaintextAuth: options.plaintextAuth ?? 'loopback',
      limits: { connections: 200, connectionsPerAddress: 100, connectionsPerAccount: 50, ...options.limits },
      accounts: { logIn: async (request) => (options.logIn ?? logIn)(request) },
      openSession: async () => this.mail.session(),
      clock: options.clock ?? systemClock,
      events: { failed: ({ error }) => this.failures.push(error) },
    });
  }

  port(door: 'imap' | 'imaps'): number {
    return this.#server.addresses()[door]?.port ?? 0;
  }

  /** A connection whose greeting has been read. */
  async talk(door: 'imap' | 'imaps' = 'imap'): Promise<Talk> {
    const port = this.port(door);
    const socket =
      door === 'imap'
        ? connect({ port, host: '127.0.0.1', noDelay: true })
        : connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });
    await once(socket, door === 'imap' ? 'connect' : 'secureConnect');
    const talk = new Talk(socket);
    this.#talks.push(talk);
    await talk.line();
    return talk;
  }

  /** Logged in, and with a mailbox open. */
  async logIn(mailbox?: string): Promise<Talk> {
    const talk = await this.talk();
    await talk.command(`LOGIN alice@a.test "${PASSWORD}"`);
    if (mailbox !== undefined) await talk.command(`SELECT ${mailbox}`);
    return talk;
  }

  async close(graceMs = 1000): Promise<void> {
    await this.#server.close({ graceMs });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const talk of this.#talks) talk.socket.destroy();
    await this.close(100);
  }
}

export function logIn({ address, password }: LogInRequest): LogIn {
  if (!address.endsWith('@a.test') || password.open() !== PASSWORD) return { kind: 'refused' };
  return { kind: 'accepted', account: asId.account(address), address, provider: asId.provider('a'), addresses: [address] };
}

/** Octets as latin1. A reply that does not come is a failure of the test by its time limit. */
export class Talk {
  socket: Socket;
  #received = '';
  #isOver = false;
  #wake: () => void = () => undefined;
  #tags = 0;

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
