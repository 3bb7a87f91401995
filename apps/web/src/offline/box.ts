import type { Database } from './database.ts';
import type { KeptDraft, Letter } from './letter.ts';

/** Where letters or drafts wait, of all who use this browser. */
export interface Box<Item extends { readonly id: string }> {
  readonly all: () => Promise<readonly Item[]>;
  readonly get: (id: string) => Promise<Item | undefined>;
  /** Resolves when it is kept. */
  readonly put: (item: Item) => Promise<void>;
  readonly remove: (id: string) => Promise<void>;
}

export interface Boxes {
  readonly letters: Box<Letter>;
  readonly drafts: Box<KeptDraft>;
}

/** They outlive the window, and a power cut. */
export function databaseBoxes(database: Database): Boxes {
  return { letters: databaseBox<Letter>(database, 'letters'), drafts: databaseBox<KeptDraft>(database, 'drafts') };
}

/** They go with the window. */
export function memoryBoxes(): Boxes {
  return { letters: memoryBox(), drafts: memoryBox() };
}

function databaseBox<Item extends Letter | KeptDraft>(database: Database, name: 'letters' | 'drafts'): Box<Item> {
  const strict = { durability: 'strict' } as const;
  return {
    all: async () => (await database.getAll(name)) as unknown as readonly Item[],
    get: async (id) => (await database.get(name, id)) as unknown as Item | undefined,
    async put(item) {
      const { store, done } = database.transaction(name, 'readwrite', strict);
      await Promise.all([store.put(item as never), done]);
    },
    async remove(id) {
      const { store, done } = database.transaction(name, 'readwrite', strict);
      await Promise.all([store.delete(id), done]);
    },
  };
}

function memoryBox<Item extends { readonly id: string }>(): Box<Item> {
  const items = new Map<string, Item>();
  return {
    all: async () => [...items.values()],
    get: async (id) => items.get(id),
    async put(item) {
      items.set(item.id, item);
    },
    async remove(id) {
      items.delete(id);
    },
  };
}
