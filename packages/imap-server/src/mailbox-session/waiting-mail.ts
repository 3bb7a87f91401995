/*
 * The submissions of an account that have not left, as messages: each gets a UID when it is first seen here, and keywords that say how it stands. All of it is
 * in memory, shared by the connections of the account; UIDVALIDITY is the second this process began, so that a new process begins anew.
 */
import { asId, type AccountId, type BlobRef, type Clock, type Flag, type ModSeq, type SubmissionId, type Uid } from '@stopgap/core';
import { createDigester, type MessageDigest } from '@stopgap/message';
import { cancel } from '@stopgap/outbox';
import { findSubmission, listQueue, recipientsOf, type RecipientRow, type Store, type SubmissionRow } from '@stopgap/store';

/** The oldest; the next ones show up when these have left. */
const MOST_SHOWN = 1000;
/** What went is told for so many; whoever missed more begins anew. */
const MOST_GONE = 10_000;

export interface WaitingMessage {
  readonly uid: Uid;
  readonly submission: SubmissionId;
  readonly blob: BlobRef;
  readonly acceptedAtMs: number;
  readonly flags: readonly Flag[];
  readonly modSeq: ModSeq;
}

interface WaitingLook {
  /** By UID. */
  readonly messages: readonly WaitingMessage[];
  readonly uidNext: number;
  readonly modSeq: ModSeq;
  /** UIDs that went since then. Undefined: too long ago. */
  readonly goneSince: (since: ModSeq) => readonly Uid[] | undefined;
}

interface Known extends Omit<WaitingMessage, 'flags'> {
  readonly state: string;
  isMarked: boolean;
  modSeq: ModSeq;
}

interface AccountState {
  uidNext: number;
  modSeq: number;
  forgottenModSeq: number;
  readonly known: Map<SubmissionId, Known>;
  readonly gone: { readonly uid: Uid; readonly modSeq: ModSeq }[];
}

/** Word of what happens to the queue of an account, in this process. */
export interface OutboxNews {
  changed(account: AccountId): void;
  listen(account: AccountId): {
    number(): number;
    /** Resolves when the number is another one than `since`, or the signal aborts. */
    wait(since: number, signal: AbortSignal): Promise<void>;
    end(): void;
  };
}

interface Deps {
  readonly store: Store;
  readonly clock: Clock;
  readonly news: OutboxNews;
}

/** What another process does to the queue is told by nobody here, and looked for so often. */
const LOOK_AGAIN_MS = 30_000;

export class WaitingMail {
  readonly uidValidity: number;
  readonly #deps: Deps;
  readonly #accounts = new Map<AccountId, AccountState>();

  constructor(deps: Deps) {
    this.#deps = deps;
    this.uidValidity = Math.floor(deps.clock.nowMs() / 1000);
  }

  /** As it stands now. */
  look(account: AccountId): WaitingLook {
    const state = this.#refreshed(account);
    return {
      messages: [...state.known.values()].map(shown),
      uidNext: state.uidNext,
      modSeq: asId.modSeq(state.modSeq),
      goneSince: (since) => goneSince(state, since),
    };
  }

  /** `\Deleted` is the only flag that can be changed; it lasts as long as the process. Those that are not named stay as they are. */
  mark(account: AccountId, marks: ReadonlyMap<Uid, boolean>): void {
    const state = this.#refreshed(account);
    const others = [...state.known.values()].filter(({ uid, isMarked }) => isMarked !== (marks.get(uid) ?? isMarked));
    if (others.length === 0) return;
    state.modSeq += 1;
    for (const message of others) {
      message.isMarked = !message.isMarked;
      message.modSeq = asId.modSeq(state.modSeq);
    }
    this.#deps.news.changed(account);
  }

  /** Resolves with a number after `since`, or with `since` when the signal aborts. */
  async waitForChange(account: AccountId, since: ModSeq, signal: AbortSignal): Promise<ModSeq> {
    const { news, clock } = this.#deps;
    const listener = news.listen(account);
    try {
      while (!signal.aborted) {
        const number = listener.number();
        const { modSeq } = this.look(account);
        if (modSeq > since) return modSeq;
        const isTold = new AbortController();
        const either = AbortSignal.any([signal, isTold.signal]);
        await Promise.race([listener.wait(number, either), clock.wait(LOOK_AGAIN_MS, either)]);
        isTold.abort();
      }
      return since;
    } finally {
      listener.end();
    }
  }

