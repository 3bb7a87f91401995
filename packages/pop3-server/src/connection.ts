import { assertNever } from '@stopgap/core';
import { mayLogIn, type Arrival, type Visit } from '@stopgap/door';
import type { Client } from './client.ts';
import { faultOfLine, splitLine } from './command-line.ts';
import { COMMANDS } from './commands.ts';
import type { Locks } from './locks.ts';
import { answerOf, replies, type Answer, type Refusal } from './replies.ts';
import type { Settings } from './settings.ts';
import { Wire } from './wire.ts';

/** RFC 1939 3: at least so long. Then the session is over, and nothing is deleted. */
const IDLE_MS = 10 * 60_000;
/** Whoever has not logged in by then is cut, so that idle strangers do not use up the connections. */
const LOG_IN_WITHIN_MS = 60_000;
/** `-ERR` without a good answer between them. */
const MOST_ERRORS = 20;
/** After so many commands from one piece of input others get their turn. */
const COMMANDS_IN_A_ROW = 100;

/** One client (RFC 1939): its loop, its state, and every answer on its way out. */
export class Connection implements Visit {
  readonly #arrival: Arrival;
  readonly #wire: Wire;
  readonly #client: Client;
  readonly #settings: Settings;
  readonly #gone = new AbortController();
  #isSecure: boolean;
  #isLate = false;
  #isLeaving = false;
  #isOver = false;
  #errors = 0;
  #commands = 0;

  constructor(arrival: Arrival, shared: { readonly settings: Settings; readonly locks: Locks }) {
    this.#arrival = arrival;
    this.#settings = shared.settings;
    this.#isSecure = arrival.isSecure;
    this.#wire = new Wire(arrival.socket);
    this.#client = Connection.#clientOf(this, shared.locks);
    // Below TLS, too, it is the end.
    arrival.socket.once('close', () => this.#end());
    arrival.socket.setTimeout(IDLE_MS, () => this.#wire.cut());
    void this.#settings.clock.wait(LOG_IN_WITHIN_MS, this.#gone.signal).then(() => {
      this.#isLate = true;
      this.#partIfIdle();
    });
    void this.#run();
  }

