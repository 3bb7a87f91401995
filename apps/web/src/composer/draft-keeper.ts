/*
 * Where a draft is while it is written: in Drafts; and as long as it can not get there, in this browser. What is kept here is laid into Drafts by whatever
 * window is open, once the one that has the draft in hand is gone: so it is never older than what is on its way there from this window.
 */
import { MethodFailure } from '../api/failures.ts';
import { hasWaitingFiles } from './draft-files.ts';
import type { Draft } from './draft.ts';

export interface DraftKeeperOptions {
  /** Lays it into Drafts in the place of the one before. Gives its id. */
  readonly lay: (draft: Draft, previousId: string | undefined) => Promise<string>;
  /** Of what was laid more than once this one stays. */
  readonly tidy: (id: string, draft: Draft) => Promise<void>;
  /** Resolves when it is kept here. */
  readonly keep: (draft: Draft, savedId: string | undefined) => Promise<void>;
  readonly drop: (draft: Draft) => Promise<void>;
  /** What is kept of it already. */
  readonly kept: Draft | undefined;
}

export class DraftKeeper {
  readonly #options: DraftKeeperOptions;
  #kept: Draft | undefined;
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
  isKept(draft: Draft): boolean {
    return this.#kept === draft;
  }

  /** @throws when this browser can not */
  async keep(draft: Draft, savedId: string | undefined): Promise<void> {
    await this.#options.keep(draft, savedId);
    this.#kept = draft;
  }

  /** Gives the id of what is in Drafts now. @throws why it is not; then it is kept here if it may be better later */
  async save(draft: Draft, previousId: string | undefined): Promise<string> {
    // The window may be closed before the next answer.
    if (this.#kept !== undefined) await this.keep(draft, previousId).catch(() => undefined);
    try {
      const id = await this.#options.lay(draft, previousId);
      if (this.#isDoubtful) await this.#options.tidy(id, draft);
      this.#isDoubtful = false;
      // It is in Drafts, whatever becomes of what was kept.
      if (this.#kept !== undefined) await this.#settle(draft, id).catch(() => undefined);
      return id;
    } catch (error) {
      this.#isDoubtful = true;
      if (!(error instanceof MethodFailure)) await this.keep(draft, previousId).catch(() => undefined);
      throw error;
    }
  }

  /** Of what is in Drafts only what is not there with it stays here. */
  async #settle(draft: Draft, id: string): Promise<void> {
    if (hasWaitingFiles(draft)) return this.keep(draft, id);
    await this.#options.drop(draft);
    this.#kept = undefined;
  }
}
