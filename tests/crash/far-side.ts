/*
 * The far side: a submission server that outlives every relay and keeps a ledger of what it took, also of what it took without saying so. It
 * speaks just enough SMTP, so that it can misbehave at every byte; which way is drawn anew for each connection and each transaction.
 */
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { readLetter } from './letters.ts';
import { between, type Random } from './random.ts';

const SLOW_MS = 400;

/** After these the relay rightly rests the whole path for seconds: drawn so seldom, among the others, that it gets to live through the rest. */
const THROTTLES: ReadonlySet<Trouble> = new Set(['mail-451', 'data-451', 'dot-451', 'banner-421', 'auth-454']);
const THROTTLE_SHARE = 0.03;

/** What can go wrong in a transaction. `taken` ones are in the ledger all the same. */
const TROUBLES = [
  'mail-451',
  'rcpt-450',
  'data-451',
  'cut-in-body',
  'dot-451',
  'dot-452',
  'dot-cut',
  'dot-taken-cut',
  'dot-taken-slow',
  'cut-at-mail',
  'cut-at-rcpt',
  'cut-at-data',
] as const;
const GREETINGS = ['refuse', 'banner-421', 'cut-at-ehlo', 'auth-454', 'slow'] as const;

type Trouble = (typeof TROUBLES)[number] | (typeof GREETINGS)[number] | undefined;

export interface Arrival {
  readonly messageId: string;
  readonly bodyHash: string;
  readonly to: readonly string[];
  /** False: the relay can not know that we have it. */
  readonly wasAnswered: boolean;
}

export interface FarSide extends AsyncDisposable {
  /** It as a provider's paths, for the configuration. */
  readonly paths: Readonly<Record<string, unknown>>;
  /** True: it has no witness, so what got lost on the way back may come again (see reckoning.ts). */
  readonly mayRepeat: boolean;
  readonly arrivals: readonly Arrival[];
  /** The share of connections and transactions that go wrong, 0 to 1. */
  misbehave(share: number): void;
  /** So long after the dot before the answer. */
  answerAfterMs(ms: number): void;
}

