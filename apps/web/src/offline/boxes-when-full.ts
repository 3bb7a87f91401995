import { memoryBoxes, type Box, type Boxes, type ReplacingBox } from './box.ts';
import type { KeptDraft } from './letter.ts';

export interface BoxesWhenFull {
  readonly boxes: Boxes;
  /** False: something of it goes with the window. */
  readonly isKept: () => boolean;
}

/** What a full disk has no room for waits in the window's memory: with a connection it can leave all the same. */
export function boxesWhenFull(disk: Boxes): BoxesWhenFull {
  const memory = memoryBoxes();
  const inMemory = new Set<string>();
  const both = <Item extends { readonly id: string }>(onDisk: Box<Item>, here: Box<Item>): Box<Item> => ({
    all: async () => [...(await onDisk.all()), ...(await here.all())],
    get: async (id) => (await here.get(id)) ?? onDisk.get(id),
    async put(item) {
      const { id } = item;
      if (!inMemory.has(id)) {
        try {
          return await onDisk.put(item);
        } catch (error) {
          // The next window would take up the one that is there.
          if ((await onDisk.get(id)) !== undefined) throw error;
        }
      }
      inMemory.add(id);
      await here.put(item);
    },
    async remove(id) {
      if (inMemory.delete(id)) await here.remove(id);
      else await onDisk.remove(id);
    },
  });
  const letters = both(disk.letters, memory.letters);
  const drafts: ReplacingBox<KeptDraft> = {
    ...both(disk.drafts, memory.drafts),
    async replace(id, next) {
      if (!inMemory.has(id)) return disk.drafts.replace(id, next);
      await memory.drafts.replace(id, next);
      if ((await memory.drafts.get(id)) === undefined) inMemory.delete(id);
    },
  };
  const boxes: Boxes = {
    letters,
    drafts,
    // Nothing that anybody wrote.
    late: disk.late,
    filings: both(disk.filings, memory.filings),
    async toDraft(letterId, draft) {
      if (!inMemory.has(letterId)) return disk.toDraft(letterId, draft);
      await drafts.put(draft);
      await letters.remove(letterId);
    },
  };
  return { boxes, isKept: () => inMemory.size === 0 };
}
