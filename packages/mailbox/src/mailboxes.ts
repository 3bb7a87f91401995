import { join } from 'node:path';
import { asId, type AccountId, type Clock, type ModSeq } from '@stopgap/core';
import { findMailAccount, listMailboxes, type MailboxRow, type Store } from '@stopgap/store';
import { changesAfter, changesSince, type ChangeList, type ChangePoint, type Changes } from './changes.ts';
import { closeBooks, openMailTx, type MailLimits, type MailTx } from './mail-tx.ts';
import { eraseMail, purgeExpunged } from './purge.ts';
import { restoreWanted, type RestoredCount } from './restore-wanted.ts';
import type { SearchQuery } from './search/query.ts';
import { SearchIndex, type SearchLog } from './search/search-index.ts';
import { search, type SearchPage, type SearchResult } from './search/search.ts';
import { Waiters } from './waiters.ts';

export interface MailboxesOptions {
  readonly store: Store;
  readonly dataDir: string;
  readonly clock: Clock;
  /** How long an expunged message can be restored, and a client can ask what changed. */
  readonly keepExpungedMs: number;
  readonly quotaBytes?: number;
  readonly log?: SearchLog;
}

export interface Mailboxes {
  /**
   * One transaction; it has happened wholly or not at all. After its commit those who wait for changes wake, and whoever
   * searches from then on finds what it brought.
   * @throws (as rejection) what the job throws, and what `store.write` does
   */
  write<T>(account: AccountId, job: (mail: MailTx) => T): Promise<T>;
  /** Resolves with a change number after `since` - at once when there is one -, or with `since` when the signal aborts. */
  waitForChange(account: AccountId, since: ModSeq, signal: AbortSignal): Promise<ModSeq>;
  /** The number of the last change. */
  lastChange(account: AccountId): ModSeq;
  changes(account: AccountId, since: ModSeq): Changes | 'forgotten';
  changesAfter(account: AccountId, point: ChangePoint): ChangeList | 'forgotten';
  list(account: AccountId): MailboxRow[];
  /**
   * Newest first.
   * @throws (as rejection) MailError `query-too-large`, `query-cursor`, `search-failed`
   */
  search(account: AccountId, query: SearchQuery, page: SearchPage): Promise<SearchResult>;
  /** Drops what was expunged too long ago, of all accounts, in short transactions. Returns how many messages went for good. */
  purge(signal: AbortSignal): Promise<number>;
  /** Restores what was asked for (`askForRestore` of package store), of all accounts, in short transactions; tells of each. */
  restoreWanted(signal: AbortSignal): AsyncIterable<RestoredCount>;
  /** Everything of an account's mail, in short transactions; afterwards the account itself can be removed. */
  erase(account: AccountId, signal: AbortSignal): Promise<void>;
  /** Lets go of an account that is gone or about to go: of its search index, which is the only thing that is kept open here. */
  forget(account: AccountId): Promise<void>;
  /** Ends the search worker; the store is the caller's. */
  close(): Promise<void>;
}

export function openMailboxes(options: MailboxesOptions): Mailboxes {
  const { store, clock, dataDir } = options;
  const { keepExpungedMs, quotaBytes } = options;
  const limits: MailLimits = { keepExpungedMs, ...(quotaBytes === undefined ? {} : { quotaBytes }) };
  const waiters = new Waiters();
  const index = new SearchIndex({ store, directory: join(dataDir, 'search'), log: options.log });
  const lastChange = (account: AccountId): ModSeq => store.read((reader) => findMailAccount(reader, account)?.modSeq ?? asId.modSeq(0));
  const write = async <T>(account: AccountId, job: (mail: MailTx) => T): Promise<T> => {
    const { value, books } = await store.write((tx) => {
      const mail = openMailTx(tx, account, { nowMs: clock.nowMs(), limits });
      const value = job(mail);
      closeBooks(mail);
      return { value, books: mail.books };
    });
    const { modSeq } = books.counters;
    if (modSeq > books.opened.modSeq) waiters.changed(account, modSeq);
    if (books.texts.size + books.copies.size > 0) {
      await index.feed({ account, messages: [...books.texts.values()], copies: [...books.copies], modSeq });
    }
    return value;
  };
  return {
    write,
    async waitForChange(account, since, signal) {
      const last = lastChange(account);
      return last > since ? last : await waiters.wait(account, since, signal);
    },
    lastChange,
    changes: (account, since) => store.read((reader) => changesSince(reader, account, since)),
    changesAfter: (account, point) => store.read((reader) => changesAfter(reader, account, point)),
    list: (account) => store.read((reader) => listMailboxes(reader, account)),
    search: (account, query, page) => search({ store, index }, account, query, page),
    purge: (signal) => purgeExpunged({ store, index, dataDir, beforeMs: clock.nowMs() - keepExpungedMs, signal }),
    restoreWanted: (signal) => restoreWanted({ store, write, signal }),
    erase: (account, signal) => eraseMail({ store, index, dataDir, account, signal }),
    forget: (account) => index.erase(account),
    close: () => index.close(),
  };
}
