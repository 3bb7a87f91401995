/*
 * What a browser keeps on a device that its person has called their own (IndexedDB, database `stopgap`):
 *
 * owner   whose mail is kept: the session as the relay last told it, under the one key `owner`
 * answers what was last seen: mailboxes, lists, read messages, by the key of the query; of `owner` alone, and gone with the log-out
 * letters what was sent here and has not reached the relay's outbox; it stays until it has, or its person decides otherwise, log-out or not
 * drafts  what was written here and has not been saved at the relay; the same
 * filings what was done here with messages and has not reached the relay; the same, but for how they looked (`lines`), which goes with the log-out
 */
import type { SessionResource } from '@stopgap/jmap';
import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import type { Filing } from './filing.ts';
import type { KeptDraft, Letter } from './letter.ts';

export const DATABASE = 'stopgap';
/** 2: `filings` */
const VERSION = 2;
/** The one key in `owner`. */
export const OWNER = 'owner';

export interface KeptAnswer {
  readonly key: string;
  /** The first part of the query's key. */
  readonly kind: string;
  readonly atMs: number;
  readonly data: unknown;
}

interface Schema extends DBSchema {
  readonly owner: { readonly key: string; readonly value: SessionResource };
  readonly letters: { readonly key: string; readonly value: Letter };
  readonly drafts: { readonly key: string; readonly value: KeptDraft };
  readonly filings: { readonly key: string; readonly value: Filing };
  readonly answers: { readonly key: string; readonly value: KeptAnswer; readonly indexes: { readonly age: [string, number] } };
}

export type Database = IDBPDatabase<Schema>;

export function openDatabase(): Promise<Database> {
  return openDB<Schema>(DATABASE, VERSION, {
    upgrade(database, from) {
      if (from < 1) {
        database.createObjectStore('owner');
        for (const name of ['letters', 'drafts'] as const) database.createObjectStore(name, { keyPath: 'id' });
        database.createObjectStore('answers', { keyPath: 'key' }).createIndex('age', ['kind', 'atMs']);
      }
      if (from < 2) database.createObjectStore('filings', { keyPath: 'id' });
    },
    // A window of a newer build wants to change the shape: this one must not stand in its way.
    blocking: (_, __, event) => (event.target as IDBDatabase).close(),
  });
}