export async function startFarSide(options: { readonly random: Random; readonly password: string }): Promise<FarSide> {
  const arrivals: Arrival[] = [];
  const sockets = new Set<Socket>();
  const mood: Mood = { share: 0, answerAfterMs: 0, ...options };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    new FarConnection(socket, mood, arrivals).greet();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    paths: { outgoing: [{ kind: 'smtp', host: '127.0.0.1', port, security: 'none', connections: 10 }] },
    mayRepeat: true,
    arrivals,
    misbehave: (share) => (mood.share = share),
    answerAfterMs: (ms) => (mood.answerAfterMs = ms),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Mood {
  share: number;
  answerAfterMs: number;
  readonly random: Random;
  readonly password: string;
}

class FarConnection {
  readonly #socket: Socket;
  readonly #mood: Mood;
  readonly #arrivals: Arrival[];
  readonly #greeting: Trouble;
  #unread = Buffer.alloc(0);
  #isBody = false;
  #trouble: Trouble;
  #to: string[] = [];

  constructor(socket: Socket, mood: Mood, arrivals: Arrival[]) {
    this.#socket = socket;
    this.#mood = mood;
    this.#arrivals = arrivals;
    this.#greeting = this.#draw(GREETINGS);
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      this.#unread = Buffer.concat([this.#unread, chunk]);
      this.#read();
    });
  }

  greet(): void {
    if (this.#greeting === 'refuse') this.#socket.resetAndDestroy();
    else if (this.#greeting === 'banner-421') this.#socket.end('421 4.3.2 not now\r\n');
    else if (this.#greeting === 'slow') setTimeout(() => this.#say('220 far.test ESMTP'), SLOW_MS);
    else this.#say('220 far.test ESMTP');
  }

  #read(): void {
    while (!this.#socket.destroyed) {
      if (this.#isBody) {
        const end = this.#unread.indexOf('\r\n.\r\n');
        if (this.#trouble === 'cut-in-body' && this.#unread.length > 0) return this.#cut();
        if (end < 0) return;
        const raw = this.#unread.subarray(0, end + 2);
        this.#unread = this.#unread.subarray(end + 5);
        this.#isBody = false;
        this.#dot(raw);
      } else {
        const end = this.#unread.indexOf('\r\n');
        if (end < 0) return;
        const line = this.#unread.subarray(0, end).toString();
        this.#unread = this.#unread.subarray(end + 2);
        this.#command(line);
      }
    }
  }

  #command(line: string): void {
    switch (line.slice(0, 4).toUpperCase()) {
      case 'EHLO':
        if (this.#greeting === 'cut-at-ehlo') return this.#cut();
        return this.#say('250-far.test\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n250 AUTH PLAIN');
      case 'AUTH':
        return this.#auth(line);
      case 'MAIL':
        this.#trouble = this.#draw(TROUBLES);
        this.#to = [];
        if (this.#trouble === 'cut-at-mail') return this.#cut();
        return this.#say(this.#trouble === 'mail-451' ? '451 4.3.0 no mail now' : '250 2.1.0 ok');
      case 'RCPT':
        return this.#rcpt(line);
      case 'DATA':
        if (this.#trouble === 'cut-at-data') return this.#cut();
        if (this.#to.length === 0) return this.#say('554 5.5.1 nobody');
        if (this.#trouble === 'data-451') return this.#say('451 4.3.0 no data now');
        this.#isBody = true;
        return this.#say('354 go on');
      case 'QUIT':
        return void this.#socket.end('221 2.0.0 bye\r\n');
      default:
        return this.#say('250 2.0.0 ok');
    }
  }

  #auth(line: string): void {
    if (this.#greeting === 'auth-454') return this.#say('454 4.7.0 ask later');
    const [, , password] = Buffer.from(line.split(' ')[2] ?? '', 'base64')
      .toString()
      .split('\0');
    this.#say(password === this.#mood.password ? '235 2.7.0 welcome' : '535 5.7.8 no');
  }

  #rcpt(line: string): void {
    if (this.#trouble === 'cut-at-rcpt') return this.#cut();
    if (this.#trouble === 'mail-451') return this.#say('503 5.5.1 mail first');
    // The first one only: a transaction that goes through for some.
    if (this.#trouble === 'rcpt-450' && this.#to.length === 0) {
      this.#trouble = undefined;
      return this.#say('450 4.2.0 this one later');
    }
    this.#to.push(/<([^>]*)>/.exec(line)?.[1] ?? '');
    this.#say('250 2.1.5 ok');
  }

  #dot(stuffed: Buffer): void {
    const trouble = this.#trouble;
    if (trouble === 'dot-451') return this.#say('451 4.3.0 not taken');
    if (trouble === 'dot-452') return this.#say('452 4.2.2 no room for this one');
    if (trouble === 'dot-cut') return this.#cut();
    const raw = Buffer.from(stuffed.toString('latin1').replaceAll(/^\./gm, ''), 'latin1');
    this.#arrivals.push({ ...readLetter(raw), to: this.#to, wasAnswered: trouble !== 'dot-taken-cut' });
    if (trouble === 'dot-taken-cut') return this.#cut();
    const afterMs = trouble === 'dot-taken-slow' ? SLOW_MS : this.#mood.answerAfterMs;
    if (afterMs === 0) return this.#say('250 2.0.0 taken');
    setTimeout(() => this.#say('250 2.0.0 taken'), afterMs);
  }

  #say(text: string): void {
    if (!this.#socket.destroyed) this.#socket.write(`${text}\r\n`);
  }

  #cut(): void {
    this.#socket.resetAndDestroy();
  }

  #draw(from: readonly Trouble[]): Trouble {
    const { random, share } = this.#mood;
    const drawn = random() < share ? from[between(random, 0, from.length - 1)] : undefined;
    return THROTTLES.has(drawn) && random() > THROTTLE_SHARE ? undefined : drawn;
  }
}
