import type { HostPath, LoginCredential, SmarthostPath } from '@stopgap/core';
import { connect, upgradeToTls } from '../net/connect.ts';
import type { Guard } from '../net/guard.ts';
import { unechoed } from '../net/unechoed.ts';
import { NO_CAPABILITIES, parseCapabilities, type Capabilities } from './capabilities.ts';
import { classify, type Verb } from './classify.ts';
import { SmtpFailure } from './failure.ts';
import type { SmtpReply } from './reply.ts';
import type { SmtpTimeouts } from './timeouts.ts';
import { sendOn, type SmtpMessage, type SmtpResult } from './transaction.ts';
import { SmtpWire } from './wire.ts';

export interface SmtpConnectionOptions {
  readonly path: HostPath | SmarthostPath;
  readonly guard: Guard;
  /** What EHLO says. */
  readonly heloName: string;
  readonly timeouts: SmtpTimeouts;
}

/** One connection to a submission server, ready for transactions one after the other. Its methods reject with SmtpFailure only. */
export class SmtpConnection {
  readonly #wire: SmtpWire;
  readonly #options: SmtpConnectionOptions;
  #offers: Capabilities = NO_CAPABILITIES;
  #isSecure: boolean;
  #needsReset = false;
  sent = 0;

  private constructor(wire: SmtpWire, options: SmtpConnectionOptions) {
    this.#wire = wire;
    this.#options = options;
    this.#isSecure = options.path.security === 'tls';
  }

  /** Connects, greets, and has TLS as the path demands. Rejects with SmtpFailure or a MailError of `connect`; nothing is left open then. */
  static async open(options: SmtpConnectionOptions, signal: AbortSignal): Promise<SmtpConnection> {
    const { path, guard, timeouts } = options;
    const { host, port, ca } = path;
    const socket = await connect({
      host,
      port,
      ca,
      guard,
      signal,
      security: path.security === 'tls' ? 'tls' : 'none',
      timeoutMs: timeouts.connectMs,
    });
    const connection = new SmtpConnection(new SmtpWire(socket, host), options);
    const stopWatching = connection.endOn(signal);
    try {
      await connection.#greet(signal);
    } catch (error) {
      connection.destroy();
      throw error;
    } finally {
      stopWatching();
    }
    return connection;
  }

  get offers(): Capabilities {
    return this.#offers;
  }

  get isUsable(): boolean {
    return this.#wire.failure === undefined;
  }

  onEnd(listener: () => void): void {
    this.#wire.onFailure(listener);
  }

  /** RFC 4954. PLAIN, else LOGIN; over a connection without TLS only where the configuration says `security: none`. */
  async logIn(credential: LoginCredential): Promise<void> {
    const { path } = this.#options;
    if (!this.#isSecure && path.security !== 'none') throw this.#refusal('tls', 'no log-in without TLS');
    const mechanisms = this.#offers.authMechanisms;
    if (mechanisms.has('PLAIN')) return this.#plain(credential);
    if (mechanisms.has('LOGIN')) return this.#login(credential);
    throw this.#refusal('auth', `${path.host} offers no way to log in that is known here`);
  }

  /** One transaction. Never rejects; afterwards look at `isUsable`. */
  async send(message: SmtpMessage, signal: AbortSignal): Promise<SmtpResult> {
    const stopWatching = this.endOn(signal);
    try {
      const result = await sendOn(this.#wire, message, {
        host: this.#options.path.host,
        offers: this.#offers,
        timeouts: this.#options.timeouts,
        startsWithReset: this.#needsReset,
      });
      this.#needsReset = result.needsReset;
      this.sent += 1;
      return result;
    } finally {
      stopWatching();
    }
  }

  /** Says goodbye and closes; waits for nothing. */
  quit(): void {
    if (!this.isUsable) return;
    this.#wire.write('QUIT\r\n');
    this.destroy();
  }

  destroy(): void {
    this.#wire.end();
  }

  endOn(signal: AbortSignal): () => void {
    const onAbort = () => this.#wire.fail(this.#refusal('cancelled', 'the attempt was broken off'));
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    return () => signal.removeEventListener('abort', onAbort);
  }

  async #greet(signal: AbortSignal): Promise<void> {
    const { path, timeouts } = this.#options;
    this.#expect(await this.#wire.reply('connect', timeouts.bannerMs), 220, 'connect');
    await this.#ehlo();
    if (path.security !== 'starttls') return;
    // Fail closed: a server (or somebody in between) that does not offer it any more gets no password and no mail.
    if (!this.#offers.startTls) throw this.#refusal('tls', `${path.host} does not offer STARTTLS`);
    this.#wire.write('STARTTLS\r\n');
    this.#expect(await this.#wire.reply('starttls', timeouts.commandMs), 220, 'starttls');
    const { host, ca } = path;
    await this.#wire.upgrade((socket) =>
      upgradeToTls(socket, {
        host,
        ca,
        guard: this.#options.guard,
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeouts.connectMs)]),
      }),
    );
    this.#isSecure = true;
    // RFC 3207 4.2: what was offered in clear is forgotten.
    await this.#ehlo();
  }

  async #ehlo(): Promise<void> {
    const { heloName, timeouts, path } = this.#options;
    this.#wire.write(`EHLO ${heloName}\r\n`);
    const reply = await this.#wire.reply('ehlo', timeouts.commandMs);
    if (reply.code === 250) {
      this.#offers = parseCapabilities(reply);
      return;
    }
    // RFC 5321 3.2: an old server knows HELO; without EHLO there is neither TLS nor AUTH, so only where both are not wanted.
    if (path.security !== 'none' || reply.code < 500) throw this.#failed(reply, 'ehlo');
    this.#wire.write(`HELO ${heloName}\r\n`);
    this.#expect(await this.#wire.reply('ehlo', timeouts.commandMs), 250, 'ehlo');
    this.#offers = NO_CAPABILITIES;
  }

  async #plain(credential: LoginCredential): Promise<void> {
    const { username, password } = credential;
    await this.#sayInAuth(`AUTH PLAIN ${base64(`\0${username}\0${password.open()}`)}`, 235, credential);
  }

  async #login(credential: LoginCredential): Promise<void> {
    await this.#sayInAuth('AUTH LOGIN', 334, credential);
    await this.#sayInAuth(base64(credential.username), 334, credential);
    await this.#sayInAuth(base64(credential.password.open()), 235, credential);
  }

  async #sayInAuth(line: string, wanted: number, credential: LoginCredential): Promise<void> {
    this.#wire.write(`${line}\r\n`);
    const reply = await this.#wire.reply('auth', this.#options.timeouts.commandMs);
    this.#expect({ ...reply, lines: reply.lines.map((said) => unechoed(said, credential)) }, wanted, 'auth');
  }

  #expect(reply: SmtpReply, code: number, verb: Verb): void {
    if (reply.code !== code) throw this.#failed(reply, verb);
  }

  #failed(reply: SmtpReply, verb: Verb): SmtpFailure {
    const { reason, retryAfterMs } = classify(reply, verb, this.#options.path.host);
    return new SmtpFailure(reason, { retryAfterMs });
  }

  #refusal(reasonClass: 'tls' | 'auth' | 'cancelled', text: string): SmtpFailure {
    return new SmtpFailure({ class: reasonClass, text, host: this.#options.path.host });
  }
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
