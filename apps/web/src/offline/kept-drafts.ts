/*
 * Drafts that are kept in this browser: a part of the post office. One window at a time has one of them open; what none has open is laid into Drafts, by one
 * window at a time. A window that is gone has nothing open, however it went.
 */
import { mine, type ReplacingBox } from './box.ts';
import type { LateDrafts } from './late-drafts.ts';
import { discarded, perhapsLaid, type KeptDraft } from './letter.ts';
import type { Turns } from './one-at-a-time.ts';

/** Held by the window that has it open. */
const OPEN = 'stopgap.open-draft';
/** Held by that window, too, and by who lays it into Drafts. */
export const DRAFT = 'stopgap.draft';
/** After it the person goes on with something else; what is thrown away goes all the same. */
const PATIENCE_MS = 8000;

export interface DraftHold {
  /** Resolves when nobody lays it into Drafts any more. */
  readonly held: Promise<void>;
  readonly letGo: () => void;
}

export interface TakenUp {
  readonly kept: KeptDraft;
  readonly hold: DraftHold;
}

/** Resolves when it is kept. */
export type Keep = (draft: KeptDraft) => Promise<void>;

export interface KeptDraftsOptions {
  readonly address: string;
  readonly box: ReplacingBox<KeptDraft>;
  readonly turns: Turns;
  /** What was on its way when all of it was done may get to Drafts later. */
  readonly late: Pick<LateDrafts, 'note' | 'follow'>;
  /** Lays it into Drafts, once. Gives the id of what is there now. */
  readonly save: (draft: KeptDraft, note: (draft: KeptDraft) => Promise<void>) => Promise<string>;
  /** Out of Drafts with it, however often it was laid. */
  readonly remove: (draft: KeptDraft) => Promise<void>;
  /** Out of Drafts with what was just laid. */
  readonly discard: (emailId: string) => Promise<void>;
  /** In Drafts there is something new, or less. */
  readonly onSaved: (draft: KeptDraft) => void;
}

export class KeptDrafts {
  readonly #options: KeptDraftsOptions;
  readonly #changed: () => Promise<void>;
  #kept: readonly KeptDraft[] = [];

  /** @param changed tells all windows */
  constructor(options: KeptDraftsOptions, changed: () => Promise<void>) {
    this.#options = options;
    this.#changed = changed;
  }

  /** Oldest first. */
  get waiting(): readonly KeptDraft[] {
    return this.#kept.filter(({ isDiscarded }) => isDiscarded !== true);
  }

  /** The relay has not heard of everything that was kept or thrown away here. */
  get isWaiting(): boolean {
    return this.#kept.length > 0;
  }

  async look(): Promise<void> {
    const { box, address } = this.#options;
    this.#kept = (await mine(box, address)).toSorted((one, other) => one.atMs - other.atMs);
  }

  readonly keep: Keep = async (draft) => {
    await this.#options.box.put(draft);
    await this.#changed();
  };

  async drop(id: string): Promise<void> {
    await this.#options.box.remove(id);
    await this.#changed();
  }

  /** While a window has it open no other one takes it up, and nobody lays it into Drafts. Undefined: it is open already. The caller lets it go. */
  async hold(id: string): Promise<DraftHold | undefined> {
    const { turns } = this.#options;
    const [answer, held, over] = [
      Promise.withResolvers<DraftHold | undefined>(),
      Promise.withResolvers<void>(),
      Promise.withResolvers<void>(),
    ];
    const wait = (): Promise<void> => {
      held.resolve();
      return over.promise;
    };
    const open = (): Promise<void> => {
      answer.resolve({ held: held.promise, letGo: over.resolve });
      return turns.alone(`${DRAFT} ${id}`, wait);
    };
    turns.ifFree(`${OPEN} ${id}`, open).then(() => answer.resolve(undefined), answer.reject);
    return answer.promise;
  }

  /** As it is now, to be written on. The caller lets it go. */
  async takeUp(id: string): Promise<TakenUp | 'open' | 'gone'> {
    const hold = await this.hold(id);
    if (hold === undefined) return 'open';
    const kept = await this.#options.box.get(id).catch(() => undefined);
    if (kept !== undefined && kept.isDiscarded !== true) return { kept: await perhapsLaid(kept), hold };
    hold.letGo();
    return 'gone';
  }

  /** False: somebody writes on it. */
  async discard(id: string): Promise<boolean> {
    const taken = await this.takeUp(id);
    if (typeof taken === 'string') return taken === 'gone';
    try {
      await taken.hold.held;
      await this.throwAway(taken.kept);
      return true;
    } finally {
      taken.hold.letGo();
    }
  }

  /**
   * Out of Drafts, too: at once, or as soon as there is a connection. For who holds it. False: it waits.
   * @param isOnItsWay it may get into Drafts only now, so it is looked for there a while later
   */
  async throwAway(draft: KeptDraft, isOnItsWay = false): Promise<boolean> {
    const { box } = this.#options;
    const thrownAway = await discarded(draft);
    await box.put(thrownAway);
    await this.#changed();
    if (isOnItsWay) return false;
    const { promise: late, resolve } = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => resolve(false), PATIENCE_MS);
    const removed = this.#remove(thrownAway, (draft.digests ?? []).length > 0).then(
      () => this.drop(draft.id).then(() => true),
      () => false,
    );
    return Promise.race([removed, late]).finally(() => clearTimeout(timer));
  }

  async carry(): Promise<void> {
    for (const { id } of this.#kept) await this.#carry(id);
  }

  async #carry(id: string): Promise<void> {
    const { box, turns, onSaved } = this.#options;
    const isDone = await turns
      .ifFree(`${DRAFT} ${id}`, async () => {
        const draft = await box.get(id);
        if (draft === undefined) return false;
        if (draft.isDiscarded === true) {
          await this.#remove(draft);
          await this.#takeOut(draft);
          onSaved(draft);
        } else onSaved({ ...draft, isDiscarded: !(await this.#save(draft)) });
        return true;
      })
      .catch(() => false);
    if (isDone === true) await this.#changed();
  }

  /** False: it was written on, thrown away or sent meanwhile. */
  async #save(draft: KeptDraft): Promise<boolean> {
    const { box, save, discard, late } = this.#options;
    const emailId = await save(draft, (next) => box.replace(draft.id, (now) => (isAsBefore(draft, now) ? next : now)));
    await late.follow(draft.savedId, emailId);
    await late.note(await perhapsLaid(draft), emailId);
    const now = await this.#takeOut(draft);
    if (isAsBefore(draft, now)) return true;
    if (now === undefined || now.isDiscarded === true) await discard(emailId);
    return false;
  }

  /** @param isDoubtful of some of it, it may be, no answer came */
  async #remove(draft: KeptDraft, isDoubtful = true): Promise<void> {
    const { remove, late } = this.#options;
    await remove(draft);
    await late.follow(draft.savedId, undefined);
    if (isDoubtful) await late.note(draft, undefined);
  }

  /**
   * Nothing of it waits any more; unless who has opened it meanwhile has written on or thrown it away, or has waited for its turn long enough and sent it.
   * Gives what was there.
   */
  async #takeOut(draft: KeptDraft): Promise<KeptDraft | undefined> {
    let found: KeptDraft | undefined;
    await this.#options.box.replace(draft.id, (now) => {
      found = now;
      return isAsBefore(draft, now) ? undefined : now;
    });
    return found;
  }
}

function isAsBefore({ atMs, isDiscarded }: KeptDraft, now: KeptDraft | undefined): boolean {
  return now?.atMs === atMs && now.isDiscarded === isDiscarded;
}
