/*
 * Dialogs that a mail admin can read: a text file, one step a line.
 *
 *   # words                      for the reader
 *   C: EHLO me                   the client sends this line, with CRLF
 *   C~ a.\r\n{x*1000}\0          the client sends just this: \r \n \t \0 \xHH, and {text*N} for text N times
 *   C*3: RCPT TO:<u{n}@b.test>   three lines, {n} counts from 1
 *   S: 250 *ok                   the server's next line; * stands for anything
 *   S> 250 *                     lines up to the last one of a reply, which looks like this
 *   S*3: 250 *                   three lines that look like this
 *   S~ a OK *                    lines up to one that looks like this (IMAP: the tagged one; POP3: `S~ .`)
 *   S+ 250-SIZE *                one of the lines that `S>` or `S~` read looked like this
 *   S- 250-AUTH *                none of them did
 *   S!                           the server ends the connection, and says nothing before
 *   TLS                          the client begins TLS
 *   DEFLATE                      both sides compress from here on (RFC 4978)
 *   HANGUP                       the client breaks the connection
 *   = stored 1                   the harness finds this to be so, sooner or later
 *   ${name}                      is replaced by the harness in every step
 */
import type { Socket } from 'node:net';
import type { Transform } from 'node:stream';
import { constants, createDeflateRaw, createInflateRaw } from 'node:zlib';
import { until } from './until.ts';

const STEP = /^(C:|C~|C\*\d+:|S:|S>|S~|S\*\d+:|S\+|S-|S!|TLS|DEFLATE|HANGUP|=)(?: (.*))?$/;
/** For one line of the server; it may have to ask somebody. */
const ANSWER_MS = 15_000;

export interface Dialog {
  readonly connect: () => Promise<Socket>;
  readonly startTls: (socket: Socket) => Promise<Socket>;
  readonly variables?: Readonly<Record<string, string>>;
  /** Undefined: it is so. A sentence: what is there instead. */
  readonly check: (fact: string) => string | undefined | Promise<string | undefined>;
}

/** Runs all steps. Rejects with the number of the line that went wrong and what came instead. */
export async function runDialog(text: string, dialog: Dialog): Promise<void> {
  const talk = new Talk(await dialog.connect());
  try {
    for (const [index, raw] of text.split('\n').entries()) {
      if (raw.trim() === '' || raw.startsWith('#')) continue;
      const line = raw.replaceAll(/\$\{([a-z-]+)\}/gi, (whole, name: string) => dialog.variables?.[name] ?? whole);
      try {
        await takeStep(line, talk, dialog);
      } catch (error) {
        throw new Error(`line ${index + 1}: ${raw}\n  ${error instanceof Error ? error.message : String(error)}`, { cause: error });
      }
    }
  } finally {
    talk.hangUp();
  }
}

async function takeStep(line: string, talk: Talk, dialog: Dialog): Promise<void> {
  const match = STEP.exec(line);
  if (!match) throw new Error('this is no step');
  const [verb = '', times] = (match[1] ?? '').split('*');
  const argument = match[2] ?? '';
  switch (verb) {
    case 'C:':
      return talk.send(`${argument}\r\n`);
    case 'C':
      return talk.send(repeated(times, (n) => `${argument.replaceAll('{n}', String(n))}\r\n`));
    case 'C~':
      return talk.send(unescaped(argument));
    case 'S:':
      return await talk.expect(argument);
    case 'S':
      for (let n = 0; n < Number.parseInt(times ?? '1', 10); n += 1) await talk.expect(argument);
      return undefined;
    case 'S>':
      return await talk.expectReply(argument);
    case 'S~':
      return await talk.expectUntil(argument);
    case 'S+':
      return talk.expectAmong(argument, true);
    case 'S-':
      return talk.expectAmong(argument, false);
    case 'S!':
      return await talk.expectEnd();
    case 'TLS':
      return talk.begin(await dialog.startTls(talk.release()));
    case 'DEFLATE':
      return talk.deflate();
    case 'HANGUP':
      return talk.hangUp();
    default:
      return await expectFact(argument, dialog);
  }
}

async function expectFact(fact: string, dialog: Dialog): Promise<void> {
  let found: string | undefined;
  try {
    await until(async () => (found = await dialog.check(fact)) === undefined);
  } catch (error) {
    throw new Error(`found: ${found}`, { cause: error });
  }
}

function repeated(times: string | undefined, text: (n: number) => string): string {
  return Array.from({ length: Number.parseInt(times ?? '1', 10) }, (_, index) => text(index + 1)).join('');
}

