import { afterEach, expect, test, vi } from 'vitest';
import { NoAnswer } from '../api/failures.ts';
import { emptyDraft } from '../composer/draft.ts';
import { memoryBoxes, type Box } from './box.ts';
import { KeptDrafts, type DraftHold, type KeptDraftsOptions, type TakenUp } from './kept-drafts.ts';
import { discarded, type KeptDraft } from './letter.ts';
import { turnsOfOneBrowser } from './test-bench.ts';

const ME = 'me@alice.test';
const KEPT: KeptDraft = { id: 'd', address: ME, draft: emptyDraft('d'), name: '', atMs: 0, savedId: undefined };

afterEach(() => {
  vi.useRealTimers();
});

const LATE = { note: async () => undefined, follow: async () => undefined };
const RELAY = {
  late: LATE,
  save: async () => 'laid',
  remove: async () => undefined,
  discard: async () => undefined,
  onSaved: () => undefined,
};

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
    save: async ({ id }) => `${saved.push(id)}`,
    remove: async ({ id }) => (isUp ? void removed.push(id) : Promise.reject(new NoAnswer('down'))),
  });
  const drafts = open();
  expect(await drafts.throwAway({ ...KEPT, draft: { ...KEPT.draft, text: 'private' } })).toBe(false);
  await drafts.carry();
  expect([drafts.waiting, drafts.isWaiting, await drafts.takeUp('d')]).toEqual([[], true, 'gone']);
  // Of what it said nothing stays here.
  expect(await box.all()).toMatchObject([{ id: 'd', draft: emptyDraft('d') }]);
  isUp = true;
  await expect.poll(() => drafts.carry().then(() => removed)).toEqual(['d']);
  expect([saved, await box.all(), drafts.isWaiting]).toEqual([[], [], false]);
});

test('a draft that is just being laid is saved by its window when that is over, and not laid while the window has it', async () => {
  const [begun, laying] = [Promise.withResolvers<void>(), Promise.withResolvers<string>()];
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
  laying.resolve('laid');
  await Promise.all([carried, saved]);
  expect([order, await box.all()]).toEqual([['laid', 'saved by its window'], []]);
  await drafts.keep(KEPT);
  await drafts.carry();
  expect(await box.all()).toEqual([KEPT]);
  letGo();
});

test('who throws it away does not wait for an answer that does not come', async () => {
  vi.useFakeTimers();
  const asked = Promise.withResolvers<void>();
  const remove = (): Promise<void> => {
    asked.resolve();
    return new Promise(() => undefined);
  };
  const thrown = browserOf({ remove }).open().throwAway(KEPT);
  await asked.promise;
  await vi.advanceTimersByTimeAsync(8000);
  expect(await thrown).toBe(false);
});

test('what was just on its way to Drafts is looked for there a while after it was thrown away', async () => {
  const removed: string[] = [];
  const { box, open } = browserOf({ remove: async ({ id }) => void removed.push(id) });
  const drafts = open();
  expect([await drafts.throwAway(KEPT, true), removed]).toEqual([false, []]);
  await drafts.carry();
  expect([removed, await box.all()]).toEqual([['d'], []]);
});

test('what may get to Drafts after all of it was done is noted: in the place of what was laid, or of nothing', async () => {
  const noted: unknown[] = [];
  const { open } = browserOf({
    late: {
      note: async ({ id, digests = [] }, staysId) => void noted.push([id, digests.length > 0, staysId]),
      follow: async (before, after) => void noted.push([before, after]),
    },
  });
  const drafts = open();
  await drafts.keep({ ...KEPT, savedId: 'before' });
  await drafts.carry();
  // Every save of this one was answered.
  expect(await drafts.throwAway({ ...KEPT, savedId: 'saved' })).toBe(true);
  expect(await drafts.throwAway({ ...KEPT, digests: ['x'] })).toBe(true);
  expect(noted).toEqual([
    ['before', 'laid'],
    ['d', true, 'laid'],
    ['saved', undefined],
    [undefined, undefined],
    ['d', true, undefined],
  ]);
});

test.for([
  ['written on', (box: Box<KeptDraft>) => box.put({ ...KEPT, atMs: 1, name: 'newer' }), [{ name: 'newer' }], []],
  ['thrown away', async (box: Box<KeptDraft>) => box.put(await discarded(KEPT)), [{ isDiscarded: true }], ['laid']],
  ['sent', (box: Box<KeptDraft>) => box.remove('d'), [], ['laid']],
] as const)('what was %s while it was just being laid is not forgotten by who laid it', async ([, meanwhile, left, gone]) => {
  const discardedIds: string[] = [];
  const { box, open } = browserOf({
    async save(kept, note) {
      await meanwhile(box);
      await note({ ...kept, name: 'with its files up' });
      return 'laid';
    },
    discard: async (emailId) => void discardedIds.push(emailId),
  });
  const drafts = open();
  await drafts.keep(KEPT);
  await drafts.carry();
  const kept = await box.all();
  expect(kept).toHaveLength(left.length);
  expect(kept).toMatchObject(left);
  expect(discardedIds).toEqual(gone);
});

test.for([1, 2, 3, 4])(
  'what is written on while it is just being laid is what is kept, though it comes right after look %i',
  async (last) => {
    const { box, open } = browserOf({
      async save(kept, note) {
        await note({ ...kept, name: 'with its files up' });
        return 'laid';
      },
    });
    const drafts = open();
    await drafts.keep(KEPT);
    const { get } = box;
    let looks = 0;
    const written = { ...KEPT, atMs: 1, name: 'newer' };
    Object.assign(box, {
      async get(id: string) {
        const found = await get(id);
        if ((looks += 1) === last) await box.put(written);
        return found;
      },
    });
    await drafts.carry();
    expect(await box.all()).toEqual(looks < last ? [] : [written]);
  },
);
