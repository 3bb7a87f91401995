import type { PathId } from '@stopgap/core';
import type { Deps } from './deps.ts';
import { progressOfPlaces, type MirrorProgress } from './progress.ts';
import type { ReportBook } from './report.ts';
import type { Place } from './round.ts';
import type { Tended } from './tended.ts';

/** It is written down so often at most, */
const WRITTEN_EVERY_MS = 1000;
/** and told in the log so often at most, of one account: thousands may be at it. */
const TOLD_EVERY_MS = 60_000;
/** When less is missing, it is here in a moment, and the log says nothing: that is what happens all day. */
const MUCH = 100;

export interface ProgressOptions {
  readonly path: PathId;
  readonly report: ReportBook;
  /** The mailbox was never whole here before. */
  readonly isFirst: boolean;
  readonly write: (progress: MirrorProgress) => Promise<void>;
}

/** Counts what one round brings in, writes it down now and then for whoever asks, and tells of it where it takes long. */
export class ProgressWatch {
  readonly #one: Tended;
  readonly #deps: Deps;
  readonly #options: ProgressOptions;
  readonly #startMs = performance.now();
  readonly #foundBefore: number;
  #places: readonly Place[] = [];
  #writtenAtMs = -Infinity;

  constructor(one: Tended, deps: Deps, options: ProgressOptions) {
    this.#one = one;
    this.#deps = deps;
    this.#options = options;
    this.#foundBefore = options.report.report.found.messages;
  }

  /** After each batch. */
  async progressed(places: readonly Place[]): Promise<void> {
    this.#places = places;
    this.#tellNowAndThen();
    const nowMs = performance.now();
    if (nowMs - this.#writtenAtMs < WRITTEN_EVERY_MS) return;
    this.#writtenAtMs = nowMs;
    await this.#options.write(this.#progress());
  }

  /** The round has ended: all that can be read is here. */
  finish(): MirrorProgress {
    const progress = this.#progress();
    if (this.#one.isCatchingUp || (this.#options.isFirst && progress.messages > 0)) this.#tell('done', progress);
    this.#one.isCatchingUp = false;
    return progress;
  }

  #tellNowAndThen(): void {
    const one = this.#one;
    const sinceMs = this.#deps.clock.nowMs() - one.toldAtMs;
    // Less than none: the clock was set back.
    if (this.#found() === 0 || (sinceMs >= 0 && sinceMs < TOLD_EVERY_MS)) return;
    const progress = this.#progress();
    if (one.isCatchingUp) this.#tell('under way', progress);
    else if (progress.total - progress.messages >= MUCH) this.#tell('begun', progress);
  }

  #tell(state: 'begun' | 'under way' | 'done', { messages, total, ratePerS, leftS }: MirrorProgress): void {
    const one = this.#one;
    one.isCatchingUp = true;
    one.toldAtMs = this.#deps.clock.nowMs();
    this.#deps.events.caughtUp({ account: one.account, path: this.#options.path, state, messages, total, ratePerS, leftS });
  }

  #found(): number {
    return this.#options.report.report.found.messages - this.#foundBefore;
  }

  #progress(): MirrorProgress {
    const seconds = Math.max(0.001, (performance.now() - this.#startMs) / 1000);
    return this.#deps.store.read((reader) =>
      progressOfPlaces(reader, this.#one.account, { places: this.#places, ratePerS: this.#found() / seconds }),
    );
  }
}
