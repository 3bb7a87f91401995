/*
 * What was sent, written or done with messages here and is not at the relay yet. One window at a time carries it there; all of them show it. Everything is
 * kept before it is carried, whether there is a connection or not: there is one way for all of it.
 */
import type { Submitted } from '../api/drafts.ts';
import { isRefusal } from '../api/refusals.ts';
import { digestOf } from '../composer/draft-digest.ts';
import { mine, type Boxes } from './box.ts';
import { LostTrack } from './deliver-letter.ts';
import { FilingQueue, type FilingQueueOptions } from './filing-queue.ts';
import type { Filing } from './filing.ts';
import { KeptDrafts, type Keep, type KeptDraftsOptions, type TakenUp } from './kept-drafts.ts';
import { LateDrafts, type LateDraftsOptions } from './late-drafts.ts';
import { discarded, partedFromDraft, type KeptDraft, type Letter } from './letter.ts';
import type { Turns } from './one-at-a-time.ts';
import { isSame, saidBy } from './said.ts';

/** After it the person goes on with something else; the letter is on its way all the same. */
const PATIENCE_MS = 8000;
const AGAIN_MS = 15_000;
const LETTERS = 'stopgap.letters';
const NEWS = 'stopgap.post';

export interface Waiting {
  /** Oldest first. */
  readonly letters: readonly Letter[];
  readonly drafts: readonly KeptDraft[];
  readonly filings: readonly Filing[];
  /** With those that the relay has, and what is on the screen not yet. */
  readonly shownFilings: readonly Filing[];
  /** There is no way for filings at the moment. */
  readonly isHeldUp: boolean;
}

const NOTHING_WAITS: Waiting = { letters: [], drafts: [], filings: [], shownFilings: [], isHeldUp: false };

export type Handed =
  /** `submitted` undefined: it is there, and when exactly it came is not known. */
  | { readonly kind: 'taken'; readonly submitted: Submitted | undefined }
  | { readonly kind: 'waits' }
  /** It waits no more: its person has it in hand. */
  | { readonly kind: 'refused'; readonly error: unknown };

/** Of a letter that is refused: its person has it in hand again. @param letter as it was last noted @param keep as a draft; then it is a letter no more */
export type TakeBack = (letter: Letter, keep: Keep) => Promise<void>;

export interface PostOfficeOptions {
  readonly address: string;
  readonly boxes: Boxes;
  readonly isKept: () => boolean;
  readonly turns: Turns;
  readonly carry: (letter: Letter, note: (letter: Letter) => Promise<void>, isWatched: boolean) => Promise<Submitted | undefined>;
  /** @param submitted undefined: when exactly it came is not known */
  readonly onTaken: (letter: Letter, submitted: Submitted | undefined) => void;
  readonly drafts: Omit<KeptDraftsOptions, 'address' | 'box' | 'turns' | 'late'>;
  readonly late: Pick<LateDraftsOptions, 'nowMs' | 'takeAway'>;
  readonly filing: Omit<FilingQueueOptions, 'address' | 'box' | 'turns'>;
}

export class PostOffice {
  readonly filings: FilingQueue;
  readonly drafts: KeptDrafts;
  readonly late: LateDrafts;
  readonly #options: PostOfficeOptions;
  readonly #listeners = new Set<() => void>();
  readonly #news = new BroadcastChannel(NEWS);
  readonly #timer: ReturnType<typeof setInterval>;
  /** Letters whose person waits before this window. */
  readonly #watched = new Map<string, TakeBack>();
  #waiting = NOTHING_WAITS;
  #isLetGo = false;
  /** Letters go. */
  #round: Promise<void> | undefined;
  /** They go once more then. */
  #nextRound: Promise<void> | undefined;

