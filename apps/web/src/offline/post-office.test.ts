import { afterEach, describe, expect, test } from 'vitest';
import type { Submitted } from '../api/drafts.ts';
import { MethodFailure, NoAnswer } from '../api/failures.ts';
import { emptyDraft } from '../composer/draft.ts';
import { memoryBoxes, type Boxes } from './box.ts';
import { LostTrack } from './deliver-letter.ts';
import { newLetter, type KeptDraft, type Letter } from './letter.ts';
import { PostOffice, type TakeBack } from './post-office.ts';
import { turnsOfOneBrowser } from './test-bench.ts';

const ME = 'me@alice.test';
const REFUSED = new MethodFailure('invalidRecipients', 'Nobody is called so.');
const SUBMITTED: Submitted = { id: 's', holdS: 0, isCalledBack: false };

const NO_FILING = {
  carry: async () => [],
  onFiled: async () => undefined,
  onCarried: async () => undefined,
  mayKeepMail: () => true,
  isCutOff: () => false,
};

const NO_DRAFTS = {
  save: async () => 'laid',
  remove: () => Promise.reject(new NoAnswer('down')),
  discard: async () => undefined,
  onSaved: () => undefined,
};

const NO_LATE = { nowMs: () => 0, takeAway: async () => undefined };

const offices: PostOffice[] = [];
afterEach(() => {
  for (const office of offices.splice(0)) office.close();
});

function letter(id: string, some: Partial<Letter> = {}): Letter {
  const draft = { ...emptyDraft('m@alice.test'), subject: id };
  return { ...newLetter({ id, address: ME, draft, name: '', nowMs: 0, savedId: undefined }), ...some };
}

const IN_HAND: KeptDraft = { id: 'd', address: ME, draft: emptyDraft('d'), name: '', atMs: 0, savedId: undefined };

/** @param carry what becomes of a letter on its way */
function officeOf(carry: (letter: Letter, note: (letter: Letter) => Promise<void>) => Promise<Submitted | undefined>) {
  const boxes = memoryBoxes();
  const taken: string[] = [];
  const office = new PostOffice({
    address: ME,
    boxes,
    isKept: () => true,
    turns: turnsOfOneBrowser(),
    carry: (one, note) => carry(one, note),
    onTaken: ({ id }) => taken.push(id),
    drafts: NO_DRAFTS,
    late: NO_LATE,
    filing: NO_FILING,
  });
  offices.push(office);
  return { office, boxes, taken };
}

/** Nothing is written any more from this write on. Gives what makes it write again. */
function dyingAt(step: number, boxes: Boxes): () => void {
  const { letters, drafts, toDraft } = boxes;
  let writes = 0;
  const dying =
    <Args extends readonly unknown[]>(write: (...args: Args) => Promise<void>) =>
    async (...args: Args): Promise<void> => {
      if ((writes += 1) >= step) throw new Error('closed');
      await write(...args);
    };
  const before = { letters: { ...letters }, drafts: { ...drafts } };
  for (const box of [letters, drafts]) Object.assign(box, { put: dying(box.put as never), remove: dying(box.remove) });
  const atOnce: Boxes['toDraft'] = async (letterId, draft) => {
    await before.drafts.put(draft);
    await before.letters.remove(letterId);
  };
  Object.assign(boxes, { toDraft: dying(atOnce) });
  return () => {
    Object.assign(letters, before.letters);
    Object.assign(drafts, before.drafts);
    Object.assign(boxes, { toDraft });
  };
}

test('what is taken while its person waits is told to them, and waits no more', async () => {
  const { office, taken } = officeOf(async () => SUBMITTED);
  expect(await office.hand(letter('a'))).toEqual({ kind: 'taken', submitted: SUBMITTED });
  expect([office.waiting.letters, taken]).toEqual([[], []]);
});

test('a letter is kept before it is carried', async () => {
  const seen: (Letter | undefined)[] = [];
  const { office, boxes } = officeOf(async ({ id }) => {
    seen.push(await boxes.letters.get(id));
    return SUBMITTED;
  });
  await office.hand(letter('a'));
  expect(seen.map((one) => one?.id)).toEqual(['a']);
});

