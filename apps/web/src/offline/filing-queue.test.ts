import { expect, test } from 'vitest';
import { HttpFailure, MethodFailure, NoAnswer } from '../api/failures.ts';
import type { Line } from '../api/lists.ts';
import { memoryBoxes } from './box.ts';
import { FilingQueue, type FilingQueueOptions, type FilingsCarried } from './filing-queue.ts';
import type { Filing } from './filing.ts';
import { turnsOfOneBrowser } from './test-bench.ts';

const ME = 'me@alice.test';

function filing(id: string, some: Partial<Filing> = {}): Filing {
  const steps = [{ id: `message of ${id}`, from: 'inbox', to: 'archive', keywords: {}, wasUnread: false }];
  return { id, address: ME, atMs: 0, steps, lines: [], isUnderWay: false, ...some };
}

/** A queue and what came of it. @param relay what the relay says to each */
function queueOf(relay: FilingQueueOptions['carry'], some: Partial<FilingQueueOptions> = {}) {
  const box = memoryBoxes().filings;
  const log: string[] = [];
  const news: FilingsCarried[] = [];
  const options = {
    address: ME,
    box,
    turns: turnsOfOneBrowser(),
    async carry(one: Filing) {
      log.push(`carried ${one.id}`);
      return relay(one);
    },
    async onFiled({ id }: Filing) {
      log.push(`shown ${id}, kept: ${String((await box.get(id)) !== undefined)}`);
    },
    async onCarried(carried: FilingsCarried) {
      news.push(carried);
    },
    mayKeepMail: () => true,
    isCutOff: () => false,
    ...some,
  };
  const open = (): FilingQueue => {
    const queue: FilingQueue = new FilingQueue(options, () => queue.look());
    return queue;
  };
  const queue = open();
  return { queue, open, box, log, news, ids: () => queue.waiting.map(({ id }) => id) };
}

const offline = () => Promise.reject(new NoAnswer('offline'));

test('it is kept before it is carried, and what is shown is so before it waits no more', async () => {
  const { queue, log, news, ids } = queueOf(async () => []);
  await queue.file(filing('a'));
  await queue.untilCarried();
  expect([log, ids()]).toEqual([['carried a', 'shown a, kept: true'], []]);
  expect(news).toEqual([{ refused: [], hadWaited: false }]);
});

test('without an answer it waits, and goes in its order when there is one', async () => {
  let isUp = false;
  const { queue, log, news, ids } = queueOf(async () => (isUp ? [] : offline()));
  for (const id of ['c', 'a', 'b']) await queue.file(filing(id));
  await expect(queue.untilCarried()).rejects.toThrow(NoAnswer);
  expect([ids(), queue.isHeldUp]).toEqual([['c', 'a', 'b'], true]);
  isUp = true;
  log.length = 0;
  await queue.carry();
  expect(log.filter((line) => line.startsWith('carried'))).toEqual(['carried c', 'carried a', 'carried b']);
  expect([ids(), queue.isHeldUp, news.at(-1)]).toEqual([[], false, { refused: [], hadWaited: true }]);
});

test('nothing overtakes what waits', async () => {
  let answers = 0;
  const { queue, log } = queueOf(async () => {
    answers += 1;
    if (answers === 1) throw new HttpFailure(502, '');
    return [];
  });
  await queue.file(filing('a'));
  await queue.file(filing('b'));
  await queue.untilCarried();
  expect(log.filter((line) => line.startsWith('carried'))).toEqual(['carried a', 'carried a', 'carried b']);
});

test('what has not left this device is taken back without a trace', async () => {
  const { queue, box, log, ids } = queueOf(offline, { isCutOff: () => true });
  await queue.file(filing('a'));
  await expect(queue.untilCarried()).rejects.toThrow();
  log.length = 0;
  await queue.unfile('a', filing('not a'));
  expect([ids(), await box.all(), log]).toEqual([[], [], []]);
});

