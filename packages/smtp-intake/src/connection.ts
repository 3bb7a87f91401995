import { isLoopback } from '@stopgap/config';
import type { SMTPServer, SMTPServerAuthentication } from 'smtp-server';
import { SMTPConnection } from 'smtp-server/lib/smtp-connection.js';
import type { Client, LoggedIn, Transaction } from './client.ts';
import { faultOfLine } from './command-line.ts';
import { CommandStream, type LineFault } from './command-stream.ts';
import { auth, faultOfAuth } from './commands/auth.ts';
import { ehloLines, nameOfHelo } from './commands/ehlo.ts';
import { mail } from './commands/mail.ts';
import { rcpt } from './commands/rcpt.ts';
import { IncomingMessage } from './incoming-message.ts';
import { replies, type Reply } from './replies.ts';
import type { Settings } from './settings.ts';

/** Errors of the client until it is cut; a taken message wipes them out. */
const MOST_ERRORS = 20;
/** What a failed log-in counts as. */
const FAILED_LOGIN_ERRORS = 4;
/** Whoever has not logged in by then is cut, so that idle strangers do not use up the connections. */
const LOG_IN_WITHIN_MS = 60_000;

type SocketOf = ConstructorParameters<typeof SMTPConnection>[1];
type OptionsOf = ConstructorParameters<typeof SMTPConnection>[2];

/**
 * One client. smtp-server keeps the socket, TLS, SASL and the idle timer; lines, EHLO, MAIL, RCPT and DATA are ours, because their answers,
 * their strictness and their cost are. (It has no other way in than a subclass; the version is pinned and the dialogs in tests/ hold it.)
 */
export class SubmissionConnection extends SMTPConnection {
  readonly #settings: Settings;
  readonly #client: Client;
  readonly #gone = new AbortController();
  #transaction: Transaction | undefined;
  #message: IncomingMessage | undefined;
  #isFirstCommand = true;
  #errors = 0;
  #isGathering = false;