test('without an answer it waits, and goes later; then it is told', async () => {
  let isUp = false;
  const { office, taken } = officeOf(async () => {
    if (!isUp) throw new NoAnswer('offline');
    return SUBMITTED;
  });
  expect(await office.hand(letter('a'))).toEqual({ kind: 'waits' });
  expect(office.waiting.letters.map(({ id, problem }) => [id, problem])).toEqual([['a', undefined]]);
  isUp = true;
  await office.carryAll();
  expect([office.waiting.letters, taken]).toEqual([[], ['a']]);
});

test('a letter of which nothing can be written down any more keeps no other one, nor a draft, from going', async () => {
  const { office, boxes, taken } = officeOf(async (one, note) => {
    if (one.id === 'a') await note({ ...one, isLaying: true });
    return SUBMITTED;
  });
  await boxes.letters.put(letter('a', { trouble: { type: 'serverFail', detail: '' } }));
  await boxes.letters.put(letter('b', { writtenAtMs: 1 }));
  await boxes.drafts.put({ id: 'd', address: ME, draft: emptyDraft('d'), name: '', atMs: 0, savedId: undefined });
  Object.assign(boxes.letters, { put: () => Promise.reject(new Error('the disk is full')) });
  await office.carryAll();
  expect(taken).toEqual(['b']);
  expect(office.waiting).toMatchObject({ letters: [{ id: 'a' }], drafts: [] });
});

test('a refusal goes back to who waits for it; later it stays here, with its reason, and can be changed', async () => {
  const { office, boxes } = officeOf(async (one, note) => {
    await note({ ...one, emailId: 'e', isHandedOver: true });
    throw REFUSED;
  });
  const inHand: unknown[] = [];
  const takeBack: TakeBack = async (back) =>
    void inHand.push(
      back.emailId,
      (await boxes.letters.all()).map(({ id }) => id),
    );
  expect(await office.hand(letter('a'), takeBack)).toEqual({ kind: 'refused', error: REFUSED });
  // In between it is somewhere.
  expect(inHand).toEqual(['e', ['a']]);
  expect(office.waiting.letters).toEqual([]);
  await boxes.letters.put(letter('b'));
  await office.carryAll();
  expect(office.waiting.letters).toMatchObject([
    { id: 'b', isHandedOver: false, problem: { kind: 'refused', type: REFUSED.type, detail: REFUSED.detail } },
  ]);
  expect(await office.withdraw('b', 7)).toMatchObject({ id: 'b', emailId: 'e' });
  // What was laid of it goes, too.
  const { messageId } = letter('b').draft;
  expect(await boxes.drafts.all()).toMatchObject([{ id: messageId, savedId: 'e', isDiscarded: true, draft: emptyDraft(messageId) }]);
});

test('what the relay can not do at the moment is no refusal', async () => {
  const { office } = officeOf(() => Promise.reject(new MethodFailure('forbiddenToSend', 'Too many recipients within an hour.')));
  expect(await office.hand(letter('a'))).toEqual({ kind: 'waits' });
  const trouble = { type: 'forbiddenToSend', detail: 'Too many recipients within an hour.' };
  expect(office.waiting.letters).toMatchObject([{ id: 'a', problem: undefined, trouble }]);
});

test('what may have been taken can not be taken out of the way: it would be sent twice', async () => {
  const { office } = officeOf(async (one, note) => {
    await note({ ...one, isHandedOver: true });
    throw new NoAnswer('cut');
  });
  await office.hand(letter('a'));
  expect(await office.withdraw('a', 7)).toBeUndefined();
  expect(office.waiting.letters.map(({ id }) => id)).toEqual(['a']);
});

test('where no trace is left a person decides, and until then nothing is sent', async () => {
  let carried = 0;
  const { office } = officeOf(async () => {
    carried += 1;
    if (carried === 1) throw new LostTrack('unsure');
    return SUBMITTED;
  });
  await office.hand(letter('a', { isHandedOver: true }));
  await office.carryAll();
  expect([carried, office.waiting.letters[0]?.problem?.kind]).toEqual([1, 'unsure']);
  await office.resend('a', (before) => ({ ...before, problem: undefined }));
  expect([carried, office.waiting.letters]).toEqual([2, []]);
});