  constructor(options: PostOfficeOptions) {
    this.#options = options;
    const { address, boxes, turns, filing, drafts, late } = options;
    this.filings = new FilingQueue({ address, box: boxes.filings, turns, ...filing }, () => this.#changed());
    this.late = new LateDrafts({ address, box: boxes.late, turns, ...late });
    this.drafts = new KeptDrafts({ address, box: boxes.drafts, turns, late: this.late, ...drafts }, () => this.#changed());
    this.#news.addEventListener('message', () => quietly(this.#look()));
    this.#timer = setInterval(() => this.carrySoon(), AGAIN_MS);
  }

  /** What waits outlives the window, all of it; or its person does not want it to. */
  get isKept(): boolean {
    return this.#isLetGo || this.#options.isKept();
  }

  /** What goes with the window may go: its person was asked. */
  letGo(): void {
    this.#isLetGo = true;
  }

  get waiting(): Waiting {
    return this.#waiting;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  close(): void {
    clearInterval(this.#timer);
    this.#news.close();
  }

  /** @throws when it can not be kept here; then it is nowhere but with its person */
  async hand(letter: Letter, takeBack: TakeBack = async () => undefined): Promise<Handed> {
    const { boxes } = this.#options;
    await boxes.letters.put(letter);
    const { promise: late, resolve } = Promise.withResolvers<Handed>();
    const timer = setTimeout(() => {
      this.#watched.delete(letter.id);
      resolve({ kind: 'waits' });
    }, PATIENCE_MS);
    this.#watched.set(letter.id, (taken, keep) => {
      clearTimeout(timer);
      return takeBack(taken, keep);
    });
    const carry = async (): Promise<Handed> => {
      await this.#changed();
      return await this.#carry(letter.id);
    };
    // It is kept: whatever goes wrong now, it is tried again.
    const carried = carry().catch((): Handed => ({ kind: 'waits' }));
    return Promise.race([carried, late]).finally(() => {
      clearTimeout(timer);
      this.#watched.delete(letter.id);
    });
  }

  /** Whatever can go now, goes. */
  async carryAll(): Promise<void> {
    await this.#look();
    await this.filings.carry();
    await this.#carryLetters();
    await this.drafts.carry();
    await this.late.carry();
    await this.#look();
  }

  /** The same, of which nobody waits to hear. */
  carrySoon(): void {
    quietly(this.carryAll());
  }

  /** Takes a letter out again, and what was laid of it out of Drafts. Undefined: it has gone meanwhile, or may have. */
  async withdraw(id: string, nowMs: number): Promise<Letter | undefined> {
    const letter = await this.#takeAsDraft(id, (found) => discarded(draftOf(found, nowMs)));
    // As soon as there is a connection; nobody waits for it.
    this.drafts.carry().catch(() => undefined);
    return letter;
  }

  /** Takes a letter out again, to be written on. Undefined: as above. */
  async toDraft(id: string, nowMs: number): Promise<TakenUp | 'open' | 'gone' | undefined> {
    const letter = await this.#takeAsDraft(id, async (found) => draftOf(found, nowMs));
    return letter && this.drafts.takeUp(letter.draft.messageId);
  }

  /** The letter that waits with this draft. */
  letterWith(draftId: string): Letter | undefined {
    return this.#waiting.letters.find(({ emailId, savedId }) => emailId === draftId || savedId === draftId);
  }

  /** After its person has decided that it goes once more. */
  async resend(id: string, again: (letter: Letter) => Letter): Promise<void> {
    const letter = await this.#take(id, (found) => this.#options.boxes.letters.put(again(found)));
    if (letter !== undefined) await this.carryAll();
  }

  #takeAsDraft(id: string, draft: (letter: Letter) => Promise<KeptDraft>): Promise<Letter | undefined> {
    return this.#take(id, async (found) => this.#options.boxes.toDraft(id, await draft(found)));
  }

