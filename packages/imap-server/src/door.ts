import { createServer, type Server, type Socket } from 'node:net';
import { createSecureContext, createServer as createTlsServer, type SecureContext } from 'node:tls';
import type { HostPort } from '@stopgap/config';
import { MailError, messageOf, networkOf } from '@stopgap/core';
import { Connection, TICK_MS } from './connection.ts';
import { Counter } from './counter.ts';
import { byes } from './replies.ts';
import type { Settings } from './settings.ts';

/** Two round trips and some arithmetic. */
const HANDSHAKE_MS = 30_000;
/** For somebody who is turned away to read why. */
const FAREWELL_MS = 2000;
const BACKLOG = 1024;

export interface DoorOptions {
  readonly name: 'imap' | 'imaps';
  /** `tls`: from the first byte; `starttls`: when the client asks. */
  readonly security: 'tls' | 'starttls';
  readonly at: HostPort;
  readonly tls: { readonly cert: string | Buffer; readonly key: string | Buffer };
  /** Connections of each account, of all doors. */
  readonly accounts: Counter;
}

/** One listening port, with the one timer for all its connections. */
export class Door {
  readonly #options: DoorOptions;
  readonly #settings: Settings;
  readonly #server: Server;
  readonly #secureContext: SecureContext | undefined;
  readonly #networks = new Counter();
  /** Sockets, also those whose handshake goes on; who has got so far has a connection. */
  readonly #sockets = new Set<Socket>();
  readonly #connections = new Set<Connection>();
  readonly #stop = new AbortController();
  #whenEmpty: (() => void) | undefined;

  constructor(options: DoorOptions, settings: Settings) {
    this.#options = options;
    this.#settings = settings;
    const isTls = options.security === 'tls';
    this.#secureContext = isTls ? undefined : createSecureContext({ ...options.tls, minVersion: 'TLSv1.2' });
    const net = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 120_000 };
    this.#server = isTls
      ? createTlsServer(
          { ...options.tls, ...net, minVersion: 'TLSv1.2', handshakeTimeout: HANDSHAKE_MS, ALPNProtocols: ['imap'] },
          (socket) => this.#begin(socket),
        )
      : createServer(net, (socket) => {
          if (this.#admit(socket)) this.#begin(socket);
        });
    // Below TLS: so that handshakes that never end count, too.
    if (isTls) this.#server.on('connection', (socket: Socket) => this.#admit(socket));
    this.#server.on('tlsClientError', () => undefined);
    this.#server.on('error', (error) => settings.events.failed({ door: options.name, error }));
  }

  get address(): HostPort | undefined {
    const address = this.#server.address();
    return address !== null && typeof address === 'object' ? { host: address.address, port: address.port } : undefined;
  }

  async open(): Promise<void> {
    const { name, at } = this.#options;
    await new Promise<void>((resolve, reject) => {
      const failed = (error: Error): void =>
        reject(
          new MailError(
            'permanent',
            `The ${name} door can not listen on ${at.host}:${at.port}: ${messageOf(error)}. Free the port or change listen.${name}.`,
            { code: 'listen', cause: error },
          ),
        );
      this.#server.once('error', failed);
      this.#server.listen({ port: at.port, host: at.host, backlog: BACKLOG }, () => {
        this.#server.off('error', failed);
        resolve();
      });
    });
    void this.#keepTime();
  }

  /** No new connections; who waits hears BYE, commands under way have the grace to end, then what is left is cut. */
  async shut(graceMs: number): Promise<void> {
    this.#server.close();
    const empty = new Promise<void>((resolve) => (this.#whenEmpty = resolve));
    for (const connection of this.#connections) connection.sendAway(byes.shuttingDown);
    const late = new AbortController();
    if (this.#sockets.size > 0) await Promise.race([empty, this.#settings.clock.wait(graceMs, late.signal)]);
    late.abort();
    this.#stop.abort();
    for (const socket of this.#sockets) socket.destroy();
  }

  /** False: there are too many already. */
  #admit(socket: Socket): boolean {
    const { limits } = this.#settings;
    // A socket below TLS may still fail when nobody listens to it; that would end the process.
    socket.on('error', () => undefined);
    const network = networkOf(socket.remoteAddress ?? '');
    if (this.#sockets.size >= limits.connections || !this.#networks.take(network, limits.connectionsPerAddress)) {
      this.#turnAway(socket);
      return false;
    }
    this.#sockets.add(socket);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      this.#networks.release(network);
      if (this.#sockets.size === 0) this.#whenEmpty?.();
    });
    return true;
  }

  #turnAway(socket: Socket): void {
    // Before the handshake there is no language to say it in.
    if (this.#options.security === 'tls') return void socket.destroy();
    socket.end(`* BYE ${byes.tooManyConnections}\r\n`);
    socket.resume();
    socket.setTimeout(FAREWELL_MS, () => socket.destroy());
  }

  #begin(socket: Socket): void {
    const { name, security, accounts } = this.#options;
    const connection = new Connection(socket, {
      door: name,
      settings: this.#settings,
      isTls: security === 'tls',
      accounts,
      ...(this.#secureContext && { secureContext: this.#secureContext }),
    });
    this.#connections.add(connection);
    socket.once('close', () => this.#connections.delete(connection));
    void connection.run();
  }

  async #keepTime(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await this.#settings.clock.wait(TICK_MS, signal);
      if (!signal.aborted) for (const connection of this.#connections) connection.tick();
    }
  }
}
