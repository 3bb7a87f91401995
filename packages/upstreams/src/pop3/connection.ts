import { MailError, type HostPath, type LoginCredential, type LoginVerdict } from '@stopgap/core';
import { connect, upgradeToTls } from '../net/connect.ts';
import type { Guard } from '../net/guard.ts';
import { sessionEnded, voidAnswer } from './failures.ts';
import { dotted } from './octets.ts';
import { readReply, refusalOf, refusedLogin, type Pop3Reply } from './reply.ts';
import { Pop3Wire } from './wire.ts';

const CONNECT_MS = 30_000;
/** RFC 2449 lists some dozen. */
const MOST_CAPABILITIES = 200;
/** No mail is as long as this; a server that never ends is. */
const LARGEST_BYTES = 1024 * 1024 * 1024;

export interface Pop3ConnectionOptions {
  readonly path: HostPath;
  readonly guard: Guard;
}

/** One connection to a POP3 server (RFC 1939). Its methods reject with MailErrors that have a reason. It is the caller's to close. */
export class Pop3Connection {
  readonly #wire: Pop3Wire;
  readonly #options: Pop3ConnectionOptions;
  /** Commands whose answer has not begun yet. */
  #awaited = 0;

  private constructor(wire: Pop3Wire, options: Pop3ConnectionOptions) {
    this.#wire = wire;
    this.#options = options;
  }

  /** Connects, is greeted, and has TLS as the path demands (STLS, RFC 2595). */
  static async open(options: Pop3ConnectionOptions, signal: AbortSignal): Promise<Pop3Connection> {
    const { path, guard } = options;
    const { host, port, ca } = path;
    const security = path.security === 'tls' ? 'tls' : 'none';
    const socket = await connect({ host, port, ca, guard, signal, security, timeoutMs: CONNECT_MS });
    const connection = new Pop3Connection(new Pop3Wire(socket, host), options);
    const stopWatching = connection.endOn(signal);
    try {
      connection.#expect(await connection.reply());
      if (path.security === 'starttls') await connection.#startTls(signal);
    } catch (error) {
      connection.drop();
      throw error;
    } finally {
      stopWatching();
    }
    return connection;
  }

  get hasEnded(): boolean {
    return this.#wire.hasFailed;
  }

  /** While it is not called off, `signal` ends the connection. */
  endOn(signal: AbortSignal): () => void {
    return this.#wire.endOn(signal);
  }

  /** USER and PASS. Rejects only when no answer can be had. */
  async logIn(credential: LoginCredential): Promise<LoginVerdict> {
    const { host } = this.#options.path;
    const { username, password } = credential;
    if (/[\r\n\0]/.test(username + password.open())) throw voidAnswer(host, 'can not be told a log-in with line ends in it');
    const user = await this.say(`USER ${username}`);
    if (!user.isOk) return refusedLogin(user, credential, host);
    const pass = await this.say(`PASS ${password.open()}`);
    return pass.isOk ? { kind: 'accepted' } : refusedLogin(pass, credential, host);
  }

  /** RFC 2449 5: upper-case keyword -> its arguments. Empty when the server knows no CAPA. */
  async capabilities(): Promise<ReadonlyMap<string, readonly string[]>> {
    const reply = await this.say('CAPA');
    const found = new Map<string, readonly string[]>();
    if (!reply.isOk) return found;
    for await (const line of this.lines(MOST_CAPABILITIES)) {
      const [keyword = '', ...parts] = line.toUpperCase().split(' ');
      found.set(keyword, parts);
    }
    return found;
  }

  /** One command and the line that answers it. */
  async say(command: string): Promise<Pop3Reply> {
    this.write(command);
    return this.reply();
  }

  /** A command whose answer is read later, in its turn (RFC 2449 6.6). */
  write(command: string): void {
    // One answer for each command: a line that nobody asked for must not be taken for the next one's.
    if (this.#awaited === 0 && this.#wire.hasUnread)
      throw this.#wire.fail(voidAnswer(this.#options.path.host, 'said more than it was asked'));
    this.#awaited += 1;
    this.#wire.write(`${command}\r\n`);
  }

  async reply(): Promise<Pop3Reply> {
    const line = await this.#wire.line();
    this.#awaited = Math.max(0, this.#awaited - 1);
    const reply = readReply(line);
    if (reply === undefined) throw this.#wire.fail(voidAnswer(this.#options.path.host, 'sent something that is no POP3'));
    return reply;
  }

  /** The lines of a listing, as one character for each octet. More than `most` end the connection. */
  async *lines(most: number): AsyncGenerator<string, void, undefined> {
    for (let count = 0; ; count += 1) {
      const { text } = await this.#wire.line();
      if (text === '.') return;
      if (count === most) throw this.#wire.fail(voidAnswer(this.#options.path.host, `sent a listing of more than ${most} lines`));
      yield text.startsWith('.') ? text.slice(1) : text;
    }
  }

  /** The octets of a message whose first line of answer was `reply`. To be read to its end, or the connection dropped. */
  async *octets(reply: Pop3Reply): AsyncGenerator<Buffer, void, undefined> {
    let bytes = 0;
    for await (const piece of dotted(this.#wire, reply.isBare)) {
      bytes += piece.length;
      if (bytes > LARGEST_BYTES) throw this.drop(tooBig(this.#options.path.host));
      yield piece;
    }
  }

  /** Ends it at once; `why` is what everybody gets who asks further. */
  drop(why?: MailError): MailError {
    const { host } = this.#options.path;
    return this.#wire.drop(why ?? sessionEnded({ class: 'connect', text: `the connection to ${host} was given up`, host }));
  }

  /**
   * RFC 1939 6: QUIT begins the update state, in which servers delete; a connection that just ends deletes nothing. So QUIT is said only when nothing was
   * taken: some take a message that was fetched for one that may go (RFC 2449 6.7, EXPIRE 0). Never rejects.
   */
  async close({ hasTaken }: { readonly hasTaken: boolean }): Promise<void> {
    if (this.hasEnded) return;
    if (!hasTaken && this.#awaited === 0 && !this.#wire.hasUnread) this.write('QUIT');
    await this.#wire.end();
  }

  /** After a log-in that was only a question: says goodbye and waits for nothing. */
  leave(): void {
    if (this.hasEnded) return;
    this.write('QUIT');
    void this.#wire.end();
  }

  async #startTls(signal: AbortSignal): Promise<void> {
    const { path, guard } = this.#options;
    const { host, ca } = path;
    this.#expect(await this.say('STLS'));
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(CONNECT_MS)]);
    await this.#wire.upgrade((socket) => upgradeToTls(socket, { host, ca, guard, signal: deadline }));
  }

  #expect(reply: Pop3Reply): void {
    if (reply.isOk) return;
    const reason = refusalOf(reply, this.#options.path.host);
    throw this.drop(new MailError('transient', reason.text, { code: 'pop3', reason }));
  }
}

function tooBig(host: string): MailError {
  const text = `${host} sends a message of more than ${LARGEST_BYTES} octets`;
  // Of this one message: whoever goes on asks for the others.
  return new MailError('permanent', text, { code: 'void', reason: { class: 'too-big', text, host } });
}
