/*
 * Many accounts that each get a message every minute: the mirror as it runs in `serve`, with its store and search index, over a mail company in memory. All of
 * it is in this process, so that the event loop's delay has the company's own work in it.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { asId, Secret, systemClock, type AccountId } from '@stopgap/core';
import { Board } from '@stopgap/health';
import { openMailboxes } from '@stopgap/mailbox';
import { MIRROR_SETTINGS, openMirror, type MirrorEvents } from '@stopgap/mirror';
import { listMirrors, openStore, putAccount } from '@stopgap/store';
import { MemoryProvider, until, type MemoryAccount } from '@stopgap/testkit';
import { against, type Bench } from './report.ts';

const ACCOUNTS = 2000;
const EVERY_MS = 60_000;
const MINUTES = 4;
const STEP_MS = 100;
const FIRST_ROUNDS_LIMIT_MS = 300_000;
/** The provider's, as an operator sets them for so many accounts. */
const CONNECTIONS = 40;

const GOAL_DELAY_MS = 50;
const GOAL_STATE_KB = 30;
/** The last minute's mean over the first's. */
const GOAL_GROWTH = 1.2;

export const accounts: Bench = async (options) => {
  const count = options.messages ?? ACCOUNTS;
  const minutes = options.messages === undefined ? MINUTES : 1;
  const dataDir = await mkdtemp(join(tmpdir(), 'stopgap-accounts-'));
  const store = await openStore({ dataDir, clock: systemClock });
  const provider = new MemoryProvider({ clock: systemClock, kinds: ['imap'], connections: CONNECTIONS });
  const there = new Map<AccountId, MemoryAccount>();
  for (let number = 0; number < count; number += 1) {
    const id = asId.account(`user${number}@memory.test`);
    there.set(id, provider.addAccount(id));
    there.get(id)?.deliver('INBOX', letter(id, 'first'));
  }
  await store.write((tx) => {
    for (const id of there.keys())
      putAccount(tx, { id, address: id, provider: provider.provider.name, name: '', state: 'active', createdAtMs: 0 });
  });
  const board = await Board.open({ store, clock: systemClock, random: Math.random, providers: [provider.provider] });
  const mailboxes = openMailboxes({ store, dataDir, clock: systemClock, keepExpungedMs: 0 });
  const lags = new Lags();
  const mirror = openMirror({
    store,
    mailboxes,
    upstreams: provider.upstreams,
    board,
    providers: [provider.provider],
    credentialFor: (account) => () => Promise.resolve({ username: account, password: new Secret('sesame') }),
    clock: systemClock,
    random: Math.random,
    events: lags.events,
    log: { warn: () => undefined, error: (message, fields) => options.say(`${message} ${JSON.stringify(fields)}`) },
    settings: { ...MIRROR_SETTINGS, pollEveryMs: EVERY_MS },
  });
  const stop = new AbortController();
  const heapBefore = heapAfterGc();
  const run = mirror.run(stop.signal);
  try {
    const startMs = performance.now();
    await until(() => store.read(listMirrors).filter(({ state }) => state === 'idle').length === count, FIRST_ROUNDS_LIMIT_MS);
    options.say(`${count} accounts are here after ${((performance.now() - startMs) / 1000).toFixed(1)} s`);
    const stateKb = (heapAfterGc() - heapBefore) / count / 1000;
    const delay = monitorEventLoopDelay({ resolution: 10 });
    const means: number[] = [];
    delay.enable();
    for (let minute = 0; minute < minutes; minute += 1) {
      await deliver([...there], lags);
      means.push(lags.take());
      options.say(`minute ${minute + 1}: mean lag ${((means.at(-1) ?? 0) / 1000).toFixed(1)} s, ${lags.waiting} on their way`);
    }
    delay.disable();
    const delayMs = delay.percentile(99) / 1e6;
    // In the first minute only what came early has been seen.
    const growth = (means.at(-1) ?? 0) / (means[1] ?? means[0] ?? 1);
    const isStill = growth < GOAL_GROWTH;
    return {
      line: [
        `accounts: ${count}, a message a minute each, for ${minutes} minutes, looked at every ${EVERY_MS / 1000} s`,
        against(`mean lag ${means.map((mean) => (mean / 1000).toFixed(0)).join(', ')} s`, 'no growth', isStill),
        against(`event loop delay p99 ${delayMs.toFixed(0)} ms`, `< ${GOAL_DELAY_MS}`, delayMs < GOAL_DELAY_MS),
        against(`state of an idle account ${stateKb.toFixed(1)} KB`, `< ${GOAL_STATE_KB}`, stateKb < GOAL_STATE_KB),
      ].join('; '),
      figures: { growth, delayMs, stateKb: Math.max(0, stateKb) },
    };
  } finally {
    stop.abort();
    await run;
    await mailboxes.close();
    await board.close();
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  }
};

/** One to each account, evenly over a minute. */
async function deliver(there: readonly (readonly [AccountId, MemoryAccount])[], lags: Lags): Promise<void> {
  const startMs = performance.now();
  for (let sent = 0; sent < there.length;) {
    const due = Math.min(there.length, Math.ceil(((performance.now() - startMs) / EVERY_MS) * there.length));
    for (; sent < due; sent += 1) {
      const [id, account] = there[sent] ?? [];
      if (id === undefined) continue;
      account?.deliver('INBOX', letter(id, `${startMs} ${sent}`));
      lags.delivered(id);
    }
    await setTimeout(STEP_MS);
  }
}

/** From a delivery upstream to its being here, durable. */
class Lags {
  readonly #delivered = new Map<AccountId, number[]>();
  #seen: number[] = [];

  delivered(account: AccountId): void {
    this.#delivered.set(account, [...(this.#delivered.get(account) ?? []), performance.now()]);
  }

  get waiting(): number {
    return [...this.#delivered.values()].reduce((sum, times) => sum + times.length, 0);
  }

  /** The mean of those that came since it was last asked for, in milliseconds. */
  take(): number {
    const seen = this.#seen;
    this.#seen = [];
    return seen.reduce((sum, one) => sum + one, 0) / Math.max(1, seen.length);
  }

  readonly events: MirrorEvents = {
    mirrored: ({ account, isNew }) => {
      const times = this.#delivered.get(account)?.splice(0, isNew) ?? [];
      for (const atMs of times) this.#seen.push(performance.now() - atMs);
    },
    caughtUp: () => undefined,
    carriedBack: () => undefined,
    notCarriedBack: () => undefined,
    deletionsHeld: () => undefined,
    pathSwitched: () => undefined,
  };
}

function heapAfterGc(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

function letter(to: string, number: string): Buffer {
  const head = `From: Bob <bob@elsewhere.test>\r\nTo: <${to}>\r\nSubject: ${number}\r\nMessage-ID: <${number.replaceAll(' ', '.')}.${to}>\r\n\r\n`;
  return Buffer.from(`${head}${'A few words for somebody. '.repeat(40)}\r\n`);
}
