import { connect, type Socket } from 'node:net';
import { letter, type Letter } from './letter.ts';

/** Nothing in a benchmark takes so long; a server that hangs must not hang the run. */
const REPLY_LIMIT_MS = 60_000;

export interface Target {
  readonly port: number;
  readonly address: string;
  readonly password: string;
}

export interface Load {
  readonly target: Target;
  readonly messages: number;
  readonly sizeBytes: number;
  /** Connections at once. */
  readonly connections: number;
  /** A new connection and log-in for each message, instead of one for all. */
  readonly connectionPerMessage?: boolean;
  /** Makes the message ids of this load its own. */
  readonly name: string;
}

export interface LoadResult {
  readonly perSecond: number;
  readonly seconds: number;
}

/**
 * Sends messages as mail programs do: each command waits for its answer, the content goes out in one piece. The clock runs from the first MAIL (all are
 * logged in by then) to the last 250; with a connection for each message it includes connecting and logging in.
 */
export async function send(load: Load): Promise<LoadResult> {
  let next = 0;
  const take = (): Letter | undefined =>
    next < load.messages ? letter({ id: `${load.name}.${next++}`, from: load.target.address, sizeBytes: load.sizeBytes }) : undefined;
  return load.connectionPerMessage ? sendSingly(load, take) : sendInTurn(load, take);
}

async function sendInTurn(load: Load, take: () => Letter | undefined): Promise<LoadResult> {
  const lines = await Promise.all(Array.from({ length: Math.min(load.connections, load.messages) }, () => Line.logIn(load.target)));
  const startMs = performance.now();
  await Promise.all(
    lines.map(async (line) => {
      for (let one = take(); one; one = take()) await line.transact(one);
    }),
  );
  const result = resultOf(load.messages, performance.now() - startMs);
  for (const line of lines) line.close();
  return result;
}

async function sendSingly(load: Load, take: () => Letter | undefined): Promise<LoadResult> {
  const startMs = performance.now();
  await Promise.all(
    Array.from({ length: Math.min(load.connections, load.messages) }, async () => {
      for (let one = take(); one; one = take()) {
        const line = await Line.logIn(load.target);
        await line.transact(one);
        line.close();
      }
    }),
  );
  return resultOf(load.messages, performance.now() - startMs);
}

function resultOf(messages: number, elapsedMs: number): LoadResult {
  return { perSecond: (messages * 1000) / elapsedMs, seconds: elapsedMs / 1000 };
}

/** One client connection. Whatever it does not expect ends the benchmark. */
class Line {
  readonly #socket: Socket;
  #heard = '';
  #failure: Error | undefined;
  #waiting: { readonly resolve: (reply: string) => void; readonly reject: (error: Error) => void } | undefined;

  static async logIn(target: Target): Promise<Line> {
    const line = new Line(target.port);
    await line.#expect('220');
    await line.#say('EHLO load.test\r\n', '250');
    await line.#say(`AUTH PLAIN ${Buffer.from(`\0${target.address}\0${target.password}`).toString('base64')}\r\n`, '235');
    return line;
  }

  private constructor(port: number) {
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket.setTimeout(REPLY_LIMIT_MS, () => this.#fail(new Error('no answer')));
    this.#socket.on('data', (chunk) => this.#hear(chunk.toString('latin1')));
    this.#socket.on('error', (error) => this.#fail(error));
    this.#socket.on('close', () => this.#fail(new Error('the server closed the connection')));
  }

  async transact({ from, to, pieces }: Letter): Promise<void> {
    await this.#say(`MAIL FROM:<${from}>\r\n`, '250');
    await this.#say(`RCPT TO:<${to}>\r\n`, '250');
    await this.#say('DATA\r\n', '354');
    this.#socket.cork();
    for (const piece of pieces) this.#socket.write(piece);
    this.#socket.write('.\r\n');
    this.#socket.uncork();
    await this.#expect('250');
  }

  close(): void {
    this.#waiting = undefined;
    this.#socket.end('QUIT\r\n');
  }

  #say(text: string, code: string): Promise<void> {
    this.#socket.write(text);
    return this.#expect(code);
  }

  async #expect(code: string): Promise<void> {
    const reply = await new Promise<string>((resolve, reject) => {
      if (this.#failure) reject(this.#failure);
      else this.#waiting = { resolve, reject };
    });
    if (!reply.startsWith(code)) throw new Error(`expected ${code}, heard: ${reply}`);
  }

  #hear(text: string): void {
    this.#heard += text;
    // A reply is complete with a line that has a blank behind its code.
    if (!/(?:^|\n)\d{3} [^\n]*\n$/.test(this.#heard)) return;
    const reply = this.#heard;
    this.#heard = '';
    this.#waiting?.resolve(reply);
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#waiting?.reject(error);
    this.#socket.destroy();
  }
}
