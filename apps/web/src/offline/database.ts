/*
 * What a browser keeps on a device that its person has called their own (IndexedDB, database `stopgap`):
 *
 * owner   whose mail is kept: the session as the relay last told it, under the one key `owner`
 * answers what was last seen: mailboxes, lists, read messages, by the key of the query; of `owner` alone, and gone with the log-out
 */
import type { SessionResource } from '@stopgap/jmap';
import { openDB, type DBSchema, type IDBPDatabase } from 'idb';

const NAME = 'stopgap';
const VERSION = 1;

export interface KeptAnswer {
  readonly key: string;
  /** The first part of the query's key. */
  readonly kind: string;
  readonly atMs: number;
  readonly data: unknown;
}

interface Schema extends DBSchema {
  readonly owner: { readonly key: string; readonly value: SessionResource };
  readonly answers: { readonly key: string; readonly value: KeptAnswer; readonly indexes: { readonly age: [string, number] } };
}

export type Database = IDBPDatabase<Schema>;

export function openDatabase(): Promise<Database> {
  return openDB<Schema>(NAME, VERSION, {
    upgrade(database) {
      database.createObjectStore('owner');
      database.createObjectStore('answers', { keyPath: 'key' }).createIndex('age', ['kind', 'atMs']);
    },
    // A window of a newer build wants to change the shape: this one must not stand in its way.
    blocking: (_, __, event) => (event.target as IDBDatabase).close(),
  });
}