function unescaped(text: string): Buffer {
  const repeatedText = text.replaceAll(/\{([^{}*]*)\*(\d+)\}/g, (_, part: string, times: string) => part.repeat(Number(times)));
  const bytes = Buffer.from(repeatedText).toString('latin1');
  const named: Readonly<Record<string, string>> = { r: '\r', n: '\n', t: '\t', '0': '\0', '\\': '\\' };
  const plain = bytes.replaceAll(/\\(?:x([0-9a-f]{2})|([rnt0\\]))/gi, (_, hex: string | undefined, name: string) =>
    hex === undefined ? (named[name] ?? '') : String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(plain, 'latin1');
}

class Talk {
  socket: Socket;
  #received = '';
  #isOver = false;
  #lastReply: string[] = [];
  #deflate: Transform | undefined;
  #wake: () => void = () => undefined;
  readonly #take = (chunk: Buffer): void => {
    this.#received += chunk.toString('latin1');
    this.#wake();
  };
  readonly #end = (): void => {
    this.#isOver = true;
    this.#wake();
  };

  constructor(socket: Socket) {
    this.socket = socket;
    this.begin(socket);
  }

  begin(socket: Socket): void {
    this.socket = socket;
    socket.on('data', this.#take);
    socket.on('end', this.#end);
    socket.on('close', this.#end);
    // How it ended is seen by `expectEnd`.
    socket.on('error', () => undefined);
  }

  deflate(): void {
    const inflate = createInflateRaw();
    this.#deflate = createDeflateRaw({ flush: constants.Z_SYNC_FLUSH });
    this.#deflate.pipe(this.socket);
    const socket = this.release();
    // What has come is inflated before the end is seen.
    socket.off('end', this.#end).off('close', this.#end);
    socket.on('close', () => inflate.end());
    // The server need not end its stream: then that is the error.
    socket.pipe(inflate).on('data', this.#take).on('end', this.#end).on('error', this.#end);
  }

  /** Somebody else reads from it now. */
  release(): Socket {
    this.socket.off('data', this.#take);
    return this.socket;
  }

  send(bytes: string | Buffer): void {
    (this.#deflate ?? this.socket).write(bytes);
  }

  hangUp(): void {
    this.socket.destroy();
  }

  async expect(pattern: string): Promise<void> {
    const line = await this.#line();
    if (!looksLike(line, pattern)) throw new Error(`came: ${line}`);
  }

  async expectReply(pattern: string): Promise<void> {
    this.#lastReply = [];
    let line = await this.#line();
    for (; /^\d{3}-/.test(line); line = await this.#line()) this.#lastReply.push(line);
    this.#lastReply.push(line);
    if (!looksLike(line, pattern)) throw new Error(`came: ${line}`);
  }

  async expectUntil(pattern: string): Promise<void> {
    this.#lastReply = [];
    let line = await this.#line();
    for (; !looksLike(line, pattern); line = await this.#line()) this.#lastReply.push(line);
    this.#lastReply.push(line);
  }

  expectAmong(pattern: string, isThere: boolean): void {
    if (this.#lastReply.some((line) => looksLike(line, pattern)) !== isThere) throw new Error(`came: ${this.#lastReply.join(' | ')}`);
  }

  async expectEnd(): Promise<void> {
    await this.#until(() => this.#isOver || this.#received !== '');
    if (this.#received !== '') throw new Error(`came: ${this.#received}`);
  }

  async #line(): Promise<string> {
    await this.#until(() => this.#isOver || this.#received.includes('\n'));
    const end = this.#received.indexOf('\n');
    if (end < 0) throw new Error(`the connection is over; unended: '${this.#received}'`);
    const line = this.#received.slice(0, end).replace(/\r$/, '');
    this.#received = this.#received.slice(end + 1);
    return Buffer.from(line, 'latin1').toString();
  }

  async #until(isTrue: () => boolean): Promise<void> {
    const late = AbortSignal.timeout(ANSWER_MS);
    late.addEventListener('abort', () => this.#wake(), { once: true });
    while (!isTrue()) {
      if (late.aborted) throw new Error(`nothing came within ${ANSWER_MS} ms; unended: '${this.#received}'`);
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}

function looksLike(line: string, pattern: string): boolean {
  const parts = pattern.split('*');
  if (parts.length === 1) return line === pattern;
  const [first = '', ...rest] = parts;
  if (!line.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest.slice(0, -1)) {
    const found = line.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  const last = rest.at(-1) ?? '';
  return line.length - last.length >= at && line.endsWith(last);
}
