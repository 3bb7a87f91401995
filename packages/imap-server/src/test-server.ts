/* A server on loopback over mail in memory, and a talk with it line by line. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { LogIn, LogInRequest } from '@stopgap/accounts';
import { asId, type Clock, systemClock } from '@stopgap/core';
import { ImapTalk, makeCertificate } from '@stopgap/testkit';
import { createImapServer, type ImapServer, type ImapServerOptions } from './imap-server.ts';
import { MemoryMail } from './test-memory-mail.ts';

export type Talk = ImapTalk;

export const PASSWORD = 'wonder land';

export interface TestServerOptions {
  readonly plaintextAuth?: ImapServerOptions['plaintextAuth'];
  readonly limits?: Partial<ImapServerOptions['limits']>;
  readonly clock?: Clock;
  readonly logIn?: (request: LogInRequest) => LogIn;
  /** Instead of mail in memory. */
  readonly openSession?: ImapServerOptions['openSession'];
}

export class TestServer implements AsyncDisposable {
  readonly mail = new MemoryMail();
  readonly failures: unknown[] = [];
  readonly #server: ImapServer;
  readonly #talks: ImapTalk[] = [];

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
      openSession: options.openSession ?? (async () => this.mail.session()),
      clock: options.clock ?? systemClock,
      events: { failed: ({ error }) => this.failures.push(error) },
    });
  }

  port(door: 'imap' | 'imaps'): number {
    return this.#server.addresses()[door]?.port ?? 0;
  }

  /** A connection whose greeting has been read. */
  async talk(door: 'imap' | 'imaps' = 'imap'): Promise<ImapTalk> {
    const port = this.port(door);
    const socket =
      door === 'imap'
        ? connect({ port, host: '127.0.0.1', noDelay: true })
        : connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });
    await once(socket, door === 'imap' ? 'connect' : 'secureConnect');
    const talk = new ImapTalk(socket);
    this.#talks.push(talk);
    await talk.line();
    return talk;
  }

  /** Logged in, and with a mailbox open. */
  async logIn(mailbox?: string): Promise<ImapTalk> {
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
