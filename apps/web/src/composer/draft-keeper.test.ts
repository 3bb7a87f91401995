import { expect, test } from 'vitest';
import { MethodFailure, NoAnswer } from '../api/failures.ts';
import { emptyDraft, type Draft } from './draft.ts';
import { DraftKeeper, type DraftKeeperOptions } from './draft-keeper.ts';

const draftOf = (text: string): Draft => ({ ...emptyDraft('id@alice.test'), text });
const A = draftOf('a');
const AB = draftOf('ab');

/** A relay and a browser that do as they are told; `box` is what the browser keeps, `tidied` what was left alone of several. */
function keeperOf(some: Partial<DraftKeeperOptions> = {}) {
  const box: Draft[] = some.kept === undefined ? [] : [some.kept];
  const tidied: string[] = [];
  const keeper = new DraftKeeper({
    lay: async ({ text }) => text,
    tidy: async (id) => void tidied.push(id),
    keep: async (draft) => void box.splice(0, 1, draft),
    drop: async () => void box.splice(0),
    kept: undefined,
    ...some,
  });
  return { keeper, box, tidied };
}

test('what can not get to the relay is kept, and kept no more when it is there', async () => {
  let isDown = true;
  const { keeper, box, tidied } = keeperOf({ lay: async ({ text }) => (isDown ? Promise.reject(new NoAnswer('down')) : text) });
  await expect(keeper.save(A, undefined)).rejects.toThrow(NoAnswer);
  expect([box, keeper.isKept(A)]).toEqual([[A], true]);
  isDown = false;
  expect(await keeper.save(A, undefined)).toBe('a');
  // The first try may have got there.
  expect([box, keeper.isKept(A), tidied]).toEqual([[], false, ['a']]);
});

test('kept is what was kept last: what the relay refuses later, or this browser, is not said to be', async () => {
  let trouble: Error = new NoAnswer('down');
  let isFull = false;
  const box: Draft[] = [];
  const { keeper } = keeperOf({
    lay: () => Promise.reject(trouble),
    keep: async (draft) => (isFull ? Promise.reject(new Error('disk full')) : void box.splice(0, 1, draft)),
  });
  await expect(keeper.save(A, undefined)).rejects.toThrow(NoAnswer);
  expect(keeper.isKept(AB)).toBe(false);
  isFull = true;
  await expect(keeper.save(AB, undefined)).rejects.toThrow(NoAnswer);
  trouble = new MethodFailure('tooLarge', '');
  await expect(keeper.save(AB, undefined)).rejects.toThrow(MethodFailure);
  expect([box, keeper.isKept(A), keeper.isKept(AB)]).toEqual([[A], true, false]);
});

test('of what is kept and written on the newer text is kept before it is on its way: a window that is closed then leaves no older one', async () => {
  const { promise } = Promise.withResolvers<string>();
  const { keeper, box } = keeperOf({ kept: A, lay: () => promise });
  void keeper.save(AB, 'old');
  await expect.poll(() => box).toEqual([AB]);
});

test('after a refusal in the middle of it what was laid by then is looked for', async () => {
  let isFirst = true;
  const lay = async ({ text }: Draft): Promise<string> => {
    const wasFirst = isFirst;
    isFirst = false;
    return wasFirst ? Promise.reject(new MethodFailure('serverFail', '')) : text;
  };
  const { keeper, tidied } = keeperOf({ lay });
  await expect(keeper.save(A, 'old')).rejects.toThrow(MethodFailure);
  await keeper.save(A, 'old');
  await keeper.save(AB, 'a');
  expect(tidied).toEqual(['a']);
});

test('what is in Drafts is saved, though this browser can not let go of what it kept', async () => {
  const { keeper } = keeperOf({ kept: A, drop: () => Promise.reject(new Error('closed')) });
  expect(await keeper.save(AB, undefined)).toBe('ab');
});

test('files that are not up yet stay here until they are, with the draft that they belong to', async () => {
  const file = { key: 'k', name: 'a.txt', type: 'text/plain', sizeBytes: 1, progress: 0, isFailed: false, file: new Blob(['a']) };
  const waiting = { ...A, attachments: [{ ...file, blobId: undefined }] };
  const savedIds: (string | undefined)[] = [];
  const { keeper, box } = keeperOf({ kept: waiting, keep: async (_, savedId) => void savedIds.push(savedId) });
  await keeper.save(waiting, 'old');
  expect([box, savedIds.at(-1)]).toEqual([[waiting], 'a']);
  await keeper.save({ ...waiting, attachments: [{ ...file, blobId: 'b' }] }, 'a');
  expect(box).toEqual([]);
});