test('of what was changed elsewhere nothing more is looked for in Drafts: there it has the Message-ID still', async () => {
  const { office, boxes } = officeOf(() => Promise.reject(new LostTrack('draftGone')));
  const laid = letter('a', { emailId: 'e', isLaying: true });
  const { messageId } = laid.draft;
  await office.hand({ ...laid, laidAs: ['old@alice.test', messageId] });
  expect(office.waiting.letters).toMatchObject([{ id: 'a', draft: { subject: 'a' }, problem: { kind: 'draftGone' } }]);
  await office.withdraw('a', 7);
  const [kept] = await boxes.drafts.all();
  expect(kept).toMatchObject({ id: expect.stringMatching(/@alice\.test$/), savedId: undefined, laidAs: ['old@alice.test'] });
  expect(kept?.id).not.toBe(messageId);
});

test('what somebody else has left in this browser is neither shown nor sent', async () => {
  const carried: string[] = [];
  const { office, boxes } = officeOf(async ({ id }) => {
    carried.push(id);
    return SUBMITTED;
  });
  await boxes.letters.put(letter('theirs', { address: 'other@alice.test' }));
  await boxes.letters.put(letter('mine'));
  await office.carryAll();
  expect([carried, (await boxes.letters.all()).map(({ id }) => id)]).toEqual([['mine'], ['theirs']]);
});

test('two windows of one browser carry a letter once', async () => {
  const carried: string[] = [];
  const boxes = memoryBoxes();
  const shared = turnsOfOneBrowser();
  const open = (): PostOffice => {
    const office = new PostOffice({
      address: ME,
      boxes,
      isKept: () => true,
      turns: shared,
      async carry({ id }) {
        carried.push(id);
        await Promise.resolve();
        return SUBMITTED;
      },
      onTaken: () => undefined,
      drafts: NO_DRAFTS,
      late: NO_LATE,
      filing: NO_FILING,
    });
    offices.push(office);
    return office;
  };
  for (const id of ['a', 'b', 'c']) await boxes.letters.put(letter(id));
  await Promise.all([open().carryAll(), open().carryAll()]);
  expect(carried).toEqual(['a', 'b', 'c']);
});

test('what one window has found to be its person’s to decide, another one that waited for its turn does not send', async () => {
  const found = Promise.withResolvers<never>();
  const carried: string[] = [];
  const boxes = memoryBoxes();
  const turns = turnsOfOneBrowser();
  const windows = [0, 1].map(() => {
    const office = new PostOffice({
      address: ME,
      boxes,
      isKept: () => true,
      turns,
      async carry({ draft: { messageId } }) {
        carried.push(messageId);
        return carried.length === 1 ? found.promise : SUBMITTED;
      },
      onTaken: () => undefined,
      drafts: NO_DRAFTS,
      late: NO_LATE,
      filing: NO_FILING,
    });
    offices.push(office);
    return office;
  });
  await boxes.letters.put(letter('a'));
  const going = windows.map((office) => office.carryAll());
  await expect.poll(() => [carried.length, ...windows.map(({ waiting }) => waiting.letters.length)]).toEqual([1, 1, 1]);
  found.reject(new LostTrack('draftGone'));
  await Promise.all(going);
  expect([carried.length, (await boxes.letters.get('a'))?.problem]).toEqual([1, { kind: 'draftGone' }]);
});

test('what another window was refused is with its person all the same, who waits for it before this one', async () => {
  const { office, boxes } = officeOf(() => Promise.reject(REFUSED));
  const { put } = boxes.letters;
  let isPut = false;
  Object.assign(boxes.letters, {
    put: (given: Letter) =>
      isPut ? put(given) : put({ ...given, problem: { kind: 'refused', type: REFUSED.type, detail: '' } }).then(() => (isPut = true)),
  });
  expect(await office.hand(letter('a'))).toEqual({ kind: 'refused', error: REFUSED });
  expect(await boxes.letters.all()).toEqual([]);
});

