import { expect, test } from 'vitest';
import { NoAnswer } from '../api/failures.ts';
import type { Jmap } from '../api/jmap.ts';
import type { NewEmail } from '../api/methods.ts';
import { digestOf } from '../composer/draft-digest.ts';
import { emailOf, emptyDraft, type Draft } from '../composer/draft.ts';
import { memoryBoxes } from './box.ts';
import { DRAFT } from './kept-drafts.ts';
import { LateDrafts, takeAwayLate, type LateDraft } from './late-drafts.ts';
import { turnsOfOneBrowser } from './test-bench.ts';

const ME = 'me@alice.test';
const MINUTE_MS = 60_000;
const EARLIER: Draft = { ...emptyDraft('d'), text: 'as it was' };
const KEPT = { id: 'd', laidAs: ['d-before'], digests: [await digestOf(EARLIER)] };

/** @param takeAway what becomes of a look */
function windowOf(takeAway: (late: LateDraft) => Promise<void> = async () => undefined) {
  const box = memoryBoxes().late;
  const turns = turnsOfOneBrowser();
  const clock = { ms: 1_000_000 };
  const looked: number[] = [];
  const late = new LateDrafts({
    address: ME,
    box,
    turns,
    nowMs: () => clock.ms,
    async takeAway(one) {
      await takeAway(one);
      looked.push((clock.ms - one.sinceMs) / MINUTE_MS);
    },
  });
  return { late, box, turns, clock, looked };
}

test('it is looked for less and less often, for an hour, and then no more', async () => {
  const { late, box, clock, looked } = windowOf();
  await late.note(KEPT, 'laid');
  await late.carry();
  expect(looked).toEqual([]);
  for (let step = 0; step < 8 * 60; step += 1) {
    clock.ms += MINUTE_MS / 4;
    await late.carry();
  }
  expect([looked, await box.all()]).toEqual([[0.25, 0.75, 2.25, 6.75, 20.25, 60.75], []]);
});

test('a client that is opened only later looks once', async () => {
  const { late, box, clock, looked } = windowOf();
  await late.note(KEPT, 'laid');
  clock.ms += 600 * MINUTE_MS;
  await late.carry();
  expect([looked, await box.all()]).toEqual([[600], []]);
});

test('without an answer it is looked for again, and so it is when the draft is in hand', async () => {
  let isDown = true;
  const { late, clock, looked, turns } = windowOf(async () => (isDown ? Promise.reject(new NoAnswer('down')) : undefined));
  await late.note(KEPT, 'laid');
  clock.ms += MINUTE_MS;
  await late.carry();
  isDown = false;
  const over = Promise.withResolvers<void>();
  const held = turns.alone(`${DRAFT} d`, () => over.promise);
  await late.carry();
  expect(looked).toEqual([]);
  over.resolve();
  await held;
  await expect.poll(() => late.carry().then(() => looked)).toEqual([1]);
});

test('what is written on, also while it is looked for, is followed', async () => {
  const { late, box, clock } = windowOf(() => late.follow('laid', 'newer'));
  await late.note(KEPT, 'laid');
  clock.ms += MINUTE_MS;
  await late.carry();
  expect((await box.all()).map(({ staysId }) => staysId)).toEqual(['newer']);
  await late.follow('laid', 'other');
  await late.follow(undefined, 'other');
  expect((await box.all()).map(({ staysId }) => staysId)).toEqual(['newer']);
  await late.follow('newer', undefined);
  expect((await box.all()).map(({ staysId }) => staysId)).toEqual([undefined]);
});

test('of a draft of which every save was answered nothing is noted', async () => {
  const { late, box } = windowOf();
  await late.note({ id: 'd', digests: [] }, 'laid');
  expect(await box.all()).toEqual([]);
});

/** A relay with these messages, those that are no drafts in Sent; all under the Message-ID of the draft. */
function relayWith(some: Readonly<Record<string, Draft & { readonly isSent?: boolean }>>) {
  const there = new Map(Object.entries(some));
  const body = [{ partId: 'text', type: 'text/plain' }];
  const place = { from: { name: null, email: ME }, draftsId: 'drafts', nowMs: 0, textOfHtml: String };
  const toldOf = (id: string, draft: Draft & { readonly isSent?: boolean }): NewEmail & { readonly id: string } => {
    const { keywords, ...email } = emailOf(draft, place);
    const parts = { textBody: body, htmlBody: body, attachments: [] };
    return { ...email, id, keywords: draft.isSent === true ? {} : keywords, ...parts } as never;
  };
  const answers: Readonly<Record<string, (args: { ids?: string[]; destroy?: string[] }) => unknown>> = {
    'Email/query': () => ({ ids: [...there].filter(([, { isSent }]) => isSent !== true).map(([id]) => id) }),
    'Email/get': ({ ids }) => ({ list: [...there].flatMap(([id, one]) => (ids?.includes(id) === false ? [] : [toldOf(id, one)])) }),
    'Email/set'({ destroy = [] }) {
      for (const id of destroy) there.delete(id);
      return {};
    },
  };
  const jmap = {
    call: async (name: string, args: object) => answers[name]?.(args),
    batch: async (calls: readonly { name: string; args: object }[]) => calls.map(({ name, args }) => answers[name]?.(args)),
  } as unknown as Jmap;
  return { jmap, left: () => [...there.keys()] };
}

const LATER = { ...EARLIER, text: 'as it is' };
const THEIRS = { ...EARLIER, text: 'newer, from elsewhere' };

test.for<[string, string | undefined, Parameters<typeof relayWith>[0], readonly string[]]>([
  ['what counts of it is there', 'laid', { laid: LATER, late: EARLIER, theirs: THEIRS }, ['laid', 'theirs']],
  ['what counts of it says the same', 'laid', { laid: EARLIER, late: EARLIER }, ['laid']],
  ['it was sent', 'sent', { sent: { ...LATER, isSent: true }, late: EARLIER, theirs: THEIRS }, ['sent', 'theirs']],
  ['it was thrown away', undefined, { late: EARLIER, theirs: THEIRS }, ['theirs']],
  ['what counts of it was changed elsewhere, and says again what it said', 'laid', { again: EARLIER }, ['again']],
])('what got to Drafts late goes where %s, and nothing else', async ([, staysId, there, rest]) => {
  const { jmap, left } = relayWith(there);
  const places = async () => ({ draftsId: 'drafts', sentId: 'sent', identity: { id: 'i', name: 'Me', email: ME } });
  const late: LateDraft = { ...KEPT, messageIds: ['d'], address: ME, staysId, sinceMs: 0, againAtMs: 0 };
  await takeAwayLate(late, { jmap, places });
  expect(left()).toEqual(rest);
});
