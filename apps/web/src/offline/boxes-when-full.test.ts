import { expect, test } from 'vitest';
import { emptyDraft } from '../composer/draft.ts';
import { memoryBoxes } from './box.ts';
import { boxesWhenFull } from './boxes-when-full.ts';
import { newLetter, type KeptDraft, type Letter } from './letter.ts';

const ME = 'me@alice.test';

function letter(id: string, subject = ''): Letter {
  return newLetter({ id, address: ME, draft: { ...emptyDraft(id), subject }, name: '', nowMs: 0, savedId: undefined });
}

const DRAFT: KeptDraft = { id: 'd', address: ME, draft: emptyDraft('d'), name: '', atMs: 0, savedId: undefined };

/** @param disk becomes full when it is told so */
function full() {
  const disk = memoryBoxes();
  const state = { isFull: false };
  for (const box of [disk.letters, disk.drafts]) {
    const { put } = box;
    Object.assign(box, { put: async (item: never) => (state.isFull ? Promise.reject(new Error('full')) : put(item)) });
  }
  const toDraft = async (): Promise<void> => Promise.reject(new Error('full'));
  return { disk, state, ...boxesWhenFull({ ...disk, toDraft }) };
}

test('what the disk has no room for waits in the window, which knows that, until it is gone', async () => {
  const { boxes, disk, state, isKept } = full();
  await boxes.letters.put(letter('first'));
  state.isFull = true;
  await boxes.letters.put(letter('second'));
  expect((await boxes.letters.all()).map(({ id }) => id)).toEqual(['first', 'second']);
  expect([isKept(), (await disk.letters.all()).length]).toEqual([false, 1]);
  await boxes.letters.put(letter('second', 'noted'));
  expect((await boxes.letters.get('second'))?.draft.subject).toBe('noted');
  await boxes.letters.remove('second');
  expect([isKept(), await boxes.letters.get('second')]).toEqual([true, undefined]);
});

test('of what the disk has an older one of, no newer one is in memory alone: it would be taken up from there', async () => {
  const { boxes, state, isKept } = full();
  await boxes.letters.put(letter('a'));
  state.isFull = true;
  await expect(boxes.letters.put(letter('a', 'noted'))).rejects.toThrow('full');
  expect([isKept(), (await boxes.letters.get('a'))?.draft.subject]).toEqual([true, '']);
});

test('a letter in memory is taken back as a draft', async () => {
  const { boxes, state } = full();
  state.isFull = true;
  await boxes.letters.put(letter('a'));
  await boxes.toDraft('a', DRAFT);
  expect([await boxes.letters.all(), await boxes.drafts.all()]).toEqual([[], [DRAFT]]);
});

test('a draft in memory is replaced there, and is in memory no more when nothing takes its place', async () => {
  const { boxes, disk, state, isKept } = full();
  state.isFull = true;
  await boxes.drafts.put(DRAFT);
  await boxes.drafts.replace('d', (now) => now && { ...now, name: 'noted' });
  expect([await boxes.drafts.get('d'), await disk.drafts.all(), isKept()]).toEqual([{ ...DRAFT, name: 'noted' }, [], false]);
  await boxes.drafts.replace('d', () => undefined);
  expect([await boxes.drafts.get('d'), isKept()]).toEqual([undefined, true]);
});
