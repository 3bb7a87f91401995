/*
 * Where a draft is while it is written: in Drafts; and as long as it can not get there, in this browser. What is kept here is laid into Drafts by whatever
 * window is open, once the one that has the draft in hand is gone: so it is never older than what is on its way there from this window.
 */
import { isRefusal } from '../api/refusals.ts';
import type { Keep } from '../offline/kept-drafts.ts';
import { hasWaitingFiles } from './draft-files.ts';
import type { Draft } from './draft.ts';

/** So long what is typed may be in the window alone, while a save has got no answer. */
const LATE_MS = 3000;

export interface DraftKeeperOptions {
  /** As it is now; what is on its way may be older. */
  readonly latest: () => Draft;
  /** Lays it into Drafts in the place of the one before. Gives its id. */
  readonly lay: (draft: Draft, previousId: string | undefined, cut: AbortSignal) => Promise<string>;
  /** Of what was laid more than once this one stays. */
  readonly tidy: (id: string, cut: AbortSignal) => Promise<void>;
  /** Resolves when it is kept here. @param how undefined: as every draft is */
  readonly keep: (draft: Draft, savedId: string | undefined, how?: Keep) => Promise<void>;
  readonly drop: (draft: Draft) => Promise<void>;
  /** What is kept of it already. */
  readonly kept: Draft | undefined;
}

export class DraftKeeper {
  readonly #options: DraftKeeperOptions;
  #kept: Draft | undefined;
  #keeping: Promise<void> | undefined;
  /** A try that failed may have got there, and its answer not here. */
  #isDoubtful: boolean;

  constructor(options: DraftKeeperOptions) {
    this.#options = options;
    this.#kept = options.kept;
    this.#isDoubtful = options.kept !== undefined;
  }

  /** There may be more of it than is known of, in Drafts or in this browser. */
  get isDoubtful(): boolean {
    return this.#isDoubtful || this.#kept !== undefined;
  }

  /** It is kept in this browser as it is now. */
  get isKept(): boolean {
    return this.#kept === this.#options.latest();
  }

  /** As it is now. @throws when this browser can not */
  async keep(savedId: string | undefined, how?: Keep): Promise<void> {
    const draft = this.#options.latest();
    this.#keeping = this.#options.keep(draft, savedId, how).then(() => {
      this.#kept = draft;
    });
    await this.#keeping;
  }

  /** Of a letter that comes back more may be in Drafts. And what was kept may have gone with it: it is not said to be kept any more, and goes, should it be there. */
  doubt(): void {
    this.#isDoubtful = true;
    if (this.#kept !== undefined) this.#kept = { ...this.#kept };
  }

  /** Gives the id of what is in Drafts now. @throws why it is not; then it is kept here, unless it was refused */
  async save(draft: Draft, previousId: string | undefined, cut: AbortSignal): Promise<string> {
    // The window may be closed before the next answer.
    if (this.#kept !== undefined) await this.#tryToKeep(previousId);
    const late = setInterval(() => {
      if (!this.isKept) void this.#tryToKeep(previousId);
    }, LATE_MS);
    try {
      const id = await this.#options.lay(draft, previousId, cut);
      if (this.#isDoubtful) await this.#options.tidy(id, cut);
      this.#isDoubtful = false;
      clearInterval(late);
      await this.#keeping?.catch(() => undefined);
      // It is in Drafts, whatever becomes of what was kept.
      if (this.#kept !== undefined) await this.#settle(draft, id).catch(() => undefined);
      return id;
    } catch (error) {
      this.#isDoubtful = true;
      if (!isRefusal(error)) await this.#tryToKeep(previousId);
      throw error;
    } finally {
      clearInterval(late);
    }
  }

  async #tryToKeep(savedId: string | undefined): Promise<void> {
    await this.keep(savedId).catch(() => undefined);
  }

  /** Of what is in Drafts only what is not there with it stays here: what was typed since, or a file that is not up. */
  async #settle(draft: Draft, id: string): Promise<void> {
    if (draft !== this.#options.latest() || hasWaitingFiles(draft)) return this.keep(id);
    await this.#options.drop(draft);
    this.#kept = undefined;
  }
}
