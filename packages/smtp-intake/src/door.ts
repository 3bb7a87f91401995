import { MailError, messageOf, networkOf } from '@stopgap/core';
import type { HostPort } from '@stopgap/config';
import type { Socket } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { SubmissionConnection } from './connection.ts';
import { replies } from './replies.ts';
import type { Settings } from './settings.ts';

/** RFC 5321 4.5.3.2.7: a server waits at least so long for the next command. */
const IDLE_MS = 5 * 60_000;
/** Two round trips and some arithmetic. */
const HANDSHAKE_MS = 30_000;
/** For somebody who is turned away to read why. */
const FAREWELL_MS = 2000;

export interface DoorOptions {
  readonly name: 'submission' | 'submissions';
  /** `tls`: from the first byte; `starttls`: when the client asks. */
  readonly security: 'tls' | 'starttls';
  readonly at: HostPort;
  readonly tls: { readonly cert: string | Buffer; readonly key: string | Buffer };
}

/** One listening port. */
export class Door extends SMTPServer {
  readonly #settings: Settings;
  readonly #name: string;
  readonly #at: HostPort;
  readonly #byNetwork = new Map<string, number>();
  /** smtp-server's SASL knows the session only. */
  readonly #bySession = new WeakMap<object, SubmissionConnection>();

  constructor(options: DoorOptions, settings: Settings) {
    super(serverOptions(options, settings));
    this.#settings = settings;
    this.#name = options.name;
    this.#at = options.at;
    this.onAuth = (given, session, done) => {
      void this.#bySession
        .get(session)
        ?.logIn(given)
        .then(
          (answer) =>
            answer.kind === 'accepted'
              ? done(null, { user: answer.login })
              : done(null, { responseCode: answer.code, message: answer.text }),
          // Never 535: our own trouble is no wrong password.
          (cause: unknown) => done(Object.assign(new Error('Temporary authentication failure', { cause }), { responseCode: 454 })),
        );
    };
    this.on('error', (error) => settings.events.failed({ door: this.#name, error }));
    // A raw socket below TLS may still fail when nobody listens to it any more; that would end the process.
    this.server.on('connection', (socket: Socket) => socket.on('error', () => undefined));
  }

  get address(): HostPort | undefined {
    const address = this.server.address();
    return address && typeof address === 'object' ? { host: address.address, port: address.port } : undefined;
  }

  open(): Promise<void> {
    const { host, port } = this.#at;
    return new Promise((resolve, reject) => {
      const failed = (error: Error): void =>
        reject(
          new MailError(
            'permanent',
            `The ${this.#name} door can not listen on ${host}:${port}: ${messageOf(error)}. Free the port or change listen.${this.#name}.`,
            {
              code: 'listen',
              cause: error,
            },
          ),
        );
      this.server.once('error', failed);
      this.listen(port, host, () => {
        this.server.off('error', failed);
        resolve();
      });
    });
  }

  override connect(socket: Socket, socketOptions?: ConstructorParameters<typeof SubmissionConnection>[2]['socket']): void {
    const connection = new SubmissionConnection(this, socket, { settings: this.#settings, socket: socketOptions });
    this.connections.add(connection);
    this.#bySession.set(connection.session, connection);
    connection.on('error', (error: Error) =>
      this.#settings.events.failed({ door: this.#name, remoteAddress: connection.remoteAddress, error }),
    );
    connection.init();
  }

  /** smtp-server asks it for each new socket; false: refused. Here, so that handshakes that never end count too. */
  override _acceptSocket(socket: Socket, handshake: boolean): (() => void) | false {
    const network = networkOf(socket.remoteAddress ?? '');
    const ofNetwork = (this.#byNetwork.get(network) ?? 0) + 1;
    this.#byNetwork.set(network, ofNetwork);
    socket.once('close', () => this.#left(network));
    if (ofNetwork > this.#settings.limits.connectionsPerAddress) {
      turnAway(socket, handshake);
      return false;
    }
    const release = super._acceptSocket(socket, handshake);
    if (!release || !handshake) return release;
    // The topmost socket: a TLS wrap must not be torn down from below.
    const late = setTimeout(() => this._pendingSockets.get(socket)?.destroy(), HANDSHAKE_MS);
    return () => {
      clearTimeout(late);
      release();
    };
  }

  /** No new connections; idle ones hear 421, messages under way get the grace to end, then what is left is cut. */
  async shut(graceMs: number): Promise<void> {
    this.options.closeTimeout = Math.max(1, graceMs);
    const closed = new Promise<void>((resolve) => this.close(() => resolve()));
    for (const connection of this.#mine()) if (connection.isIdle) connection.say(replies.shuttingDown);
    await closed;
    for (const connection of this.connections) connection._socket.destroy();
  }

  #mine(): SubmissionConnection[] {
    return [...this.connections].filter((connection) => connection instanceof SubmissionConnection);
  }

  #left(network: string): void {
    const left = (this.#byNetwork.get(network) ?? 1) - 1;
    if (left > 0) this.#byNetwork.set(network, left);
    else this.#byNetwork.delete(network);
  }
}

function turnAway(socket: Socket, handshake: boolean): void {
  const { code, status, text } = replies.tooManyConnections;
  // Before the handshake there is no language to say it in.
  if (handshake) return void socket.destroy();
  socket.end(`${code} ${status} ${text}\r\n`);
  socket.resume();
  socket.setTimeout(FAREWELL_MS, () => socket.destroy());
}

function serverOptions(options: DoorOptions, settings: Settings): SMTPServerOptions {
  return {
    name: settings.hostname,
    secure: options.security === 'tls',
    cert: options.tls.cert,
    key: options.tls.key,
    minVersion: 'TLSv1.2',
    // RFC 5321 has no need of it, and it would make the banner wait for DNS.
    disableReverseLookup: true,
    logger: false,
    // Who may do what without a log-in is decided by each command of ours.
    authOptional: true,
    allowInsecureAuth: true,
    authMethods: ['PLAIN', 'LOGIN'],
    disabledCommands: ['XCLIENT', 'XFORWARD', 'WIZ', 'SHELL', 'KILL'],
    hideENHANCEDSTATUSCODES: false,
    maxClients: settings.limits.connections,
    socketTimeout: IDLE_MS,
  };
}
