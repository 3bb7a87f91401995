import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createSecureContext, type SecureContext } from 'node:tls';
import type { HostPort } from '@stopgap/config';
import { MailError, messageOf, networkOf } from '@stopgap/core';
import { beginTls, handshakeDone } from './handshake.ts';

/** A peer that is gone without a word is found out within some minutes, so that it does not hold what its session locks. */
const KEEP_ALIVE_AFTER_MS = 60_000;
/** Handshakes of a whole office that comes back at once wait in line. */
const BACKLOG = 1024;
/** For somebody who is turned away to read why. */
const FAREWELL_MS = 2000;

export interface TlsFiles {
  readonly cert: string | Buffer;
  readonly key: string | Buffer;
}

export interface DoorLimits {
  /** At once. */
  readonly connections: number;
  /** At once from one network (`networkOf`). */
  readonly connectionsPerAddress: number;
}

/** Somebody who came in. */
export interface Arrival {
  /** Paused; half-open ends are the visit's to close. Its errors are taken care of, its 'close' is the end. */
  readonly socket: Socket;
  readonly isSecure: boolean;
  readonly remoteAddress: string;
  /** TLS from here on, over the same connection. Undefined: the handshake failed and the connection is over. */
  readonly beginTls: () => Promise<Socket | undefined>;
}

/** What the door wants of whom it let in. */
export interface Visit {
  /** Going down: end by yourself when what is under way is done. */
  leave(): void;
}

export interface DoorOptions {
  /** Its key in `listen`. */
  readonly name: string;
  /** `tls`: from the first byte; `starttls`: when the client asks. */
  readonly security: 'tls' | 'starttls';
  readonly at: HostPort;
  readonly tls: TlsFiles;
  /** The protocol's name in ALPN (RFC 7301): a client that asks for others alone is turned away. */
  readonly alpn: string;
  readonly limits: DoorLimits;
  /** What one too many is told, with its line end. */
  readonly farewell: string;
  readonly receive: (arrival: Arrival) => Visit;
  readonly failed: (event: { readonly door: string; readonly error: Error }) => void;
}

export interface Door {
  /** With port 0 asked for, the real one. */
  readonly address: HostPort;
  /** No new connections; who is there gets the grace to end, then is cut. Resolves when the last one is gone. */
  close(options: { readonly graceMs: number }): Promise<void>;
}

/**
 * Opens one listening port.
 * @throws MailError `listen`, with a sentence for the operator
 */
export async function openDoor(options: DoorOptions): Promise<Door> {
  const house = new House(options);
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, (socket) => house.arrive(socket));
  await listening(server, options);
  server.on('error', (error) => options.failed({ door: options.name, error }));
  const { address, port } = server.address() as AddressInfo;
  return {
    address: { host: address, port },
    close: async ({ graceMs }) => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      const late = setTimeout(() => house.cut(), graceMs);
      house.dismiss();
      await closed;
      clearTimeout(late);
    },
  };
}

interface Presence {
  /** The topmost: a TLS wrap must not be torn down from below. */
  socket: Socket;
  visit?: Visit;
}

/** Who is in. */
class House {
  readonly #options: DoorOptions;
  readonly #context: SecureContext;
  readonly #present = new Set<Presence>();
  readonly #byNetwork = new Map<string, number>();
  #isClosing = false;

  constructor(options: DoorOptions) {
    this.#options = options;
    this.#context = createSecureContext({ ...options.tls, minVersion: 'TLSv1.2' });
  }

  arrive(raw: Socket): void {
    // Also below TLS, where it may still fail when nobody else listens to it: that would end the process.
    raw.on('error', () => undefined);
    raw.setKeepAlive(true, KEEP_ALIVE_AFTER_MS);
    const network = networkOf(raw.remoteAddress ?? '');
    const presence: Presence = { socket: raw };
    const { limits, security } = this.#options;
    const ofNetwork = (this.#byNetwork.get(network) ?? 0) + 1;
    this.#byNetwork.set(network, ofNetwork);
    this.#present.add(presence);
    raw.once('close', () => this.#left(presence, network));
    if (this.#present.size > limits.connections || ofNetwork > limits.connectionsPerAddress) this.#turnAway(raw);
    else if (security === 'starttls') this.#receive(presence, false);
    else void this.#secure(presence).then((isSecure) => isSecure && this.#receive(presence, true));
  }

  dismiss(): void {
    this.#isClosing = true;
    for (const { visit, socket } of this.#present) {
      if (visit) visit.leave();
      else socket.destroy();
    }
  }

  cut(): void {
    for (const { socket } of this.#present) socket.destroy();
  }

  #receive(presence: Presence, isSecure: boolean): void {
    const { socket } = presence;
    presence.visit = this.#options.receive({
      socket,
      isSecure,
      remoteAddress: socket.remoteAddress ?? '',
      beginTls: async () => ((await this.#secure(presence)) ? presence.socket : undefined),
    });
  }

  async #secure(presence: Presence): Promise<boolean> {
    const secured = beginTls(presence.socket, { secureContext: this.#context, alpn: this.#options.alpn });
    presence.socket = secured;
    const isDone = await handshakeDone(secured);
    if (isDone && this.#isClosing && !presence.visit) secured.destroy();
    return isDone && !secured.destroyed;
  }

  #turnAway(socket: Socket): void {
    // Before the handshake there is no language to say it in.
    if (this.#options.security === 'tls') return void socket.destroy();
    socket.end(this.#options.farewell);
    socket.resume();
    socket.setTimeout(FAREWELL_MS, () => socket.destroy());
  }

  #left(presence: Presence, network: string): void {
    this.#present.delete(presence);
    const left = (this.#byNetwork.get(network) ?? 1) - 1;
    if (left > 0) this.#byNetwork.set(network, left);
    else this.#byNetwork.delete(network);
  }
}

function listening(server: Server, { name, at }: DoorOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (cause: Error): void => {
      const text = `The ${name} door can not listen on ${at.host}:${at.port}: ${messageOf(cause)}. Free the port or change listen.${name}.`;
      reject(new MailError('permanent', text, { code: 'listen', cause }));
    };
    server.once('error', failed);
    server.listen({ port: at.port, host: at.host, backlog: BACKLOG }, () => {
      server.off('error', failed);
      resolve();
    });
  });
}
