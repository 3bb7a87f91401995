/*
 * The search indexes of all accounts, as the rest of the package sees them. What is written is handed over after its commit and in its order, so whoever
 * searches after a write finds it: requests are done one after the other.
 *
 * Of each account it is known whether its index is `current`. It is not at first, nor after the worker died or failed: then what changed since the mark in
 * the index is looked through, and what is missing there is read from the blobs again (`catchUp`). Until then nothing sets the mark forward.
 */
import { asId, type AccountId, type BlobRef, type MessageId, type ModSeq } from '@stopgap/core';
import { createDigester } from '@stopgap/message';
import { findMailAccount, listMessages, listMessageViews, messagesChangedAfter, type MessageRow, type Store } from '@stopgap/store';
import { indexedMessage, type IndexedMessage } from '../indexed-message.ts';
import { IndexClient } from './index-client.ts';
import type { FilterAnswer, MatchAnswer, TextTree } from './index-messages.ts';

/** Text that waits for the worker; past it, whoever writes waits. */
const WAITING_BYTES = 2 * 1024 * 1024;
/** Looked through at once while catching up. */
const CAUGHT_UP_AT_ONCE = 100;
/** A search waits so long for an index that is behind, and then answers from what there is. */
const CATCH_UP_WAIT_MS = 2000;

export interface WrittenText {
  readonly account: AccountId;
  readonly messages: readonly IndexedMessage[];
  readonly copies: readonly (readonly [MessageId, MessageId])[];
  readonly modSeq: ModSeq;
}

/** A pino logger fits. */
export interface SearchLog {
  warn(fields: object, message: string): void;
}

export class SearchIndex {
  readonly #store: Store;
  readonly #client: IndexClient;
  readonly #log: SearchLog | undefined;
  readonly #closing = new AbortController();
  readonly #current = new Set<AccountId>();
  readonly #catching = new Map<AccountId, Promise<void>>();
  #waitingBytes = 0;
  #roomFor: (() => void)[] = [];

  constructor(options: { readonly store: Store; readonly directory: string; readonly log?: SearchLog | undefined }) {
    this.#store = options.store;
    this.#log = options.log;
    this.#client = new IndexClient(options.directory, () => this.#current.clear());
  }

  /** What a write brought, at once after its commit. Resolves when there is room for more; whether it worked is seen to here. */
  async feed({ account, messages, copies, modSeq }: WrittenText): Promise<void> {
    if (this.#closing.signal.aborted) return;
    const isCurrent = this.#current.has(account);
    const sizeBytes = messages.reduce((sum, one) => sum + one.text.length, 0);
    this.#waitingBytes += sizeBytes;
    void this.#client
      .ask({ kind: 'feed', account, messages, copies, ...(isCurrent ? { through: modSeq } : {}) })
      .catch((error: unknown) => this.#failed(error))
      .then((isThere) => {
        this.#waitingBytes -= sizeBytes;
        if (this.#waitingBytes <= WAITING_BYTES) for (const go of this.#roomFor.splice(0)) go();
        if (this.#closing.signal.aborted) return;
        if (!isThere) this.#current.delete(account);
        if (!isThere || !isCurrent) void this.#makeCurrent(account);
      });
    if (this.#waitingBytes > WAITING_BYTES) await new Promise<void>((resolve) => this.#roomFor.push(resolve));
  }

  /** What is not findable yet when it resolves is told by false. */
  async isReady(account: AccountId): Promise<boolean> {
    if (this.#current.has(account)) return true;
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CATCH_UP_WAIT_MS);
    });
    await Promise.race([this.#makeCurrent(account), patience]);
    clearTimeout(timer);
    return this.#current.has(account);
  }

  match(account: AccountId, tree: TextTree, page: { readonly from?: number; readonly limit: number }): Promise<MatchAnswer> {
    return this.#client.ask({ kind: 'match', account, tree, ...page });
  }

  filter(account: AccountId, tree: TextTree, ids: readonly MessageId[]): Promise<FilterAnswer> {
    return this.#client.ask({ kind: 'filter', account, tree, ids });
  }

  async remove(account: AccountId, ids: readonly MessageId[]): Promise<void> {
    await this.#client.ask({ kind: 'remove', account, ids });
  }

  async erase(account: AccountId): Promise<void> {
    // What is being looked through would make the file again.
    await this.#catching.get(account);
    this.#current.delete(account);
    await this.#client.ask({ kind: 'erase', account });
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#client.close();
    for (const go of this.#roomFor.splice(0)) go();
    await Promise.all(this.#catching.values());
  }

  #failed(error: unknown): boolean {
    if (!this.#closing.signal.aborted)
      this.#log?.warn({ err: error }, 'a message could not be indexed; it will be tried again at the next one');
    return false;
  }

  #makeCurrent(account: AccountId): Promise<void> {
    const running = this.#catching.get(account);
    if (running) return running;
    const run = this.#catchUp(account)
      .catch((error: unknown) => void this.#failed(error))
      .finally(() => this.#catching.delete(account));
    this.#catching.set(account, run);
    return run;
  }

  async #catchUp(account: AccountId): Promise<void> {
    let since = await this.#client.ask({ kind: 'mark', account });
    const last = this.#lastChange(account);
    // An index from a later time than the store (a restored backup) knows messages that were never there.
    if (since > last) {
      await this.#client.ask({ kind: 'erase', account });
      since = await this.#client.ask({ kind: 'mark', account });
    }
    let after = { modSeq: since, id: asId.message(0) };
    while (!this.#closing.signal.aborted) {
      const page = this.#store.read((reader) => messagesChangedAfter(reader, account, after, CAUGHT_UP_AT_ONCE));
      const last = page.length < CAUGHT_UP_AT_ONCE ? undefined : page.at(-1);
      // A change may go on in the next page: the mark is set before it.
      const through = last === undefined ? this.#lastChange(account) : asId.modSeq(last.modSeq - 1);
      const contents = page.map(({ id, blob }) => ({ id, content: blob ?? 0 }));
      const missing = contents.length === 0 ? [] : await this.#client.ask({ kind: 'missing', account, messages: contents });
      const messages = await this.#read(missing);
      const fed = this.#client.ask({ kind: 'feed', account, messages, copies: [], through });
      // What was written since the page was read is handed over by its writers, and behind this the mark goes with them.
      if (last === undefined) this.#current.add(account);
      await fed.catch((error: unknown) => {
        this.#current.delete(account);
        throw error;
      });
      if (last === undefined) return;
      after = last;
    }
  }

  #lastChange(account: AccountId): ModSeq {
    return this.#store.read((reader) => findMailAccount(reader, account)?.modSeq ?? asId.modSeq(0));
  }

  async #read(ids: readonly MessageId[]): Promise<IndexedMessage[]> {
    const rows = this.#store.read((reader) => listMessages(reader, ids));
    const views = this.#store.read((reader) => listMessageViews(reader, ids));
    const found: IndexedMessage[] = [];
    for (const row of rows) {
      const view = views.get(row.id);
      if (view) found.push(indexedMessage(row, { ...view, text: await this.#textOf(row) }));
    }
    return found;
  }

  async #textOf({ blob }: MessageRow): Promise<Buffer> {
    if (blob === undefined) return Buffer.alloc(0);
    const digester = createDigester();
    for await (const chunk of this.#bytesOf(blob)) digester.write(chunk);
    return digester.finish().text;
  }

  /** Purged meanwhile: it has no text. */
  async *#bytesOf(blob: BlobRef): AsyncIterable<Buffer> {
    try {
      yield* this.#store.blobs.open(blob);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'blob-missing')) throw error;
    }
  }
}