  /** What may have left, or is leaving, stays until that is known, and is not sent again of itself. */
  async cancel(account: AccountId, { submission }: WaitingMessage): Promise<void> {
    await cancel(this.#deps, submission);
    this.#deps.news.changed(account);
  }

  /**
   * `whole`: it is gone from here. `in part`: some of its recipients may have it, so it stays until that is known; the others are cancelled. `not`: it is
   * leaving at this moment, has left, or was cancelled before, and nothing is changed.
   */
  async takeBack(account: AccountId, { submission }: WaitingMessage): Promise<'whole' | 'in part' | 'not'> {
    const { store } = this.#deps;
    const { changed, asked } = await cancel(this.#deps, submission, { unless: ['leaving'] });
    this.#deps.news.changed(account);
    if (changed + asked === 0) return 'not';
    return store.read((reader) => recipientsOf(reader, submission)).some(({ state }) => state === 'unsure') ? 'in part' : 'whole';
  }

  /** Read from its bytes each time: few wait, and most are never looked at. */
  async digestOf({ blob }: WaitingMessage): Promise<MessageDigest> {
    const digester = createDigester();
    for await (const chunk of this.#deps.store.blobs.open(blob)) digester.write(chunk);
    return digester.finish();
  }

  #refreshed(account: AccountId): AccountState {
    const state = this.#accounts.get(account) ?? { uidNext: 1, modSeq: 1, forgottenModSeq: 0, known: new Map(), gone: [] };
    this.#accounts.set(account, state);
    const found = this.#deps.store.read((reader) =>
      listQueue(reader, { account, limit: MOST_SHOWN }).flatMap((id) => {
        const submission = findSubmission(reader, id);
        return submission?.kind === 'message' ? [{ submission, state: stateOf(recipientsOf(reader, id)) }] : [];
      }),
    );
    const there = new Set(found.map(({ submission }) => submission.id));
    for (const [id, { uid }] of state.known) if (!there.has(id)) this.#forget(state, id, uid);
    for (const one of found) meet(state, one);
    return state;
  }

  #forget(state: AccountState, id: SubmissionId, uid: Uid): void {
    state.known.delete(id);
    state.modSeq += 1;
    state.gone.push({ uid, modSeq: asId.modSeq(state.modSeq) });
    if (state.gone.length > MOST_GONE) state.forgottenModSeq = state.gone.shift()?.modSeq ?? 0;
  }
}

function meet(state: AccountState, { submission, state: now }: { readonly submission: SubmissionRow; readonly state: string }): void {
  const before = state.known.get(submission.id);
  if (before?.state === now) return;
  state.modSeq += 1;
  const modSeq = asId.modSeq(state.modSeq);
  const { id, blob, acceptedAtMs } = submission;
  const uid = before?.uid ?? asId.uid(state.uidNext++);
  state.known.set(id, { isMarked: false, ...before, uid, submission: id, blob, acceptedAtMs, state: now, modSeq });
}

function goneSince({ modSeq, forgottenModSeq, gone }: AccountState, since: ModSeq): readonly Uid[] | undefined {
  if (since < forgottenModSeq || since > modSeq) return undefined;
  return gone.filter((one) => one.modSeq > since).map(({ uid }) => uid);
}

/** The state that asks for most attention. */
function stateOf(recipients: readonly RecipientRow[]): string {
  if (recipients.some(({ isHeld }) => isHeld)) return 'held';
  const found = new Set(recipients.map(({ state }) => state));
  if (found.has('unsure')) return 'unsure';
  return found.has('leased') ? 'sending' : 'waiting';
}

function shown({ uid, submission, blob, acceptedAtMs, state, isMarked, modSeq }: Known): WaitingMessage {
  return { uid, submission, blob, acceptedAtMs, flags: [...(isMarked ? ['$deleted'] : []), '$seen', state], modSeq };
}
