/*
 * Letters and drafts are written down at each step; what their files are made of is written once, beside them, by the key of the file. All of it in one
 * transaction: no letter is without its files, whenever the window dies, and a file that nothing names any more goes.
 */
import type { IDBPTransaction, StoreNames } from 'idb';
import type { DraftAttachment } from '../composer/draft.ts';
import type { Box, Boxes } from './box.ts';
import { STRICT, type Database, type Schema } from './database.ts';
import type { KeptDraft, Letter } from './letter.ts';

const STORES = ['letters', 'drafts', 'files'] as const satisfies readonly StoreNames<Schema>[];

type Reading = IDBPTransaction<Schema, typeof STORES, 'readonly' | 'readwrite'>;
type Writing = IDBPTransaction<Schema, typeof STORES, 'readwrite'>;

export function boxesWithFiles(database: Database): Pick<Boxes, 'letters' | 'drafts' | 'toDraft'> {
  return {
    letters: boxWithFiles<Letter>(database, 'letters'),
    drafts: {
      ...boxWithFiles<KeptDraft>(database, 'drafts'),
      replace: (id, next) =>
        write(database, async (transaction) => {
          const found = await transaction.objectStore('drafts').get(id);
          const now = found && (await withFiles(found, transaction));
          const after = next(now);
          if (after === undefined) await transaction.objectStore('drafts').delete(id);
          else if (after !== now) await put(transaction, 'drafts', after);
        }),
    },
    toDraft: (letterId, draft) =>
      write(database, async (transaction) => {
        await put(transaction, 'drafts', draft);
        await transaction.objectStore('letters').delete(letterId);
      }),
  };
}

function boxWithFiles<Item extends Letter | KeptDraft>(database: Database, name: 'letters' | 'drafts'): Box<Item> {
  return {
    async all() {
      const transaction = database.transaction(STORES);
      const items = (await transaction.objectStore(name).getAll()) as unknown as readonly Item[];
      return Promise.all(items.map((item) => withFiles(item, transaction)));
    },
    async get(id) {
      const transaction = database.transaction(STORES);
      const item = (await transaction.objectStore(name).get(id)) as unknown as Item | undefined;
      return item && withFiles(item, transaction);
    },
    put: (item) => write(database, (transaction) => put(transaction, name, item)),
    remove: (id) => write(database, (transaction) => transaction.objectStore(name).delete(id)),
  };
}

async function write(database: Database, work: (transaction: Writing) => Promise<void>): Promise<void> {
  const transaction = database.transaction(STORES, 'readwrite', STRICT);
  await Promise.all([work(transaction).then(() => dropStrays(transaction)), transaction.done]);
}

async function put(transaction: Writing, name: 'letters' | 'drafts', item: Letter | KeptDraft): Promise<void> {
  const files = transaction.objectStore('files');
  for (const { key, file } of item.draft.attachments)
    if (file !== undefined && (await files.getKey(key)) === undefined) await files.put(file, key);
  await transaction.objectStore(name).put(withoutFiles(item) as never);
}

function withoutFiles<Item extends Letter | KeptDraft>(item: Item): Item {
  const attachments = item.draft.attachments.map((one): DraftAttachment => {
    const { file: _, ...rest } = one;
    return rest;
  });
  return { ...item, draft: { ...item.draft, attachments } };
}

/** A build before this one wrote them into the letter. */
async function withFiles<Item extends Letter | KeptDraft>(item: Item, transaction: Reading): Promise<Item> {
  const found = async (one: DraftAttachment): Promise<DraftAttachment> => {
    const file = one.file ?? (await transaction.objectStore('files').get(one.key));
    return file === undefined ? one : { ...one, file };
  };
  return { ...item, draft: { ...item.draft, attachments: await Promise.all(item.draft.attachments.map(found)) } };
}

async function dropStrays(transaction: Writing): Promise<void> {
  const files = transaction.objectStore('files');
  const keys = await files.getAllKeys();
  if (keys.length === 0) return;
  const items = [...(await transaction.objectStore('letters').getAll()), ...(await transaction.objectStore('drafts').getAll())];
  const named = new Set(items.flatMap(({ draft }) => draft.attachments.map(({ key }) => key)));
  for (const key of keys) if (!named.has(key)) await files.delete(key);
}