  /**
   * All who ask while they go have them gone through once more: a letter on a line that is stuck would else have the turn again, once for each who asked.
   * Nobody waits for more than that: what comes after the letters has its turn, too.
   */
  #carryLetters(): Promise<void> {
    if (this.#round === undefined) {
      this.#round = this.#carryRound().finally(() => {
        this.#round = undefined;
      });
      return this.#round;
    }
    this.#nextRound ??= this.#round
      .catch(() => undefined)
      .then(() => {
        this.#nextRound = undefined;
        return this.#carryLetters();
      });
    return this.#nextRound;
  }

  async #carryRound(): Promise<void> {
    await this.#look();
    const { letters } = this.#waiting;
    for (const { id, problem } of letters) {
      // Who hands one over carries it.
      if (problem !== undefined || this.#watched.has(id)) continue;
      // On a full disk it may not even be possible to write down why one waits; the others go all the same.
      await this.#carry(id).catch(() => undefined);
    }
  }

  /** @param how it is taken; by nobody else meanwhile */
  async #take(id: string, how: (letter: Letter) => Promise<void>): Promise<Letter | undefined> {
    const { boxes, turns } = this.#options;
    const letter = await turns.alone(LETTERS, async () => {
      const found = await boxes.letters.get(id);
      if (found === undefined || (found.isHandedOver && found.problem === undefined)) return undefined;
      await how(found);
      return found;
    });
    await this.#changed();
    return letter;
  }

  async #carry(id: string): Promise<Handed> {
    const { boxes, turns, onTaken } = this.#options;
    const result = await turns.alone(LETTERS, async (): Promise<Handed> => {
      const letter = await boxes.letters.get(id);
      // Another window was quicker.
      if (letter === undefined) return { kind: 'taken', submitted: undefined };
      const isWatched = this.#watched.has(id);
      // Or has found that its person decides; what was refused goes back to them, if they are here.
      if (letter.problem !== undefined && !(isWatched && letter.problem.kind === 'refused')) return { kind: 'waits' };
      // As a draft it would be laid once more.
      for (const draftId of letter.laidAs ?? []) await boxes.drafts.remove(draftId);
      let latest = letter;
      const note = async (next: Letter): Promise<void> => {
        latest = next;
        await boxes.letters.put(next);
      };
      try {
        const submitted = await this.#options.carry(letter, note, isWatched);
        await this.#afterLeaving(letter, latest);
        await boxes.letters.remove(id);
        if (!this.#watched.has(id)) onTaken(letter, submitted);
        return { kind: 'taken', submitted };
      } catch (error) {
        return this.#failed(latest, error);
      }
    });
    await this.#changed();
    return result;
  }

  /** What was laid of it without an answer may get to Drafts later still. */
  async #afterLeaving({ savedId }: Letter, { draft, laidAs, digests = [], emailId }: Letter): Promise<void> {
    if (emailId === undefined) return;
    await this.late.follow(savedId, emailId);
    if (laidAs !== undefined) await this.late.note({ id: draft.messageId, laidAs, digests: [...digests, await digestOf(draft)] }, emailId);
  }

  async #failed(letter: Letter, error: unknown): Promise<Handed> {
    const { letters, toDraft } = this.#options.boxes;
    if (error instanceof LostTrack) {
      const left = error.kind === 'draftGone' ? partedFromDraft(letter, crypto.randomUUID()) : letter;
      await letters.put({ ...left, problem: { kind: error.kind } });
      return { kind: 'waits' };
    }
    if (!isRefusal(error)) {
      const trouble = saidBy(error);
      if (!isSame(trouble, letter.trouble)) await letters.put({ ...letter, trouble });
      return { kind: 'waits' };
    }
    // It was said that it is not taken: it may be changed and sent anew.
    const takeBack = this.#watched.get(letter.id);
    if (takeBack !== undefined) {
      await takeBack(letter, (draft) => toDraft(letter.id, draft));
      // In the window alone, where it can not be kept.
      await letters.remove(letter.id);
      return { kind: 'refused', error };
    }
    await letters.put({ ...letter, isHandedOver: false, problem: { kind: 'refused', type: error.type, detail: error.detail } });
    return { kind: 'waits' };
  }

  async #changed(): Promise<void> {
    this.#news.postMessage('');
    await this.#look();
  }

  async #look(): Promise<void> {
    const { boxes, address } = this.#options;
    const [letters] = await Promise.all([mine(boxes.letters, address), this.drafts.look(), this.filings.look()]);
    this.#waiting = {
      letters: letters.toSorted((one, other) => one.writtenAtMs - other.writtenAtMs),
      drafts: this.drafts.waiting,
      filings: this.filings.waiting,
      shownFilings: this.filings.shown,
      isHeldUp: this.filings.isHeldUp,
    };
    for (const listener of this.#listeners) listener();
  }
}

/** Where a newer build has what is kept here, its windows carry it; who sends or files something in this one is told. */
function quietly(work: Promise<void>): void {
  work.catch(() => undefined);
}

/** What was laid of the letter itself is found by its Message-ID and by what it says. */
function draftOf({ address, draft, name, emailId, savedId, laidAs, digests }: Letter, nowMs: number): KeptDraft {
  return { id: draft.messageId, address, draft, name, atMs: nowMs, savedId: savedId ?? emailId, laidAs, digests };
}