test('what the relay may have is undone by its opposite, after it', async () => {
  let isUp = false;
  const { queue, log, ids } = queueOf(async () => (isUp ? [] : offline()));
  await queue.file(filing('a'));
  await expect(queue.untilCarried()).rejects.toThrow();
  await queue.unfile('a', filing('not a'));
  expect(ids()).toEqual(['a', 'not a']);
  isUp = true;
  log.length = 0;
  await queue.untilCarried();
  await queue.unfile('a', filing('not a either'));
  await queue.untilCarried();
  expect(log.filter((line) => line.startsWith('carried'))).toEqual(['carried a', 'carried not a', 'carried not a either']);
});

test('what is refused waits no more, and is told; what comes after it goes on', async () => {
  const { queue, news, ids } = queueOf(async ({ id, steps }) => {
    if (id === 'b') throw new MethodFailure('invalidArguments', 'No.');
    return id === 'a' ? steps.map((step) => ({ step, type: 'notFound', detail: '' })) : [];
  });
  for (const id of ['a', 'b', 'c']) await queue.file(filing(id));
  await queue.untilCarried();
  expect(ids()).toEqual([]);
  const told = news.flatMap(({ refused }) => refused.map(({ step, type, detail }) => [step.id, type, detail]));
  expect(told).toEqual([
    ['message of a', 'notFound', ''],
    ['message of b', 'invalidArguments', 'No.'],
  ]);
});

test.each([
  ['a relay that is busy', new MethodFailure('serverUnavailable', '')],
  ['a page of somebody else’s in between', new HttpFailure(403, '')],
  ['an answer that is none', new SyntaxError('no JSON')],
])('%s is no refusal', async (_, error) => {
  const { queue, ids } = queueOf(() => Promise.reject(error));
  await queue.file(filing('a'));
  await expect(queue.untilCarried()).rejects.toThrow();
  expect(ids()).toEqual(['a']);
});

test('what somebody else has left in this browser is neither shown nor carried', async () => {
  const { queue, box, log, ids } = queueOf(async () => []);
  await box.put(filing('theirs', { address: 'other@alice.test' }));
  await queue.file(filing('mine'));
  await queue.untilCarried();
  expect([log[0], log.length, ids(), (await box.all()).map(({ id }) => id)]).toEqual(['carried mine', 2, [], ['theirs']]);
});

test('two windows of one browser carry it once, also what a window that is gone had begun', async () => {
  const { queue, open, box, log } = queueOf(async () => []);
  for (const [index, id] of ['a', 'b', 'c'].entries()) await box.put(filing(id, { atMs: index + 1, isUnderWay: index === 0 }));
  const other = open();
  await Promise.all([queue.untilCarried(), other.untilCarried()]);
  expect(log.filter((line) => line.startsWith('carried'))).toEqual(['carried a', 'carried b', 'carried c']);
});

test('who gives up on what waits has it no more', async () => {
  const { queue, box, ids } = queueOf(offline);
  await queue.file(filing('a'));
  await expect(queue.untilCarried()).rejects.toThrow();
  await queue.drop();
  expect([ids(), await box.all(), queue.isHeldUp]).toEqual([[], [], false]);
});

test('what the relay has is shown on until what is on the screen says it, too; what it refused is not', async () => {
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  const { queue } = queueOf(async ({ id, steps }) => (id === 'b' ? steps.map((step) => ({ step, type: 'notFound', detail: '' })) : []), {
    onCarried: () => asked,
  });
  await queue.file(filing('a'));
  await queue.file(filing('b'));
  await queue.untilCarried();
  expect([queue.waiting, queue.shown.flatMap(({ steps }) => steps.map(({ id }) => id))]).toEqual([[], ['message of a']]);
  resolve();
  await expect.poll(() => queue.shown).toEqual([]);
});

test('how messages looked is not kept where no mail is', async () => {
  const { queue, box } = queueOf(offline, { mayKeepMail: () => false });
  await queue.file(filing('a', { lines: [{ key: 'line' } as Line] }));
  expect((await box.get('a'))?.lines).toEqual([]);
});
