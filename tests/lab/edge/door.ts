import type { Server as HttpServer } from 'node:http';
import net from 'node:net';
import type { Server, Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import { httpRelay } from './http-relay.ts';
import { rejectCommands, stallCommand } from './line-relay.ts';
import { Passage } from './passage.ts';
import type { Protocol } from './passage.ts';
import { SmtpRelay } from './smtp-relay.ts';
import { passSlowly, passThenCut, passThrough, swallow } from './streams.ts';
import { Spell } from './weather.ts';
import type { Weather } from './weather.ts';

const UNAVAILABLE: Readonly<Record<Protocol, string>> = {
  smtp: '421 4.3.2 Service not available, closing transmission channel',
  imap: '* BYE [UNAVAILABLE] Service temporarily unavailable',
  pop3: '-ERR [SYS/TEMP] Service temporarily unavailable',
  http: 'HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n',
};

export interface DoorSpec {
  readonly port: number;
  readonly protocol: Protocol;
  /** TLS from the first byte, ended by the edge; the backend behind it is plain. */
  readonly isImplicitTls: boolean;
  readonly backendPort: number;
  readonly context: SecureContext;
}

export interface DoorState {
  readonly weather: Weather;
  /** How often the fault has struck since the weather was set. */
  readonly struck: number;
  /** Connections accepted since the start, and open now. */
  readonly accepted: number;
  readonly open: number;
}

/** One public port and its weather. */
export class Door {
  readonly #spec: DoorSpec;
  readonly #sockets = new Set<Socket>();
  readonly #http: HttpServer;
  #server: Server | undefined;
  #spell = new Spell({ mode: 'pass' });
  #accepted = 0;

  constructor(spec: DoorSpec) {
    this.#spec = spec;
    this.#http = httpRelay(spec.backendPort, () => this.#spell);
  }

  get state(): DoorState {
    return { weather: this.#spell.weather, struck: this.#spell.struck, accepted: this.#accepted, open: this.#sockets.size };
  }

  /** Resets open connections, except where the door looks at each request anyway: there a client must not lose an innocent one. */
  async set(weather: Weather): Promise<void> {
    const isSeamless = this.#spec.protocol === 'http' && isPerRequest(this.#spell.weather) && isPerRequest(weather);
    this.#spell = new Spell(weather);
    if (!isSeamless) this.#dropAll();
    if (weather.mode === 'refuse') await this.close();
    else await this.#open();
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (!server) return;
    const closed = new Promise((resolve) => server.close(resolve));
    this.#dropAll();
    await closed;
  }

  async #open(): Promise<void> {
    if (this.#server) return;
    const server = net.createServer((socket) => this.#onConnection(socket));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.#spec.port, '127.0.0.1', resolve);
    });
    this.#server = server;
  }

  #dropAll(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
    this.#sockets.clear();
  }

  #onConnection(socket: Socket): void {
    this.#accepted += 1;
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    this.#lead(new Passage(socket, { ...this.#spec, spell: this.#spell }), socket);
  }

  #lead(passage: Passage, socket: Socket): void {
    const { weather } = passage.spell;
    switch (weather.mode) {
      case 'refuse':
      case 'reset':
        return passage.spell.strike() ? passage.resetClient() : this.#pass(passage, socket);
      case 'close':
        return passage.spell.strike() ? void socket.end() : this.#pass(passage, socket);
      case 'blackhole':
        return passage.spell.strike() ? void socket.pause() : this.#pass(passage, socket);
      case 'silent':
        return passage.spell.strike() ? swallow(this.#secured(passage)) : this.#pass(passage, socket);
      case 'slow':
        return passage.spell.strike() ? passSlowly(this.#secured(passage), weather.bytesPerSecond) : this.#pass(passage, socket);
      case 'banner':
        if (!passage.spell.strike()) return this.#pass(passage, socket);
        return void this.#secured(passage).client.end(`${weather.text ?? UNAVAILABLE[this.#spec.protocol]}\r\n`);
      case 'cut':
      case 'cutserver':
        if (passage.spell.isOver) return this.#pass(passage, socket);
        return passThenCut(this.#secured(passage), weather.mode === 'cut' ? 'client' : 'server', weather.after);
      case 'reject':
        if (this.#spec.protocol === 'imap' || this.#spec.protocol === 'pop3')
          return rejectCommands(this.#secured(passage), weather.replies);
        return this.#follow(passage, socket);
      case 'stall':
        return passage.spell.isOver ? this.#pass(passage, socket) : stallCommand(this.#secured(passage), weather);
      case 'cutAfterDot':
        return this.#follow(passage, socket);
      case 'pass':
      case 'cutRequest':
      case 'rejectRequest':
      case 'delayRequest':
      case 'stallRequest':
        return this.#pass(passage, socket);
      default:
        return weather satisfies never;
    }
  }

  /** A STARTTLS door passes bytes, so that clients meet the real server's TLS; a TLS door has to hide the STARTTLS behind it. */
  #pass(passage: Passage, socket: Socket): void {
    const { protocol, isImplicitTls } = this.#spec;
    if (protocol === 'http' || (protocol === 'smtp' && isImplicitTls)) this.#follow(passage, socket);
    else passThrough(this.#secured(passage));
  }

  #follow(passage: Passage, socket: Socket): void {
    if (this.#spec.protocol === 'smtp') void new SmtpRelay(this.#secured(passage));
    else if (this.#spec.protocol === 'http') this.#http.emit('connection', socket);
    else passThrough(this.#secured(passage));
  }

  #secured(passage: Passage): Passage {
    if (this.#spec.isImplicitTls && !passage.isSecure) passage.secure();
    return passage;
  }
}

function isPerRequest(weather: Weather): boolean {
  return weather.mode === 'pass' || 'match' in weather;
}
