import net from 'node:net';
import type { Socket } from 'node:net';
import type { TLSSocket, SecureContext } from 'node:tls';
import tls from 'node:tls';
import type { Spell } from './weather.ts';

export type Protocol = 'smtp' | 'imap' | 'pop3' | 'http';

/** One client's way through a door: its connection, and the one behind it when there is one. */
export class Passage {
  readonly protocol: Protocol;
  readonly spell: Spell;
  readonly #raw: Socket;
  readonly #backendPort: number;
  readonly #context: SecureContext;
  #client: Socket | TLSSocket;
  #backend: Socket | undefined;

  constructor(raw: Socket, door: { protocol: Protocol; spell: Spell; backendPort: number; context: SecureContext }) {
    this.protocol = door.protocol;
    this.spell = door.spell;
    this.#raw = raw;
    this.#client = raw;
    this.#backendPort = door.backendPort;
    this.#context = door.context;
    raw.on('error', ignore);
    raw.once('close', () => this.#backend?.destroy());
  }

  get client(): Socket | TLSSocket {
    return this.#client;
  }

  get isSecure(): boolean {
    return this.#client !== this.#raw;
  }

  /** The edge becomes the TLS server; from here `client` is the decrypted stream. */
  secure(): void {
    const secured = new tls.TLSSocket(this.#raw, { isServer: true, secureContext: this.#context });
    secured.on('error', () => this.#raw.destroy());
    secured.once('close', () => this.#raw.destroy());
    this.#client = secured;
  }

  /** A backend that is down or resets makes the client see a reset, too. */
  backend(): Socket {
    if (this.#backend) return this.#backend;
    const backend = net.connect(this.#backendPort, '127.0.0.1');
    backend.on('error', () => this.resetClient());
    this.#backend = backend;
    return backend;
  }

  /** RST, not FIN: what was not yet read at the other end may be lost, as in life. */
  resetClient(): void {
    reset(this.#raw);
  }

  resetBoth(): void {
    if (this.#backend) reset(this.#backend);
    reset(this.#raw);
  }
}

function reset(socket: Socket): void {
  if (!socket.destroyed) socket.resetAndDestroy();
}

function ignore(): void {
  // The close that follows every socket error does the cleaning up.
}
