import type { Duplex } from 'node:stream';
import type { Socket } from 'node:net';
import { constants, createDeflateRaw, createInflateRaw } from 'node:zlib';
import { mayLogIn, type Arrival, type Visit } from '@stopgap/door';
import { capabilitiesOf } from './capabilities.ts';
import type { Client, Completion, Enabled } from './client.ts';
import type { Counter } from './counter.ts';
import { byes, endsSession } from './replies.ts';
import { perform } from './perform.ts';
import type { ImapSession } from './session.ts';
import type { LoggedIn, Settings } from './settings.ts';
import { MailboxGone, type Tracker } from './tracker.ts';
import { ByteReader } from './wire/byte-reader.ts';
import { gatherCommand } from './wire/command-reader.ts';
import { statusText } from './wire/encode.ts';
import { ConnectionOver, EndingFault } from './wire/faults.ts';
import { ResponseWriter } from './wire/response-writer.ts';
import { atMessageLiteral } from './commands/append.ts';

/** Time is counted in ticks of the server: one timer for thousands of connections. */
export const TICK_MS = 5000;
/** Whoever has not logged in by then is cut, so that idle strangers do not use up the connections. */
const LOG_IN_TICKS = 60_000 / TICK_MS;
/** RFC 9051 5.4: at least 30 minutes; somewhat more, for clients that come back after just that time. */
const QUIET_TICKS = (31 * 60_000) / TICK_MS;
/** IDLE: a word now and then keeps firewalls open and finds out who is gone. */
const STILL_HERE_TICKS = (4 * 60_000) / TICK_MS;
/** For a client that takes nothing of what it asked for, or stops in the middle of what it has announced. */
const STALLED_TICKS = (2 * 60_000) / TICK_MS;
/** To read why it is sent away. */
const FAREWELL_TICKS = 1;
/** Errors of the client until it is cut. Once it is logged in a command that went well wipes them out. */
const MOST_ERRORS = 20;
const FAILED_LOGIN_ERRORS = 4;
/** Commands that came in one piece run one after the other; now and then the others get their turn. */
const COMMANDS_IN_A_ROW = 50;
/** Of one connection; a larger window is no better for mail. */
const DEFLATE = { level: 3, windowBits: 13, memLevel: 6, flush: constants.Z_SYNC_FLUSH };

export interface ConnectionOptions {
  readonly door: string;
  readonly settings: Settings;
  readonly hasStartTls: boolean;
  readonly accounts: Counter;
}

/** One client, from the greeting to the end. `run` is its one loop; the server calls `tick`, the door `leave` from outside. */
export class Connection implements Client, Visit {
  readonly settings: Settings;
  readonly in: ByteReader;
  readonly out: ResponseWriter;
  readonly remoteAddress: string;
  readonly enabled: Enabled = { isRev2: false, isUtf8: false, isCondstore: false, isQresync: false };
  selected: Tracker | undefined;
  readonly #options: ConnectionOptions;
  readonly #arrival: Arrival;
  #socket: Socket;
  #isSecure: boolean;
  #isCompressed = false;
  #gone: AbortController | undefined;
  #session: ImapSession | undefined;
  #login: LoggedIn | undefined;
  #errors = 0;
  #isFirst = true;
  #isIdling = false;
  /** For a command, or for the end of IDLE: it can be sent away now. */
  #isWaiting = false;
  #isLeaving = false;
  #mustLeave: string | undefined;
  /** Since the greeting, and since a byte last went in or out. */
  #age = 0;
  #ticks = 0;
  #progress = 0;

