import { boxesWithFiles } from './boxes-with-files.ts';
import { STRICT, type Database } from './database.ts';
import type { Filing } from './filing.ts';
import type { KeptDraft, Letter } from './letter.ts';

/** Where letters, drafts or what was done with messages wait, of all who use this browser. */
export interface Box<Item extends { readonly id: string }> {
  readonly all: () => Promise<readonly Item[]>;
  readonly get: (id: string) => Promise<Item | undefined>;
  /** Resolves when it is kept. */
  readonly put: (item: Item) => Promise<void>;
  readonly remove: (id: string) => Promise<void>;
}

export interface DraftBox extends Box<KeptDraft> {
  /**
   * Looks and writes in one: no other window comes in between.
   * @param next what is to be there instead; undefined: nothing. What is there already is not written again
   */
  readonly replace: (id: string, next: (now: KeptDraft | undefined) => KeptDraft | undefined) => Promise<void>;
}

export interface Boxes {
  readonly letters: Box<Letter>;
  readonly drafts: DraftBox;
  readonly filings: Box<Filing>;
  /** What was a letter is a draft: both at once, or neither. */
  readonly toDraft: (letterId: string, draft: KeptDraft) => Promise<void>;
}

/** They outlive the window, and a power cut. */
export function databaseBoxes(database: Database): Boxes {
  return { ...boxesWithFiles(database), filings: filingBox(database) };
}

/** They go with the window. */
export function memoryBoxes(): Boxes {
  const [letters, drafts] = [memoryBox<Letter>(), memoryDraftBox()];
  const toDraft = async (letterId: string, draft: KeptDraft): Promise<void> => {
    await Promise.all([drafts.put(draft), letters.remove(letterId)]);
  };
  return { letters, drafts, filings: memoryBox(), toDraft };
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

function memoryDraftBox(): DraftBox {
  const items = new Map<string, KeptDraft>();
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
