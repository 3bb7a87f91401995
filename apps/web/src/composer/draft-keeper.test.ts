import { afterEach, expect, test, vi } from 'vitest';
import { MethodFailure, NoAnswer } from '../api/failures.ts';
import { emptyDraft, type Draft } from './draft.ts';
import { DraftKeeper, type DraftKeeperOptions } from './draft-keeper.ts';

const draftOf = (text: string): Draft => ({ ...emptyDraft('id@alice.test'), text });
const A = draftOf('a');
const AB = draftOf('ab');

afterEach(() => {
  vi.useRealTimers();
});

/** A relay and a browser that do as they are told; `box` is what the browser keeps, `tidied` what was left alone of several. */
function keeperOf(some: Partial<DraftKeeperOptions> = {}) {
  const box: Draft[] = some.kept === undefined ? [] : [some.kept];
  const tidied: string[] = [];
  let latest = emptyDraft('id@alice.test');
  const keeper = new DraftKeeper({
    latest: () => latest,
    lay: async ({ text }) => text,
    tidy: async (id) => void tidied.push(id),
    keep: async (draft) => void box.splice(0, 1, draft),
    drop: async () => void box.splice(0),
    kept: undefined,
    ...some,
  });
  const type = (draft: Draft): void => {
    latest = draft;
  };
  const save = (draft: Draft, previousId: string | undefined): Promise<string> => {
    type(draft);
    return keeper.save(draft, previousId, new AbortController().signal);
  };
  return { keeper, box, tidied, type, save };
}

test('what can not get to the relay is kept, and kept no more when it is there', async () => {
  let isDown = true;
  const { keeper, box, tidied, save } = keeperOf({ lay: async ({ text }) => (isDown ? Promise.reject(new NoAnswer('down')) : text) });
  await expect(save(A, undefined)).rejects.toThrow(NoAnswer);
  expect([box, keeper.isKept]).toEqual([[A], true]);
  isDown = false;
  expect(await save(A, undefined)).toBe('a');
  // The first try may have got there.
  expect([box, keeper.isKept, tidied]).toEqual([[], false, ['a']]);
});

test('kept is what was kept last: what the relay refuses later, or this browser, is not said to be', async () => {
  let trouble: Error = new NoAnswer('down');
  let isFull = false;
  const box: Draft[] = [];
  const { keeper, type, save } = keeperOf({
    lay: () => Promise.reject(trouble),
    keep: async (draft) => (isFull ? Promise.reject(new Error('disk full')) : void box.splice(0, 1, draft)),
  });
  await expect(save(A, undefined)).rejects.toThrow(NoAnswer);
  type(AB);
  expect(keeper.isKept).toBe(false);
  isFull = true;
  await expect(save(AB, undefined)).rejects.toThrow(NoAnswer);
  trouble = new MethodFailure('tooLarge', '');
  await expect(save(AB, undefined)).rejects.toThrow(MethodFailure);
  expect([box, keeper.isKept]).toEqual([[A], false]);
});

test('of what is kept and written on the newer text is kept before it is on its way: a window that is closed then leaves no older one', async () => {
  const { promise } = Promise.withResolvers<string>();
  const { box, save } = keeperOf({ kept: A, lay: () => promise });
  void save(AB, 'old');
  await expect.poll(() => box).toEqual([AB]);
});

test('after a refusal in the middle of it what was laid by then is looked for', async () => {
  let isFirst = true;
  const lay = async ({ text }: Draft): Promise<string> => {
    const wasFirst = isFirst;
    isFirst = false;
    return wasFirst ? Promise.reject(new MethodFailure('serverFail', '')) : text;
  };
  const { tidied, save } = keeperOf({ lay });
  await expect(save(A, 'old')).rejects.toThrow(MethodFailure);
  await save(A, 'old');
  await save(AB, 'a');
  expect(tidied).toEqual(['a']);
});

test('what is in Drafts is saved, though this browser can not let go of what it kept', async () => {
  const { save } = keeperOf({ kept: A, drop: () => Promise.reject(new Error('closed')) });
  expect(await save(AB, undefined)).toBe('ab');
});

test('files that are not up yet stay here until they are, with the draft that they belong to', async () => {
  const file = { key: 'k', name: 'a.txt', type: 'text/plain', sizeBytes: 1, progress: 0, isFailed: false, file: new Blob(['a']) };
  const waiting = { ...A, attachments: [{ ...file, blobId: undefined }] };
  const savedIds: (string | undefined)[] = [];
  const { box, save } = keeperOf({ kept: waiting, keep: async (_, savedId) => void savedIds.push(savedId) });
  await save(waiting, 'old');
  expect([box, savedIds.at(-1)]).toEqual([[waiting], 'a']);
  await save({ ...waiting, attachments: [{ ...file, blobId: 'b' }] }, 'a');
  expect(box).toEqual([]);
});

test('while no answer comes what is typed is kept, and of it nothing when all of it is in Drafts', async () => {
  vi.useFakeTimers();
  const { promise, resolve } = Promise.withResolvers<string>();
  const { keeper, box, type, save } = keeperOf({ lay: () => promise });
  const saved = save(A, undefined);
  await vi.advanceTimersByTimeAsync(2900);
  expect(box).toEqual([]);
  await vi.advanceTimersByTimeAsync(200);
  expect(box).toEqual([A]);
  type(AB);
  expect(keeper.isKept).toBe(false);
  await vi.advanceTimersByTimeAsync(3000);
  expect([box, keeper.isKept]).toEqual([[AB], true]);
  resolve('a');
  await saved;
  // What is in Drafts is older.
  expect(box).toEqual([AB]);
  await save(AB, 'a');
  await vi.advanceTimersByTimeAsync(60_000);
  expect(box).toEqual([]);
});

test('what may be better later is kept, whatever the relay calls it; what was refused is not', async () => {
  for (const [type, isKept] of [
    ['serverUnavailable', true],
    ['overQuota', true],
    ['tooLarge', false],
  ] as const) {
    const { box, save } = keeperOf({ lay: () => Promise.reject(new MethodFailure(type, '')) });
    await expect(save(A, undefined)).rejects.toThrow(MethodFailure);
    expect([type, box.length > 0]).toEqual([type, isKept]);
  }
});

test('what went with a letter is kept no more, and what is there all the same goes with the next save', async () => {
  const { keeper, box, save } = keeperOf({ kept: A, keep: () => Promise.reject(new Error('disk full')) });
  keeper.doubt();
  expect(keeper.isKept).toBe(false);
  await save(A, undefined);
  expect(box).toEqual([]);
});

test('what may have been laid of a letter that comes back is looked for at the next save', async () => {
  const { keeper, tidied, save } = keeperOf();
  await save(A, undefined);
  expect([tidied, keeper.isDoubtful]).toEqual([[], false]);
  keeper.doubt();
  expect(keeper.isDoubtful).toBe(true);
  await save(AB, 'a');
  expect(tidied).toEqual(['ab']);
});