  constructor(server: SMTPServer, socket: SocketOf, options: { readonly settings: Settings; readonly socket: OptionsOf }) {
    super(server, socket, options.socket);
    this.#settings = options.settings;
    this.#client = SubmissionConnection.#clientOf(this);
    void this.#settings.clock.wait(LOG_IN_WITHIN_MS, this.#gone.signal).then(() => {
      if (!this.#gone.signal.aborted && !this.#client.login) this.#reply(replies.loginTooSlow);
    });
  }

  /** Nothing of a message is under way. */
  get isIdle(): boolean {
    return this.#message === undefined;
  }

  say(reply: Reply): void {
    this.#reply(reply);
  }

  async logIn(given: SMTPServerAuthentication): ReturnType<typeof auth> {
    return await auth(given, this.#client, { settings: this.#settings, signal: this.#gone.signal });
  }

  override _createParser(): CommandStream {
    const stream = new CommandStream();
    stream.oncommand = (line, done) => this._onCommand(line, done);
    stream.onfault = (fault: LineFault) => this.#reply(fault === 'too-long' ? replies.lineTooLong : replies.bareLineEnd);
    return stream;
  }

  override _onCommand(line: Buffer, done?: () => void): void {
    if (this._upgrading || !this._ready) return super._onCommand(line, done);
    if (this._server._closeTimeout) return this.#reply(replies.shuttingDown);
    const fault = faultOfLine(line, { isFirst: this.#isFirstCommand, isAuthAnswer: this._nextHandler !== false });
    this.#gatherReplies();
    if (!fault) {
      this.#isFirstCommand = false;
      return super._onCommand(line, done);
    }
    this._nextHandler = false;
    this.#reply(fault);
    done?.();
  }

  override _resetSession(): void {
    super._resetSession();
    this.#transaction = undefined;
  }

  override send(code: number, data?: string | string[] | null, context?: string | false): void {
    super.send(code, data, context);
    if (!isProtocolError(code)) return;
    this.#errors += code === 535 ? FAILED_LOGIN_ERRORS : 1;
    if (this.#errors >= MOST_ERRORS) this.#reply(replies.tooManyErrors);
  }

  override handler_EHLO(line: Buffer, done: () => void): void {
    if (this.#greet(line)) this.send(250, ehloLines(this.#client, this.#settings), false);
    done();
  }

  override handler_HELO(line: Buffer, done: () => void): void {
    if (this.#greet(line)) this.send(250, this.#settings.hostname, false);
    done();
  }

  override handler_STARTTLS(line: Buffer, done: () => void): void {
    // TLS takes the socket over: its 220 must be out by then.
    this._socket.uncork();
    super.handler_STARTTLS(line, done);
  }

  override handler_AUTH(line: Buffer, done: () => void): void {
    const fault = faultOfAuth(line.toString(), this.#client);
    if (!fault) return super.handler_AUTH(line, done);
    this.#reply(fault);
    done();
  }

  override handler_MAIL(line: Buffer, done: () => void): void {
    this.#reply(mail(line.toString(), this.#client, this.#settings));
    done();
  }

  override handler_RCPT(line: Buffer, done: () => void): void {
    this.#reply(rcpt(line.toString(), this.#client, this.#settings));
    done();
  }

  override handler_DATA(line: Buffer, done: () => void): void {
    const { login, transaction } = this.#client;
    if (!login) this.#reply(this.#client.mayLogIn ? replies.authFirst : replies.tlsFirst);
    else if (!transaction) this.#reply(replies.mailFirst);
    else if (line.toString().trim().length > 4) this.#reply(replies.syntax('DATA'));
    else if (transaction.recipients.size === 0) this.#reply(replies.noRecipients);
    else this.#receive(login, transaction);
    done();
  }

  override _onClose(): void {
    super._onClose();
    this.#gone.abort();
    // After the final dot it is taken all the same; the client, who does not know, sends it again and is told the same id.
    if (!this._handlerPending) this.#message?.abort();
  }

  /** The replies to commands that came in one packet leave in one (RFC 2920 3.2), which is also one system call. */
  #gatherReplies(): void {
    if (this.#isGathering) return;
    this.#isGathering = true;
    const socket = this._socket;
    socket.cork();
    process.nextTick(() => {
      this.#isGathering = false;
      socket.uncork();
    });
  }

  #greet(line: Buffer): boolean {
    const name = nameOfHelo(line.toString());
    if (name === undefined) {
      this.#reply({ code: 501, text: 'Syntax: EHLO hostname' });
      return false;
    }
    this.hostNameAppearsAs = name;
    this._resetSession();
    return true;
  }

  #receive(login: LoggedIn, transaction: Transaction): void {
    if (!(this._parser instanceof CommandStream)) return;
    const message = new IncomingMessage({ login, transaction, client: this.#client }, this.#settings);
    this.#message = message;
    this._parser.receive({
      write: (content) => {
        const answer = message.write(content);
        if (answer === undefined || answer instanceof Promise) return answer;
        return this.#reply(answer);
      },
      end: async () => {
        // The idle timer leaves a client alone that waits for us.
        this._handlerPending = true;
        const reply = await message.end();
        this._handlerPending = false;
        this.#message = undefined;
        if (reply.code === 250) this.#errors = 0;
        this._resetSession();
        this.#reply(reply);
        if (this._server._closeTimeout) this.#reply(replies.shuttingDown);
      },
    });
    this.#reply(replies.sendContent);
  }

  #reply(reply: Reply): void {
    this.send(reply.code, reply.status ? `${reply.status} ${reply.text}` : reply.text, false);
    if (reply.isLast) this.close();
  }

  static #clientOf(connection: SubmissionConnection): Client {
    let loginSeenMs = performance.now();
    return {
      remoteAddress: connection.remoteAddress,
      get isSecure() {
        return connection.secure;
      },
      get mayLogIn() {
        const { plaintextAuth } = connection.#settings;
        return connection.secure || plaintextAuth === 'always' || (plaintextAuth === 'loopback' && isLoopback(connection.remoteAddress));
      },
      get helo() {
        return connection.hostNameAppearsAs || '';
      },
      // smtp-server's SASL sets it, and forgets it at STARTTLS.
      get login() {
        return (connection.session.user || undefined) as LoggedIn | undefined;
      },
      set login(login) {
        connection.session.user = login ?? false;
      },
      get loginSeenMs() {
        return loginSeenMs;
      },
      set loginSeenMs(ms) {
        loginSeenMs = ms;
      },
      get transaction() {
        return connection.#transaction;
      },
      set transaction(transaction) {
        connection.#transaction = transaction;
      },
    };
  }
}

/** Faults of the client's program; a refused sender or recipient is none. */
function isProtocolError(code: number): boolean {
  return (code >= 500 && code <= 504) || code === 530 || code === 535 || code === 538 || code === 555;
}
