import type { Clock } from '@stopgap/core';

/** 2026-01-01T00:00:00Z */
const START_MS = 1_767_225_600_000;
/** After each wait that ends: so many turns of the event loop, enough for a promise chain with a store commit in it. */
const TURNS = 4;

interface Wait {
  readonly dueMs: number;
  readonly end: () => void;
}

/** Time stands still until a test moves it. Waits run on elapsed time; `jump` moves only the wall clock, as an operator or NTP would. */
export class FakeClock implements Clock {
  #wallMs: number;
  #elapsedMs = 0;
  #waits: Wait[] = [];

  constructor(startMs: number = START_MS) {
    this.#wallMs = startMs;
  }

  nowMs(): number {
    return this.#wallMs;
  }

  wait(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const abort = (): void => {
        this.#waits = this.#waits.filter((other) => other !== wait);
        resolve();
      };
      const wait: Wait = {
        dueMs: this.#elapsedMs + Math.max(0, ms),
        end: () => {
          signal?.removeEventListener('abort', abort);
          resolve();
        },
      };
      signal?.addEventListener('abort', abort, { once: true });
      this.#waits.push(wait);
    });
  }

  /**
   * Ends every wait that falls due within `ms`, the earliest first (the oldest of equals), also those that begin on the way. Between two of them
   * the promise chains run and the event loop turns; work on real sockets may need a "wait until" of its own.
   */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#elapsedMs + ms;
    await turn();
    for (;;) {
      const next = this.#earliest();
      if (!next || next.dueMs > untilMs) break;
      this.#waits = this.#waits.filter((wait) => wait !== next);
      this.#moveTo(next.dueMs);
      next.end();
      await turn();
    }
    this.#moveTo(untilMs);
  }

  /** Sets the wall clock forward or back; no wait ends by it. */
  jump(ms: number): void {
    this.#wallMs += ms;
  }

  get pendingWaits(): number {
    return this.#waits.length;
  }

  #earliest(): Wait | undefined {
    let earliest: Wait | undefined;
    for (const wait of this.#waits) if (!earliest || wait.dueMs < earliest.dueMs) earliest = wait;
    return earliest;
  }

  #moveTo(elapsedMs: number): void {
    this.#wallMs += elapsedMs - this.#elapsedMs;
    this.#elapsedMs = elapsedMs;
  }
}

async function turn(): Promise<void> {
  for (let i = 0; i < TURNS; i += 1) await new Promise((resolve) => setImmediate(resolve));
}
