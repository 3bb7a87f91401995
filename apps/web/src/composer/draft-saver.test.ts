import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { DraftSaver, type SaveState } from './draft-saver.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function saverOf(answer: (content: string) => Promise<string>) {
  const saved: [string, string | undefined][] = [];
  const states: SaveState[] = [];
  const saver = new DraftSaver<string>({
    save(content, previousId) {
      saved.push([content, previousId]);
      return answer(content);
    },
    onState: (state) => states.push(state),
  });
  return { saver, saved, states };
}

const byContent = async (content: string): Promise<string> => `id of ${content}`;

test('it is saved a while after the last key, in the place of the one before', async () => {
  const { saver, saved, states } = saverOf(byContent);
  saver.change('a');
  await vi.advanceTimersByTimeAsync(1000);
  saver.change('ab');
  await vi.advanceTimersByTimeAsync(2400);
  expect(saved).toEqual([]);
  await vi.advanceTimersByTimeAsync(200);
  saver.change('abc');
  await vi.advanceTimersByTimeAsync(3000);
  expect(saved).toEqual([
    ['ab', undefined],
    ['abc', 'id of ab'],
  ]);
  expect([saver.id, saver.isDirty, states.at(-1)]).toEqual(['id of abc', false, 'saved']);
});

test('who never stops typing is saved all the same', async () => {
  const { saver, saved } = saverOf(byContent);
  for (let second = 0; second < 20; second += 1) {
    saver.change(`text ${second}`);
    await vi.advanceTimersByTimeAsync(1000);
  }
  expect(saved.length).toBeGreaterThan(0);
});

test('a save that fails is made again with the newest text', async () => {
  let isDown = true;
  const { saver, saved, states } = saverOf((content) => (isDown ? Promise.reject(new Error('down')) : byContent(content)));
  saver.change('a');
  await vi.advanceTimersByTimeAsync(3000);
  expect([states.at(-1), saver.isDirty]).toEqual(['failed', true]);
  isDown = false;
  saver.change('ab');
  await vi.advanceTimersByTimeAsync(11_000);
  expect(saved.at(-1)).toEqual(['ab', undefined]);
  expect(saver.id).toBe('id of ab');
});

test('one save at a time: what is typed meanwhile is saved after it, and flush waits for both', async () => {
  const first = Promise.withResolvers<string>();
  const { saver, saved } = saverOf((content) => (content === 'a' ? first.promise : byContent(content)));
  saver.change('a');
  const early = saver.flush();
  saver.change('ab');
  const flushed = saver.flush();
  expect(saved).toEqual([['a', undefined]]);
  first.resolve('id of a');
  await early;
  expect(await flushed).toBe('id of ab');
  expect(saved).toEqual([
    ['a', undefined],
    ['ab', 'id of a'],
  ]);
});

test('what was sent is not saved any more', async () => {
  const { saver, saved } = saverOf(byContent);
  saver.change('a');
  await saver.flush();
  saver.change('ab');
  saver.stop();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(saved).toEqual([['a', undefined]]);
});