  constructor(arrival: Arrival, options: ConnectionOptions) {
    const { socket } = arrival;
    this.#arrival = arrival;
    this.#socket = socket;
    this.#options = options;
    this.settings = options.settings;
    this.remoteAddress = arrival.remoteAddress;
    this.#isSecure = arrival.isSecure;
    this.in = new ByteReader(socket);
    this.out = new ResponseWriter(socket);
    socket.on('close', () => this.#gone?.abort());
  }

  get isSecure(): boolean {
    return this.#isSecure;
  }

  get mayLogIn(): boolean {
    return mayLogIn(this, this.settings.plaintextAuth);
  }

  get isCompressed(): boolean {
    return this.#isCompressed;
  }

  get gone(): AbortSignal {
    this.#gone ??= new AbortController();
    if (this.#socket.destroyed) this.#gone.abort();
    return this.#gone.signal;
  }

  get login(): LoggedIn | undefined {
    return this.#login;
  }

  get session(): ImapSession | undefined {
    return this.#session;
  }

  capabilities(): readonly string[] {
    return capabilitiesOf(this, this.#options);
  }

  /** Until the connection is over. Never rejects. */
  async run(): Promise<void> {
    try {
      this.out.text(`* OK [CAPABILITY ${this.capabilities().join(' ')}] Stopgap ready\r\n`);
      await this.out.flush();
      for (let count = 1; await this.#next(); count += 1) {
        if (count % COMMANDS_IN_A_ROW === 0) await new Promise((resolve) => setImmediate(resolve));
      }
    } catch (error) {
      await this.#endBy(error);
    } finally {
      this.#cleanUp();
    }
  }

  /** For the server's clock. */
  tick(): void {
    const progress = this.in.progress + this.out.progress;
    this.#ticks = progress === this.#progress ? this.#ticks + 1 : 0;
    this.#age += 1;
    this.#progress = progress;
    if (this.#isLeaving) return this.#ticks > FAREWELL_TICKS ? this.cut() : undefined;
    const isStalled = this.out.isBlocked || (this.in.isWaiting && !this.#isWaiting);
    if (isStalled && this.#ticks > STALLED_TICKS) return this.cut();
    if (this.#session === undefined && this.#age > LOG_IN_TICKS) return this.#endLogInTime();
    if (this.#isIdling && this.#ticks >= STILL_HERE_TICKS) return void this.#stillHere();
    if (this.#isWaiting && this.#ticks > QUIET_TICKS) this.#leave(byes.quietTooLong);
  }

  /** Says BYE as soon as no command is under way. */
  leave(): void {
    if (this.#isWaiting) this.#leave(byes.shuttingDown);
    else this.#mustLeave = byes.shuttingDown;
  }

  cut(): void {
    this.#socket.destroy();
  }

  async logIn(login: LoggedIn): Promise<boolean> {
    const { accounts } = this.#options;
    if (!accounts.take(login.account, this.settings.limits.connectionsPerAccount)) return false;
    this.#login = login;
    try {
      this.#session = await this.settings.openSession(login);
    } catch (error) {
      this.#login = undefined;
      accounts.release(login.account);
      throw error;
    }
    this.#errors = 0;
    return true;
  }

  async startTls(): Promise<void> {
    // RFC 9051 6.2.1, CVE-2011-0411: what came behind STARTTLS in clear must not live on inside TLS. Nobody honest sends it.
    if (this.in.hasMore) throw new EndingFault('Nothing may follow STARTTLS before TLS has begun');
    this.in.release();
    const secured = await this.#arrival.beginTls();
    if (!secured) throw new ConnectionOver('TLS did not begin');
    secured.on('close', () => this.#gone?.abort());
    this.#socket = secured;
    this.#isSecure = true;
    this.in.moveTo(secured);
    this.out.moveTo(secured);
  }

  /** RFC 4978. */
  startCompression(): void {
    if (this.in.hasMore) throw new EndingFault('Nothing may follow COMPRESS before compression has begun');
    const socket = this.#socket;
    const deflate = createDeflateRaw(DEFLATE);
    const inflate = createInflateRaw();
    this.in.moveTo(inflate);
    this.out.moveTo(deflate);
    const end = (): void => {
      deflate.destroy();
      inflate.destroy();
      socket.destroy();
    };
    for (const stream of [deflate, inflate] satisfies Duplex[]) stream.on('error', end);
    socket.on('close', end);
    deflate.pipe(socket);
    socket.pipe(inflate);
    this.#isCompressed = true;
  }

  fail(error: unknown, command?: string): void {
    const account = this.#login?.account;
    this.settings.events.failed({
      door: this.#options.door,
      remoteAddress: this.remoteAddress,
      ...(account !== undefined && { account }),
      ...(command !== undefined && { command }),
      error,
    });
  }

  setIdling(isIdling: boolean): void {
    this.#isIdling = isIdling;
    this.#isWaiting = isIdling;
    if (isIdling && this.#mustLeave !== undefined) this.#leave(this.#mustLeave);
  }

  /** One command. False: the connection is over. */
  async #next(): Promise<boolean> {
    if (this.#mustLeave !== undefined) throw new EndingFault(this.#mustLeave);
    this.#isWaiting = true;
    const gathered = await gatherCommand(this.in, {
      isStranger: this.#session === undefined,
      isMessage: (text) => this.#session !== undefined && atMessageLiteral(text),
      goOn: () => this.#say('+ OK\r\n'),
    });
    this.#isWaiting = false;
    if (gathered === undefined || this.#isLeaving) return false;
    const { tag, completion, isKnown } = await perform(this, gathered);
    if (!isKnown && this.#isFirst) throw new EndingFault(byes.notImap);
    this.#isFirst = false;
    const code = completion.code === undefined ? '' : `[${completion.code}] `;
    await this.#say(`${tag} ${completion.status} ${code}${completion.text}\r\n`);
    this.#count(completion);
    if (completion.isLast === true) return false;
    await completion.afterwards?.();
    return true;
  }

  #count({ status, isFailedLogIn }: Completion): void {
    if (status === 'OK' && this.#session !== undefined) this.#errors = 0;
    if (status === 'BAD') this.#errors += 1;
    if (isFailedLogIn === true) this.#errors += FAILED_LOGIN_ERRORS;
    if (this.#errors >= MOST_ERRORS) throw new EndingFault(byes.tooManyErrors);
  }

  async #say(octets: string): Promise<void> {
    this.out.text(octets);
    await this.out.flush();
  }

  /** While a provider is asked about a password the client can not help it, and gets the same time once more. */
  #endLogInTime(): void {
    if (this.#isWaiting || this.in.isWaiting) this.#leave(byes.logInTooSlow);
    else if (this.#age > LOG_IN_TICKS * 2) this.cut();
  }

  async #stillHere(): Promise<void> {
    try {
      await this.#say('* OK Still here\r\n');
    } catch {
      this.cut();
    }
  }

  /** While it waits for the client: its loop ends when the socket does. */
  #leave(text: string): void {
    if (this.#isLeaving) return;
    this.#isLeaving = true;
    this.#ticks = 0;
    void this.#bye(text);
  }

  async #bye(text: string): Promise<void> {
    try {
      await this.#say(`* BYE ${text}\r\n`);
    } catch {
      // It is gone already.
    }
    this.#end();
  }

  #end(): void {
    this.#isLeaving = true;
    this.#ticks = 0;
    if (this.#isCompressed) this.out.end();
    else this.#socket.end();
  }

  async #endBy(error: unknown): Promise<void> {
    if (error instanceof ConnectionOver || this.#isLeaving) return this.cut();
    this.#isLeaving = true;
    if (error instanceof EndingFault) return await this.#bye(error.message.startsWith('[') ? error.message : statusText(error.message));
    if (error instanceof MailboxGone) return await this.#bye(byes.mailboxGone);
    if (endsSession(error)) return await this.#bye(byes.accountGone);
    this.fail(error);
    await this.#bye(byes.ourFault);
  }

  #cleanUp(): void {
    this.#isLeaving = true;
    this.#ticks = 0;
    this.selected?.mailbox.close();
    this.selected = undefined;
    this.#session?.close();
    if (this.#session !== undefined && this.#login !== undefined) this.#options.accounts.release(this.#login.account);
    this.#session = undefined;
    this.#gone?.abort();
    this.#end();
  }
}