  leave(): void {
    this.#isLeaving = true;
    this.#partIfIdle();
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    try {
      // No angle brackets in it: they would offer APOP, which needs passwords in clear here.
      this.#wire.say(`+OK ${this.#settings.hostname} ready\r\n`);
      while (!this.#isOver) await this.#step();
    } catch (error) {
      this.#failed(error);
      this.#wire.cut();
    } finally {
      this.#giveBack();
    }
  }

  async #step(): Promise<void> {
    const line = await this.#wire.line();
    if (this.#isOver) return;
    await this.#answer(await this.#answerTo(line));
    if (this.#farewell) await this.#answer(this.#farewell);
    this.#commands += 1;
    if (this.#commands % COMMANDS_IN_A_ROW === 0) await new Promise((resolve) => setImmediate(resolve));
  }

  async #answerTo(line: Awaited<ReturnType<Wire['line']>>): Promise<Answer | undefined> {
    switch (line.kind) {
      case 'end':
        this.#finish();
        return undefined;
      case 'too-long':
        return replies.lineTooLong;
      case 'bare-line-end':
        return replies.bareLineEnd;
      case 'line':
        return faultOfLine(line.octets) ?? (await this.#take(line.octets.toString()));
      default:
        return assertNever(line);
    }
  }

  async #take(line: string): Promise<Answer> {
    const { verb, argument } = splitLine(line);
    const run = COMMANDS.get(verb);
    if (!run) return this.#commands === 0 ? replies.notPop3 : replies.unknown;
    const { login, settings } = this.#client;
    if (login && settings.accounts.addressesOf(login.maildrop.account) === undefined) return replies.accountGone;
    return await this.#guarded(() => run(argument, this.#client));
  }

  async #guarded(job: () => Promise<Answer> | Answer): Promise<Answer> {
    try {
      return await job();
    } catch (error) {
      this.#failed(error);
      return answerOf(error);
    }
  }

  /** Nothing after it is said when the answer ends the connection. */
  async #answer(answer: Answer | undefined): Promise<void> {
    if (!answer || this.#isOver) return;
    if (answer.kind === 'err') return this.#refuse(answer);
    if (answer.kind === 'ask') return await this.#ask(answer.answer);
    this.#errors = 0;
    this.#wire.say(`+OK ${answer.text}\r\n`);
    switch (answer.kind) {
      case 'ok':
        if (answer.next === 'end') this.#finish();
        if (answer.next === 'tls') await this.#beginTls();
        return;
      case 'lines':
        for (const piece of inPieces(answer.lines)) await this.#wire.send(piece);
        return this.#wire.say('.\r\n');
      case 'message':
        // Should it fail on the way, the connection breaks: an end would make half a message a whole one.
        for await (const octets of answer.octets) {
          await this.#wire.send(octets);
          if (this.#wire.isOver) return;
        }
        return answer.sent?.();
      default:
        return assertNever(answer);
    }
  }

  async #ask(answer: (line: string) => Promise<Answer>): Promise<void> {
    this.#wire.say('+ \r\n');
    const line = await this.#wire.line();
    if (line.kind !== 'line') return await this.#answer(await this.#answerTo(line));
    await this.#answer(faultOfLine(line.octets) ?? (await this.#guarded(() => answer(line.octets.toString()))));
  }

  #refuse(refusal: Refusal): void {
    this.#errors += 1;
    for (const { code, text } of this.#errors < MOST_ERRORS ? [refusal] : [refusal, replies.tooManyErrors]) {
      this.#wire.say(`-ERR ${code === undefined ? '' : `[${code}] `}${text}\r\n`);
    }
    if (refusal.isLast || this.#errors >= MOST_ERRORS) this.#finish();
  }

  /** RFC 2595 4: everything that was said in clear is forgotten. */
  async #beginTls(): Promise<void> {
    if (this.#wire.hasUnread) return this.#refuse(replies.behindStls);
    await this.#wire.release();
    const socket = await this.#arrival.beginTls();
    if (!socket) return this.#finish();
    this.#isSecure = true;
    this.#client.username = undefined;
    socket.once('close', () => this.#end());
    socket.setTimeout(IDLE_MS, () => this.#wire.cut());
    this.#wire.begin(socket);
  }

  /** Said as the last word when nothing is under way any more. */
  get #farewell(): Refusal | undefined {
    if (this.#isLeaving) return replies.shuttingDown;
    return this.#isLate && !this.#client.login ? replies.loginTooSlow : undefined;
  }

  #partIfIdle(): void {
    const farewell = this.#farewell;
    if (farewell && !this.#isOver && this.#wire.isWaiting) this.#refuse(farewell);
  }

  /** What was said goes out, and no more is taken. */
  #finish(): void {
    this.#isOver = true;
    this.#wire.end();
    this.#end();
  }

  #end(): void {
    this.#isOver = true;
    this.#gone.abort();
  }

  /** Not before nothing is under way any more: a QUIT goes on when its client is gone. */
  #giveBack(): void {
    const { login, remoteAddress, retrieved, sentBytes, deleted } = this.#client;
    if (!login) return;
    login.release();
    this.#settings.events.ended({ account: login.maildrop.account, remoteAddress, retrieved, sentBytes, deleted });
  }

  #failed(error: unknown): void {
    this.#settings.events.failed({ door: 'pop3', remoteAddress: this.#arrival.remoteAddress, error });
  }

  static #clientOf(connection: Connection, locks: Locks): Client {
    const { remoteAddress } = connection.#arrival;
    const settings = connection.#settings;
    return {
      settings,
      locks,
      remoteAddress,
      gone: connection.#gone.signal,
      get isSecure() {
        return connection.#isSecure;
      },
      get mayLogIn() {
        return mayLogIn({ isSecure: connection.#isSecure, remoteAddress }, settings.plaintextAuth);
      },
      username: undefined,
      failedLogIns: 0,
      login: undefined,
      retrieved: 0,
      sentBytes: 0,
      deleted: 0,
    };
  }
}

/** Not a write for each line. */
function* inPieces(lines: Iterable<string>): Generator<string> {
  let piece = '';
  for (const line of lines) {
    piece += `${line}\r\n`;
    if (piece.length < 64 * 1024) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}
