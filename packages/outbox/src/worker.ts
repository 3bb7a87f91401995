/*
 * The one loop that moves mail out. It wakes when something was put, an attempt ended or a path changed, and at least every POLL_MS, because commands
 * of another process (`queue retry`) change the same rows. Each round claims as much as the paths have room for and starts it; attempts run side by
 * side, bounded by the board's permits. A second, slow loop does what time alone brings about; a third puts in order what attempts left upstream, where one
 * slow server may take minutes that nothing else has to wait for.
 */
import type { AttemptId, Provider } from '@stopgap/core';
import { isPathFailure } from '@stopgap/core';
import { bringForward, bringUnsureForward, countQueue, shortenWaits } from '@stopgap/store';
import { runAttempt } from './attempt.ts';
import { claim } from './claim.ts';
import { reportDecisions } from './decisions.ts';
import type { Deps } from './deps.ts';
import { resolveUnsure } from './resolve-unsure.ts';
import { keepOneSentCopy } from './sent-copies.ts';
import { releaseDue } from './send-later.ts';
import { expireOld, forgetOld, noticeDelays, releaseLeases } from './sweep.ts';

const POLL_MS = 1000;
const SWEEP_MS = 15_000;
/** After a claim failed (store locked, disk full). */
const CLAIM_AGAIN_MS = 500;
/** The wall clock may lag behind a wait by so much without having been set. */
const CLOCK_TOLERANCE_MS = 1000;
const LATE_WRITES_MS = 60_000;
/** At stop an attempt may end by itself for so long before it is aborted: most are within a second of their answer. */
const FINISH_MS = 2000;

