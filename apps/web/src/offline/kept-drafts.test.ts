import { expect, test } from 'vitest';
import { NoAnswer } from '../api/failures.ts';
import { emptyDraft } from '../composer/draft.ts';
import { memoryBoxes } from './box.ts';
import { KeptDrafts, type DraftHold, type KeptDraftsOptions, type TakenUp } from './kept-drafts.ts';
import type { KeptDraft } from './letter.ts';
import { turnsOfOneBrowser } from './test-bench.ts';

const ME = 'me@alice.test';
const KEPT: KeptDraft = { id: 'd', address: ME, draft: emptyDraft('d'), name: '', atMs: 0, savedId: undefined };

const RELAY = { save: async () => undefined, remove: async () => undefined, onSaved: () => undefined };

/** Windows of one browser. */
function browserOf(some: Partial<KeptDraftsOptions> = {}) {
  const box = memoryBoxes().drafts;
  const turns = turnsOfOneBrowser();
  const open = (): KeptDrafts => {
    const drafts: KeptDrafts = new KeptDrafts({ ...RELAY, address: ME, box, turns, ...some }, () => drafts.look());
    return drafts;
  };
  return { box, open };
}

function heldOf(taken: TakenUp | string | undefined): DraftHold {
  if (typeof taken !== 'object') throw new Error(`not taken up: ${taken}`);
  return taken.hold;
}

test('a draft is open in one window at a time, and discarded by no other one', async () => {
  const { box, open } = browserOf();
  const [one, other] = [open(), open()];
  await one.keep(KEPT);
  const { letGo } = heldOf(await one.takeUp('d'));
  expect([await other.takeUp('d'), await other.discard('d'), await one.takeUp('d')]).toEqual(['open', false, 'open']);
  expect(await box.all()).toEqual([KEPT]);
  const newer = { ...KEPT, draft: { ...KEPT.draft, text: 'written on' } };
  await one.keep(newer);
  letGo();
  let again: Awaited<ReturnType<KeptDrafts['takeUp']>> | undefined;
  await expect.poll(async () => (again = await other.takeUp('d'))).toMatchObject({ kept: newer });
  heldOf(again).letGo();
  await expect.poll(() => other.discard('d')).toBe(true);
  await expect.poll(() => one.takeUp('d')).toBe('gone');
});

test('what is thrown away is thrown away, though this window has not seen yet that it is there', async () => {
  const { box, open } = browserOf();
  await box.put(KEPT);
  await open().drop('d');
  expect(await box.all()).toEqual([]);
});

test('what is thrown away without a connection goes from Drafts later, and is nobody’s draft until then', async () => {
  let isUp = false;
  const removed: string[] = [];
  const saved: string[] = [];
  const { box, open } = browserOf({
    save: async ({ id }) => void saved.push(id),
    remove: async ({ id }) => (isUp ? void removed.push(id) : Promise.reject(new NoAnswer('down'))),
  });
  const drafts = open();
  expect(await drafts.throwAway(KEPT)).toBe(false);
  await drafts.carry();
  expect([drafts.waiting, await drafts.takeUp('d')]).toEqual([[], 'gone']);
  isUp = true;
  await expect.poll(() => drafts.carry().then(() => removed)).toEqual(['d']);
  expect([saved, await box.all()]).toEqual([[], []]);
});

test('a draft that is just being laid is saved by its window when that is over, and not laid while the window has it', async () => {
  const [begun, laying] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const { box, open } = browserOf({
    save() {
      begun.resolve();
      return laying.promise;
    },
  });
  const drafts = open();
  await drafts.keep(KEPT);
  const carried = drafts.carry();
  await begun.promise;
  const order: string[] = [];
  const { held, letGo } = heldOf(await drafts.takeUp('d'));
  const saved = held.then(() => order.push('saved by its window'));
  await drafts.carry();
  order.push('laid');
  laying.resolve();
  await Promise.all([carried, saved]);
  expect([order, await box.all()]).toEqual([['laid', 'saved by its window'], []]);
  await drafts.keep(KEPT);
  await drafts.carry();
  expect(await box.all()).toEqual([KEPT]);
  letGo();
});
