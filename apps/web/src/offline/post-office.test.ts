import { afterEach, expect, test } from 'vitest';
import type { Submitted } from '../api/drafts.ts';
import { MethodFailure, NoAnswer } from '../api/failures.ts';
import { emptyDraft } from '../composer/draft.ts';
import { memoryBoxes } from './box.ts';
import { LostTrack } from './deliver-letter.ts';
import { newLetter, type Letter } from './letter.ts';
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

const offices: PostOffice[] = [];
afterEach(() => {
  for (const office of offices.splice(0)) office.close();
});

function letter(id: string, some: Partial<Letter> = {}): Letter {
  const draft = { ...emptyDraft('m@alice.test'), subject: id };
  return { ...newLetter({ id, address: ME, draft, name: '', nowMs: 0, savedId: undefined }), ...some };
}

/** @param carry what becomes of a letter on its way */
function officeOf(carry: (letter: Letter, note: (letter: Letter) => Promise<void>) => Promise<Submitted | undefined>) {
  const boxes = memoryBoxes();
  const taken: string[] = [];
  const office = new PostOffice({
    address: ME,
    boxes,
    isKept: true,
    turns: turnsOfOneBrowser(),
    carry: (one, note) => carry(one, note),
    onTaken: ({ id }) => taken.push(id),
    drafts: NO_DRAFTS,
    filing: NO_FILING,
  });
  offices.push(office);
  return { office, boxes, taken };
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

test('a refusal goes back to who waits for it; later it stays here, with its reason, and can be changed', async () => {
  const { office, boxes } = officeOf(async (one, note) => {
    await note({ ...one, emailId: 'e', isHandedOver: true });
    throw REFUSED;
  });
  const inHand: unknown[] = [];
  const takeBack: TakeBack = async (emailId) =>
    void inHand.push(
      emailId,
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
    if (carried === 1) throw new LostTrack();
    return SUBMITTED;
  });
  await office.hand(letter('a', { isHandedOver: true }));
  await office.carryAll();
  expect([carried, office.waiting.letters[0]?.problem?.kind]).toEqual([1, 'unsure']);
  await office.resend('a', (before) => ({ ...before, problem: undefined }));
  expect([carried, office.waiting.letters]).toEqual([2, []]);
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
      isKept: true,
      turns: shared,
      async carry({ id }) {
        carried.push(id);
        await Promise.resolve();
        return SUBMITTED;
      },
      onTaken: () => undefined,
      drafts: NO_DRAFTS,
      filing: NO_FILING,
    });
    offices.push(office);
    return office;
  };
  for (const id of ['a', 'b', 'c']) await boxes.letters.put(letter(id));
  await Promise.all([open().carryAll(), open().carryAll()]);
  expect(carried).toEqual(['a', 'b', 'c']);
});

test('what is to be written on is a draft before it is a letter no more: whatever fails in between, it is somewhere', async () => {
  const { office, boxes } = officeOf(() => Promise.reject(new NoAnswer('offline')));
  await office.hand(letter('a'));
  const { remove } = boxes.letters;
  Object.assign(boxes.letters, { remove: () => Promise.reject(new Error('disk full')) });
  await expect(office.toDraft('a', 7)).rejects.toThrow('disk full');
  expect([(await boxes.drafts.all()).length, (await boxes.letters.all()).length]).toEqual([1, 1]);
  Object.assign(boxes.letters, { remove });
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
