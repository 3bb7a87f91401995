/*
 * Clients under which the relay dies. Each sends letter after letter on its own connection and, as mail programs do, sends a letter again for which
 * it has no 250; the ledger says what got one. So at the end every letter but the last of each client has been acknowledged.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { letterOf, type Letter } from './letters.ts';
import { Talker } from './talker.ts';

/** Above what is kept in a row (packages/store/src/blobs.ts): becomes a file. */
const BIG_BYTES = 200 * 1024;
const SMALL_BYTES = 3000;
const BIG_EVERY = 8;
const AGAIN_MS = 40;

export interface Offered {
  readonly letter: Letter;
  /** The submission's id, from the 250. */
  queuedAs: string | undefined;
  /** Every answer to the dot; undefined: none came. */
  readonly answers: (number | undefined)[];
}

export interface LoadOptions {
  readonly user: string;
  readonly password: string;
  readonly to: readonly string[];
  readonly clients?: number;
  /** Between two letters of one client. */
  readonly pauseMs?: number;
  readonly bigBytes?: number;
  /** Every so many letters is a big one. */
  readonly bigEvery?: number;
  /** Distinguishes several loads of one test. */
  readonly name?: string;
}

export interface Load {
  readonly ledger: ReadonlyMap<string, Offered>;
  readonly acknowledged: number;
  /** Every reply that was no 250, by stage: `dot 451`. */
  readonly refusals: ReadonlyMap<string, number>;
  /** Where the relay is now. */
  aim(port: number): void;
  /** Every client ends with the letter that it is at, or gives it up. */
  stop(): Promise<void>;
}

export function startLoad(options: LoadOptions): Load {
  const ledger = new Map<string, Offered>();
  const refusals = new Map<string, number>();
  const stopped = new AbortController();
  let port: number | undefined;
  const run: Run = {
    options,
    ledger,
    signal: stopped.signal,
    port: () => port,
    refused: (stage) => refusals.set(stage, (refusals.get(stage) ?? 0) + 1),
  };
  const clients = Array.from({ length: options.clients ?? 4 }, (_, index) => runClient(index, run));
  return {
    ledger,
    refusals,
    get acknowledged() {
      return [...ledger.values()].filter((one) => one.queuedAs !== undefined).length;
    },
    aim: (to) => (port = to),
    async stop() {
      stopped.abort();
      await Promise.all(clients);
    },
  };
}

interface Run {
  readonly options: LoadOptions;
  readonly ledger: Map<string, Offered>;
  readonly signal: AbortSignal;
  readonly port: () => number | undefined;
  readonly refused: (stage: string) => void;
}

async function runClient(index: number, run: Run): Promise<void> {
  const { options, signal } = run;
  let talker: Talker | undefined;
  let count = 0;
  let letter: Letter | undefined;
  while (!signal.aborted) {
    letter ??= nextLetter(index, (count += 1), options);
    talker ??= await logIn(run);
    const taken = talker && (await send(talker, letter, run));
    if (taken === true) letter = undefined;
    else {
      talker?.close();
      talker = undefined;
    }
    await sleep(taken === true ? (options.pauseMs ?? 5) : AGAIN_MS);
  }
  talker?.close();
}

function nextLetter(client: number, count: number, options: LoadOptions): Letter {
  const isBig = count % (options.bigEvery ?? BIG_EVERY) === 0;
  return letterOf({
    messageId: `<${count}.${client}.${options.name ?? 'load'}@crash.test>`,
    from: options.user,
    to: options.to,
    bytes: isBig ? (options.bigBytes ?? BIG_BYTES) : SMALL_BYTES,
  });
}

async function logIn(run: Run): Promise<Talker | undefined> {
  const port = run.port();
  if (port === undefined) return undefined;
  const { user, password } = run.options;
  const talker = new Talker(port);
  const token = Buffer.from(`\0${user}\0${password}`).toString('base64');
  const steps = [() => talker.reply(), () => talker.ask('EHLO client.test'), () => talker.ask(`AUTH PLAIN ${token}`)];
  for (const step of steps) {
    const reply = await step();
    if (reply && reply.code < 300) continue;
    run.refused(`log-in ${reply?.code ?? 'cut'}`);
    talker.close();
    return undefined;
  }
  return talker;
}

/** True: it got its 250. */
async function send(talker: Talker, letter: Letter, run: Run): Promise<boolean> {
  const commands = [`MAIL FROM:<${run.options.user}> SIZE=${letter.raw.length}`, ...letter.to.map((to) => `RCPT TO:<${to}>`), 'DATA'];
  for (const command of commands) {
    const reply = await talker.ask(command);
    if (reply && reply.code < 400) continue;
    run.refused(`${command.slice(0, 4)} ${reply?.code ?? 'cut'}`);
    return false;
  }
  const offered = run.ledger.get(letter.messageId) ?? { letter, queuedAs: undefined, answers: [] };
  run.ledger.set(letter.messageId, offered);
  talker.write(Buffer.from(letter.raw.toString('latin1').replaceAll(/^\./gm, '..'), 'latin1'));
  const reply = await talker.ask('.');
  offered.answers.push(reply?.code);
  if (reply?.code === 250) {
    offered.queuedAs = /queued as (\S+)/.exec(reply.text)?.[1] ?? 'unnamed';
    return true;
  }
  run.refused(`dot ${reply?.code ?? 'cut'}`);
  return false;
}