export class Worker {
  readonly #deps: Deps;
  readonly #running = new Map<AttemptId, Promise<void>>();
  readonly #upPaths = new Set<string>();
  #wake: () => void = () => undefined;
  #isAwake = false;
  #lastSeenMs: number;
  #setBackMs = 0;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#lastSeenMs = deps.clock.nowMs();
  }

  /** Something may be due now. Cheap; call it as often as you like. */
  readonly notify = (): void => {
    this.#isAwake = true;
    this.#wake();
  };

  /** Attempts under way. */
  get running(): number {
    return this.#running.size;
  }

  /** Runs until `signal` aborts and every attempt has ended and is settled. */
  async run(signal: AbortSignal): Promise<void> {
    const { board } = this.#deps;
    const attempts = new AbortController();
    const unsubscribe = board.onChange(this.notify);
    try {
      await Promise.all([this.#deliver(signal, attempts.signal), this.#sweep(signal), this.#resolve(signal), this.#tidy(signal)]);
      await this.#finish(attempts);
    } finally {
      unsubscribe();
    }
  }

  async #deliver(signal: AbortSignal, attemptSignal: AbortSignal): Promise<void> {
    const { clock, log, providers } = this.#deps;
    while (!signal.aborted) {
      this.#isAwake = false;
      try {
        await reportDecisions(this.#deps);
        await this.#noticeRecoveries();
        await releaseDue(this.#deps);
        for (const provider of providers) await this.#start(provider, attemptSignal);
      } catch (error) {
        log.error('no work could be claimed; trying again', { error });
        await clock.wait(CLAIM_AGAIN_MS, signal);
      }
      if (!this.#isAwake) await this.#sleep(signal);
    }
  }

  async #start(provider: Provider, signal: AbortSignal): Promise<void> {
    const { store, board, retry, random, clock } = this.#deps;
    const claimed = await claim(provider, { store, board, backoff: retry.backoff, random, nowMs: clock.nowMs() });
    for (const one of claimed) {
      const attempt = runAttempt(one, this.#deps, signal).finally(() => {
        this.#running.delete(one.attempt);
        this.notify();
      });
      this.#running.set(one.attempt, attempt);
    }
    // A full claim means that more may be due.
    if (claimed.length > 0) this.#isAwake = true;
  }

  /** What rested because of a path that is back need not rest any longer. */
  async #noticeRecoveries(): Promise<void> {
    const { board, providers, store, clock, unsure } = this.#deps;
    for (const provider of providers) {
      for (const { id } of provider.outgoing) {
        if (board.health(id).state !== 'up') this.#upPaths.delete(id);
        else if (!this.#upPaths.has(id)) {
          await store.write((tx) => {
            bringForward(tx, provider.name, clock.nowMs(), (reason) => isPathFailure(reason));
            bringUnsureForward(tx, id, clock.nowMs() + unsure.settleMs);
          });
          this.#upPaths.add(id);
        }
      }
    }
  }

  #sleep(signal: AbortSignal): Promise<void> {
    const { clock } = this.#deps;
    const woken = new AbortController();
    // With a reason of its own: making the standard one (an exception with its stack) for every message costs more than the rest of a wake-up.
    this.#wake = () => woken.abort('woken');
    return clock.wait(POLL_MS, AbortSignal.any([signal, woken.signal])).finally(() => {
      this.#wake = () => undefined;
    });
  }

  async #sweep(signal: AbortSignal): Promise<void> {
    const { clock, log, providers, store, unsure, events } = this.#deps;
    while (!signal.aborted) {
      try {
        await releaseLeases({ store, nowMs: clock.nowMs(), settleMs: unsure.settleMs }, clock.nowMs(), (recipient) =>
          recipient.attempt === undefined ? false : this.#running.has(recipient.attempt),
        );
        for (const provider of providers) {
          await expireOld(provider, this.#deps);
          await noticeDelays(provider, this.#deps);
        }
        await forgetOld(this.#deps);
        events.queueDepth(store.read(countQueue));
        this.notify();
      } catch (error) {
        log.error('a sweep of the queue failed; trying again', { error });
      }
      await this.#waitNoticingClock(Math.min(SWEEP_MS, unsure.settleMs), signal);
    }
  }

  /** A loop of its own, for a look can take minutes. */
  async #resolve(signal: AbortSignal): Promise<void> {
    const { clock, log, unsure } = this.#deps;
    while (!signal.aborted) {
      try {
        await resolveUnsure(this.#deps, signal);
        this.notify();
      } catch (error) {
        log.error('what is unsure could not be looked into; trying again', { error });
      }
      await clock.wait(Math.min(SWEEP_MS, unsure.settleMs), signal);
    }
  }

  async #tidy(signal: AbortSignal): Promise<void> {
    const { clock, unsure } = this.#deps;
    while (!signal.aborted) {
      await keepOneSentCopy(this.#deps, signal);
      await clock.wait(Math.min(SWEEP_MS, unsure.settleMs), signal);
    }
  }

  /** A wait takes its time whatever the wall clock does: if that shows less, it was set back, and everything that is put off with it. */
  async #waitNoticingClock(ms: number, signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#deps;
    await clock.wait(ms, signal);
    const nowMs = clock.nowMs();
    const byMs = this.#lastSeenMs + ms - nowMs;
    this.#lastSeenMs = nowMs;
    if (signal.aborted) return;
    try {
      // What was being written at that moment had still read the old time: those rows come with the next round.
      const late = this.#setBackMs;
      this.#setBackMs = 0;
      if (late > 0) await this.#shorten(late, nowMs + late - LATE_WRITES_MS, nowMs);
      if (byMs < CLOCK_TOLERANCE_MS) return;
      this.#setBackMs = byMs;
      log.warn('the clock was set back', { byMs, recipients: await this.#shorten(byMs, nowMs, nowMs) });
    } catch (error) {
      log.error('the clock was set back and the queue could not be put right: some mail may wait too long', { error });
    }
  }

  #shorten(byMs: number, fromMs: number, nowMs: number): Promise<number> {
    return this.#deps.store.write((tx) => shortenWaits(tx, { byMs, fromMs, nowMs }));
  }

  async #finish(attempts: AbortController): Promise<void> {
    const all = Promise.allSettled(this.#running.values());
    await Promise.race([all, this.#deps.clock.wait(FINISH_MS)]);
    attempts.abort(new Error('the relay is stopping'));
    await Promise.allSettled(this.#running.values());
  }
}
