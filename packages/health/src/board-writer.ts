import type { Clock, Outage, PathId } from '@stopgap/core';
import { beginOutage, endOutage, savePathHealth, type Store, type StoredPathHealth, type Tx } from '@stopgap/store';

/** A write that failed is tried again after this. */
const RETRY_MS = 5000;
/** Outages begun or ended that wait for the disk; past it the oldest are lost, for a board must not fill the memory when the disk is full. */
const FACTS_WAITING = 1000;

export type OutageFact =
  | { readonly kind: 'began'; readonly outage: Outage }
  | { readonly kind: 'ended'; readonly path: PathId; readonly endMs: number };

/** What the board writes to. A pino logger fits. */
export interface BoardLog {
  warn(fields: object, message: string): void;
}

/** Writes behind the board's back: at most one write under way, what changes meanwhile goes with the next, nothing ever throws. */
export class BoardWriter {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #log: BoardLog | undefined;
  readonly #closing = new AbortController();
  #rows = new Map<PathId, StoredPathHealth>();
  #facts: OutageFact[] = [];
  #running: Promise<void> | undefined;

  constructor(options: { readonly store: Store; readonly clock: Clock; readonly log?: BoardLog | undefined }) {
    this.#store = options.store;
    this.#clock = options.clock;
    this.#log = options.log;
  }

  save(row: StoredPathHealth): void {
    this.#rows.set(row.path, row);
    this.#start();
  }

  note(fact: OutageFact): void {
    this.#facts.push(fact);
    if (this.#facts.length > FACTS_WAITING) this.#facts.shift();
    this.#start();
  }

  /** Waits for what is under way; what waits for its retry is tried once more at once and then given up. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }

  #start(): void {
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    // One turn later, so that everything that one event changes goes into one write.
    await Promise.resolve();
    while (this.#isDirty()) {
      if (await this.#writeOnce()) continue;
      if (this.#closing.signal.aborted) break;
      await this.#clock.wait(RETRY_MS, this.#closing.signal);
    }
    this.#running = undefined;
  }

  async #writeOnce(): Promise<boolean> {
    const rows = this.#rows;
    const facts = this.#facts;
    this.#rows = new Map();
    this.#facts = [];
    try {
      await this.#store.write((tx) => {
        for (const row of rows.values()) savePathHealth(tx, row);
        for (const fact of facts) record(tx, fact);
      });
      return true;
    } catch (error) {
      this.#rows = new Map([...rows, ...this.#rows]);
      this.#facts = [...facts, ...this.#facts].slice(-FACTS_WAITING);
      this.#log?.warn({ err: error }, 'the state of the paths could not be saved; it will be tried again');
      return false;
    }
  }

  #isDirty(): boolean {
    return this.#rows.size > 0 || this.#facts.length > 0;
  }
}

function record(tx: Tx, fact: OutageFact): void {
  if (fact.kind === 'began') beginOutage(tx, fact.outage);
  else endOutage(tx, fact.path, fact.endMs);
}