test('a letter on a line that is stuck keeps the turn until that is known, and then the next one has it', async () => {
  const stuck = Promise.withResolvers<never>();
  const tried: string[] = [];
  const { office, boxes } = officeOf(async ({ id }) => {
    tried.push(id);
    return id === 'a' ? stuck.promise : SUBMITTED;
  });
  await boxes.letters.put(letter('a'));
  await boxes.letters.put(letter('b', { writtenAtMs: 1 }));
  // Every 15 s, and whenever the connection comes back.
  const asked = [1, 2, 3].map(() => office.carryAll());
  await expect.poll(() => tried).toEqual(['a']);
  stuck.reject(new NoAnswer('no byte was taken'));
  await Promise.all(asked);
  expect(tried.slice(0, 2)).toEqual(['a', 'b']);
  // What was asked meanwhile is done as well, once.
  expect(tried.slice(2)).toEqual(['a']);
});

test('what waits as a draft has its turn after the letters, though it is asked all the time that all go and one of them is stuck', async () => {
  const tries: PromiseWithResolvers<never>[] = [];
  const { office, boxes } = officeOf(() => {
    const stuck = Promise.withResolvers<never>();
    tries.push(stuck);
    return stuck.promise;
  });
  await boxes.letters.put(letter('a'));
  await boxes.drafts.put(IN_HAND);
  const asked = [office.carryAll()];
  await expect.poll(() => tries.length).toBe(1);
  asked.push(office.carryAll(), office.carryAll());
  tries[0]?.reject(new NoAnswer('no byte was taken'));
  await expect.poll(() => tries.length).toBe(2);
  await expect.poll(() => boxes.drafts.all()).toEqual([]);
  tries[1]?.reject(new NoAnswer('no byte was taken'));
  await Promise.all(asked);
  expect(tries).toHaveLength(2);
});

test('a letter that is handed over at the moment at which all that waits goes is carried once', async () => {
  const tried: string[] = [];
  const { office, boxes } = officeOf(async ({ id }) => {
    tried.push(id);
    throw new NoAnswer('down');
  });
  const { put } = boxes.letters;
  const going: Promise<void>[] = [];
  Object.assign(boxes.letters, {
    async put(one: Letter) {
      await put(one);
      going.push(office.carryAll());
    },
  });
  expect(await office.hand(letter('a'))).toEqual({ kind: 'waits' });
  await Promise.all(going);
  expect(tried).toEqual(['a']);
});

test('what is asked for while letters go is not forgotten', async () => {
  const first = Promise.withResolvers<Submitted>();
  const { office, boxes, taken } = officeOf(async ({ id }) => (id === 'a' ? first.promise : SUBMITTED));
  await boxes.letters.put(letter('a'));
  const all = office.carryAll();
  await expect.poll(() => office.waiting.letters).toHaveLength(1);
  await boxes.letters.put(letter('b', { writtenAtMs: 1 }));
  const again = office.carryAll();
  first.resolve(SUBMITTED);
  await Promise.all([all, again]);
  expect(taken).toEqual(['a', 'b']);
});

test('of a letter that may have been laid twice it is noted what was sent of it, and what was there before is followed', async () => {
  const { office, boxes } = officeOf(async (one, note) => {
    await note({ ...one, emailId: 'sent' });
    return SUBMITTED;
  });
  await office.late.note({ id: 'd', digests: ['x'] }, 'saved');
  await office.hand(letter('a', { savedId: 'saved', laidAs: ['d', 'e'], digests: ['y'] }));
  await office.hand(letter('b', { savedId: 'saved' }));
  expect((await boxes.late.all()).map(({ id, messageIds, digests, staysId }) => [id, messageIds, digests.length, staysId])).toEqual([
    ['d', ['d'], 1, 'sent'],
    ['a@alice.test', ['a@alice.test', 'd', 'e'], 2, 'sent'],
  ]);
});

