import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { NoAnswer } from '../api/failures.ts';
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
  // It is still true, whatever is typed meanwhile.
  expect(states.at(-1)).toBe('failed');
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

test('what was sent is not saved any more, whatever still comes: a file that is up only now, a late key', async () => {
  const { saver, saved } = saverOf(byContent);
  saver.change('a');
  await saver.flush();
  saver.change('ab');
  saver.stop();
  saver.change('abc');
  await vi.advanceTimersByTimeAsync(60_000);
  expect([saved, await saver.flush()]).toEqual([[['a', undefined]], 'id of a']);
});

test('what was not taken is in hand again, in the place of what is there of it', async () => {
  const { saver, saved } = saverOf(byContent);
  saver.change('a');
  await saver.flush();
  saver.stop();
  saver.resume('laid');
  saver.change('ab');
  await vi.advanceTimersByTimeAsync(3000);
  expect(saved.at(-1)).toEqual(['ab', 'laid']);
});

test('a save that was under way when it was stopped is the last one, though it fails', async () => {
  const first = Promise.withResolvers<string>();
  const { saver, saved } = saverOf(() => first.promise);
  saver.change('a');
  await vi.advanceTimersByTimeAsync(3000);
  saver.stop();
  first.reject(new Error('down'));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(saved).toHaveLength(1);
});

test('a window that closes saves what there is, once: what is written later, elsewhere, is newer', async () => {
  const first = Promise.withResolvers<string>();
  const { saver, saved } = saverOf((content) => (content === 'a' ? first.promise : Promise.reject(new Error('down'))));
  saver.change('a');
  await vi.advanceTimersByTimeAsync(3000);
  saver.change('ab');
  void saver.finish();
  const idle = saver.idle();
  first.reject(new Error('down'));
  await idle;
  expect(saver.isDirty).toBe(false);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(saved).toEqual([
    ['a', undefined],
    ['ab', undefined],
  ]);
});

test('a flush that fails is no end: it is saved later', async () => {
  let isDown = true;
  const { saver, saved } = saverOf((content) => (isDown ? Promise.reject(new Error('down')) : byContent(content)));
  saver.change('a');
  await expect(saver.flush()).rejects.toThrow('down');
  isDown = false;
  await vi.advanceTimersByTimeAsync(11_000);
  expect([saved.length, saver.id]).toEqual([2, 'id of a']);
});

test('who closes a window does not wait for an answer that does not come: each save is cut off after a while', async () => {
  const reasons: unknown[] = [];
  const saver = new DraftSaver<string>({
    save: (_, __, cut) =>
      new Promise((_resolve, reject) =>
        cut.addEventListener('abort', () => {
          reasons.push(cut.reason);
          reject(cut.reason);
        }),
      ),
    onState: () => undefined,
  });
  saver.change('a');
  await vi.advanceTimersByTimeAsync(60_000);
  expect(reasons).toEqual([]);
  const flushed = expect(saver.flush(5000)).rejects.toThrow(NoAnswer);
  await vi.advanceTimersByTimeAsync(10_000);
  await flushed;
  expect([reasons.length, saver.isDirty, saver.isCut]).toEqual([2, true, true]);
});
