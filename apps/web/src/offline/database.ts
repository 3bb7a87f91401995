/*
 * What a browser keeps on a device that its person has called their own (IndexedDB, database `stopgap`):
 *
 * owner   whose mail is kept: the session as the relay last told it, under the one key `owner`
 * answers what was last seen: mailboxes, lists, read messages, by the key of the query; of `owner` alone, and gone with the log-out
 * blobs   images and files of messages that were looked at; the same
 * letters what was sent here and has not reached the relay's outbox; it stays until it has, or its person decides otherwise, log-out or not
 * drafts  what was written here and has not been saved at the relay, and what is to go from there (by ids and digests alone); the same
 * late    of drafts whose save got no answer, and may get there late: by which it is known then (ids and digests alone); an hour, log-out or not
 * files   what the files of those letters and drafts are made of, by their keys, for as long as one of them is there
 * filings what was done here with messages and has not reached the relay; the same, but for how they looked (`lines`), which goes with the log-out
 */
import type { SessionResource } from '@stopgap/jmap';
import { openDB, type DBSchema, type IDBPDatabase, type IDBPTransaction } from 'idb';
import type { Filing } from './filing.ts';
import type { LateDraft } from './late-drafts.ts';
import type { KeptDraft, Letter } from './letter.ts';

export const DATABASE = 'stopgap';
/** 2: `filings`, `blobs`; 3: `files`; 4: `late` */
const VERSION = 4;
/** What is written so outlives a power cut. */
export const STRICT = { durability: 'strict' } as const;
/** The one key in `owner`. */
export const OWNER = 'owner';

export interface KeptAnswer {
  readonly key: string;
  /** The first part of the query's key. */
  readonly kind: string;
  readonly atMs: number;
  readonly data: unknown;
}

interface KeptBlob {
  /** Id and type. */
  readonly key: string;
  readonly atMs: number;
  readonly sizeBytes: number;
  readonly type: string;
  readonly bytes: ArrayBuffer;
}

export interface Schema extends DBSchema {
  readonly owner: { readonly key: string; readonly value: SessionResource };
  readonly letters: { readonly key: string; readonly value: Letter };
  readonly drafts: { readonly key: string; readonly value: KeptDraft };
  readonly late: { readonly key: string; readonly value: LateDraft };
  readonly files: { readonly key: string; readonly value: Blob };
  readonly blobs: { readonly key: string; readonly value: KeptBlob; readonly indexes: { readonly age: [number, number] } };
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
      if (from < 2) {
        database.createObjectStore('filings', { keyPath: 'id' });
        database.createObjectStore('blobs', { keyPath: 'key' }).createIndex('age', ['atMs', 'sizeBytes']);
      }
      if (from < 3) database.createObjectStore('files');
      if (from < 4) database.createObjectStore('late', { keyPath: 'id' });
    },
    // A window of a newer build wants to change the shape: this one must not stand in its way.
    blocking: (_, __, event) => (event.target as IDBDatabase).close(),
  });
}

/** After a newer build has changed its shape. */
export function openAsItIs(): Promise<Database> {
  return openDB<Schema>(DATABASE);
}

export interface Keeping {
  readonly database: Database;
  readonly mayKeep: () => boolean;
  /** Whose mail it is: in another window somebody else may have logged in, and what is kept is theirs since. */
  readonly address: string;
}

type StoreName = 'owner' | 'answers' | 'blobs';

/** Asked in the transaction in which something is read or written: nobody comes in between. */
export async function isKeptFor<Mode extends IDBTransactionMode>(
  address: string,
  transaction: IDBPTransaction<Schema, StoreName[], Mode>,
): Promise<boolean> {
  const owner = await transaction.objectStore('owner').get(OWNER);
  return owner?.username.toLowerCase() === address.toLowerCase();
}