describe('what is taken back is a letter or a draft, never both, wherever its window dies', () => {
  const ways: Readonly<Record<string, (office: PostOffice) => Promise<unknown>>> = {
    'to be written on': (office) => office.toDraft('a', 7),
    'to be thrown away': (office) => office.withdraw('a', 7),
  };
  test.each(Object.keys(ways).flatMap((way) => [1, 2].map((step) => [way, step] as const)))('%s, at write %i', async (way, step) => {
    const { boxes, office, taken } = officeOf(async () => SUBMITTED);
    await boxes.letters.put(letter('a'));
    const revive = dyingAt(step, boxes);
    await ways[way]?.(office).catch(() => undefined);
    revive();
    const isDraft = (await boxes.drafts.all()).length > 0;
    await office.carryAll();
    expect(taken).toEqual(isDraft ? [] : ['a']);
  });
});

test.each([2, 3])(
  'what is refused is a letter or a draft, never both, and never none, wherever its window dies: at write %i',
  async (step) => {
    const { boxes, office } = officeOf(() => Promise.reject(REFUSED));
    const revive = dyingAt(step, boxes);
    await office.hand(letter('a'), (_, keep) => keep(IN_HAND));
    revive();
    expect([...(await boxes.letters.all()), ...(await boxes.drafts.all())]).toHaveLength(1);
  },
);

test('what is refused is with its person, though it can not be kept here', async () => {
  const { boxes, office } = officeOf(() => Promise.reject(REFUSED));
  Object.assign(boxes, { toDraft: () => Promise.reject(new Error('full')) });
  expect(await office.hand(letter('a'), (_, keep) => keep(IN_HAND).catch(() => undefined))).toEqual({ kind: 'refused', error: REFUSED });
  expect(await boxes.letters.all()).toEqual([]);
});

test('what is to be written on is taken up as it is', async () => {
  const { office } = officeOf(() => Promise.reject(new NoAnswer('offline')));
  await office.hand(letter('a'));
  const { messageId } = letter('a').draft;
  expect(await office.toDraft('a', 7)).toMatchObject({ kept: { id: messageId, atMs: 7, draft: { subject: 'a' } } });
  expect([office.waiting.drafts.map(({ id }) => id), office.waiting.letters]).toEqual([[messageId], []]);
});

test('what was kept of a letter as a draft goes before the letter does, whatever becomes of the window', async () => {
  const { office, boxes } = officeOf(() => new Promise(() => undefined));
  await boxes.drafts.put({ id: 'd', address: ME, draft: emptyDraft('d'), name: '', atMs: 0, savedId: undefined });
  void office.hand(letter('a', { laidAs: ['d'] }));
  await expect.poll(() => boxes.drafts.all()).toEqual([]);
  expect(await boxes.letters.all()).toHaveLength(1);
});

test('what may be in Drafts of a letter goes when it is saved as a draft again', async () => {
  const { office, boxes } = officeOf(async () => SUBMITTED);
  await boxes.letters.put(letter('a', { savedId: 'old', emailId: 'laid', laidAs: ['old@alice.test'] }));
  // What was laid of the letter itself is known by its Message-ID.
  expect(await office.toDraft('a', 7)).toMatchObject({ kept: { savedId: 'old', laidAs: ['old@alice.test'] } });
});

test('the letter that waits with a draft of Drafts is known by it', async () => {
  const { office, boxes } = officeOf(() => Promise.reject(new NoAnswer('offline')));
  await boxes.letters.put(letter('a', { savedId: 'saved' }));
  await boxes.letters.put(letter('b', { emailId: 'laid' }));
  await office.carryAll();
  expect(['saved', 'laid', 'other'].map((id) => office.letterWith(id)?.id)).toEqual(['a', 'b', undefined]);
});

test('what is kept is not said to be with its person alone, though what is kept can not be looked at a moment later', async () => {
  const { office, boxes } = officeOf(async () => SUBMITTED);
  const { all, get } = boxes.letters;
  const closed = () => Promise.reject(new Error('closed by a newer window'));
  Object.assign(boxes.letters, { all: closed, get: closed });
  expect(await office.hand(letter('a'))).toEqual({ kind: 'waits' });
  Object.assign(boxes.letters, { all, get });
  await office.carryAll();
  expect(await boxes.letters.all()).toEqual([]);
});
