import { boxesWithFiles } from './boxes-with-files.ts';
import { STRICT, type Database } from './database.ts';
import type { Filing } from './filing.ts';
import type { LateDraft } from './late-drafts.ts';
import type { KeptDraft, Letter } from './letter.ts';

/** Where letters, drafts or what was done with messages wait, of all who use this browser. */
export interface Box<Item extends { readonly id: string }> {
  readonly all: () => Promise<readonly Item[]>;
  readonly get: (id: string) => Promise<Item | undefined>;
  /** Resolves when it is kept. */
  readonly put: (item: Item) => Promise<void>;
  readonly remove: (id: string) => Promise<void>;
}

export interface ReplacingBox<Item extends { readonly id: string }> extends Box<Item> {
  /**
   * Looks and writes in one: no other window comes in between.
   * @param next what is to be there instead; undefined: nothing. What is there already is not written again
   */
  readonly replace: (id: string, next: (now: Item | undefined) => Item | undefined) => Promise<void>;
}

export interface Boxes {
  readonly letters: Box<Letter>;
  readonly drafts: ReplacingBox<KeptDraft>;
  readonly late: ReplacingBox<LateDraft>;
  readonly filings: Box<Filing>;
  /** What was a letter is a draft: both at once, or neither. */
  readonly toDraft: (letterId: string, draft: KeptDraft) => Promise<void>;
}

/** They outlive the window, and a power cut. */
export function databaseBoxes(database: Database): Boxes {
  return { ...boxesWithFiles(database), late: lateBox(database), filings: filingBox(database) };
}

/** They go with the window. */
export function memoryBoxes(): Boxes {
  const [letters, drafts] = [memoryBox<Letter>(), memoryReplacingBox<KeptDraft>()];
  const toDraft = async (letterId: string, draft: KeptDraft): Promise<void> => {
    await Promise.all([drafts.put(draft), letters.remove(letterId)]);
  };
  return { letters, drafts, late: memoryReplacingBox(), filings: memoryBox(), toDraft };
}

function lateBox(database: Database): ReplacingBox<LateDraft> {
  const replace: ReplacingBox<LateDraft>['replace'] = async (id, next) => {
    const { store, done } = database.transaction('late', 'readwrite', STRICT);
    const change = async (): Promise<void> => {
      const now = await store.get(id);
      const after = next(now);
      if (after === undefined) await store.delete(id);
      else if (after !== now) await store.put(after);
    };
    await Promise.all([change(), done]);
  };
  return {
    all: () => database.getAll('late'),
    get: (id) => database.get('late', id),
    put: (item) => replace(item.id, () => item),
    remove: (id) => replace(id, () => undefined),
    replace,
  };
}

function filingBox(database: Database): Box<Filing> {
  return {
    all: () => database.getAll('filings'),
    get: (id) => database.get('filings', id),
    async put(item) {
      const { store, done } = database.transaction('filings', 'readwrite', STRICT);
      await Promise.all([store.put(item), done]);
    },
    async remove(id) {
      const { store, done } = database.transaction('filings', 'readwrite', STRICT);
      await Promise.all([store.delete(id), done]);
    },
  };
}

function memoryReplacingBox<Item extends { readonly id: string }>(): ReplacingBox<Item> {
  const items = new Map<string, Item>();
  return {
    ...memoryBox(items),
    async replace(id, next) {
      const after = next(items.get(id));
      if (after === undefined) items.delete(id);
      else items.set(id, after);
    },
  };
}

function memoryBox<Item extends { readonly id: string }>(items = new Map<string, Item>()): Box<Item> {
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

/** What this person has left in it. */
export async function mine<Item extends { readonly id: string; readonly address: string }>(
  box: Box<Item>,
  address: string,
): Promise<Item[]> {
  return (await box.all()).filter((item) => item.address.toLowerCase() === address.toLowerCase());
}
