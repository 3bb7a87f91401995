import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { ConnectionOver } from './faults.ts';

/** So much is gathered before it is sent: one system call for many responses. */
const GATHERED_BYTES = 64 * 1024;

/**
 * Gathers responses and sends them. Whoever writes much looks at `isFull` and flushes: `flush` waits until the client has taken what it was sent, so no more
 * than this and one buffer of the socket is ever held for a slow reader. How long that may take is the connection's to decide (`isBlocked`).
 */
export class ResponseWriter {
  #sink: Duplex;
  #parts: (string | Buffer)[] = [];
  #gatheredBytes = 0;
  #isBlocked = false;
  #progress = 0;

  constructor(sink: Duplex) {
    this.#sink = sink;
  }

  get isFull(): boolean {
    return this.#gatheredBytes >= GATHERED_BYTES;
  }

  /** The client does not read what it was sent. */
  get isBlocked(): boolean {
    return this.#isBlocked;
  }

  /** Grows whenever the client has taken something. */
  get progress(): number {
    return this.#progress;
  }

  /** Octets as latin1, with their CRLF. */
  text(octets: string): void {
    // A character beyond latin1 would be cut to one octet, which may be a CR.
    if (/[^\x00-\xff]/.test(octets)) throw new Error('a response holds characters that are no octets');
    const last = this.#parts.length - 1;
    const before = this.#parts[last];
    // Each piece costs a call when it is sent: what stands together goes as one.
    if (typeof before === 'string') this.#parts[last] = before + octets;
    else this.#parts.push(octets);
    this.#gatheredBytes += octets.length;
  }

  bytes(octets: Buffer): void {
    this.#parts.push(octets);
    this.#gatheredBytes += octets.length;
  }

  /** Forgets what was gathered and not sent. */
  drop(): void {
    this.#parts = [];
    this.#gatheredBytes = 0;
  }

  /** @throws ConnectionOver */
  async flush(): Promise<void> {
    if (this.#gatheredBytes === 0) return;
    const parts = this.#parts;
    const gatheredBytes = this.#gatheredBytes;
    this.drop();
    const sink = this.#sink;
    if (sink.destroyed || sink.writableEnded) throw new ConnectionOver('The client is gone');
    send(sink, parts, gatheredBytes);
    this.#progress += 1;
    if (!sink.writableNeedDrain) return;
    this.#isBlocked = true;
    await drained(sink);
    this.#isBlocked = false;
    this.#progress += 1;
    if (sink.destroyed) throw new ConnectionOver('The client is gone');
  }

  /** Nothing more will come. */
  end(): void {
    this.#sink.end();
  }

  /** Sends through another stream from now on. */
  moveTo(sink: Duplex): void {
    this.#sink = sink;
  }
}

/** A socket takes all of it in one system call, without a copy. Nobody changes a buffer that was handed over. */
function send(sink: Duplex, parts: readonly (string | Buffer)[], sizeBytes: number): void {
  if (!(sink instanceof Socket)) {
    // Compression: the larger the piece, the better.
    sink.write(joined(parts, sizeBytes));
    return;
  }
  sink.cork();
  for (const part of parts) {
    if (typeof part === 'string') sink.write(part, 'latin1');
    else sink.write(part);
  }
  sink.uncork();
}

function joined(parts: readonly (string | Buffer)[], sizeBytes: number): Buffer {
  const out = Buffer.allocUnsafe(sizeBytes);
  let at = 0;
  for (const part of parts) at += typeof part === 'string' ? out.write(part, at, 'latin1') : part.copy(out, at);
  return out;
}

function drained(sink: Duplex): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      sink.off('drain', done);
      sink.off('close', done);
      resolve();
    };
    sink.on('drain', done);
    sink.on('close', done);
  });
}
