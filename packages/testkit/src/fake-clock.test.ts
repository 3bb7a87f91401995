import { describe, expect, test } from 'vitest';
import { FakeClock } from './fake-clock.ts';

describe('FakeClock', () => {
  test('ends waits in the order in which they fall due, at their own moment', async () => {
    const clock = new FakeClock(0);
    const seen: string[] = [];
    const note = (name: string) => () => seen.push(`${name} at ${clock.nowMs()}`);
    void clock.wait(30).then(note('late'));
    void clock.wait(10).then(note('early'));
    void clock.wait(10).then(note('early too'));
    await clock.advance(29);
    expect(seen).toEqual(['early at 10', 'early too at 10']);
    expect(clock.nowMs()).toBe(29);
    await clock.advance(1);
    expect(seen.at(-1)).toBe('late at 30');
  });

  test('ends waits that begin on the way', async () => {
    const clock = new FakeClock(0);
    let rounds = 0;
    const loop = async (): Promise<void> => {
      while (rounds < 5) {
        await clock.wait(10);
        rounds += 1;
      }
    };
    const running = loop();
    await clock.advance(49);
    expect(rounds).toBe(4);
    await clock.advance(1);
    await running;
    expect(rounds).toBe(5);
    expect(clock.pendingWaits).toBe(0);
  });

  test('an abort ends a wait at once and leaves nothing pending', async () => {
    const clock = new FakeClock(0);
    const stop = new AbortController();
    const waiting = clock.wait(1000, stop.signal);
    expect(clock.pendingWaits).toBe(1);
    stop.abort();
    await waiting;
    expect(clock.pendingWaits).toBe(0);
    await clock.wait(1000, stop.signal);
    expect(clock.nowMs()).toBe(0);
  });

  test('a jump of the wall clock ends no wait and delays none', async () => {
    const clock = new FakeClock(1000);
    let over = false;
    void clock.wait(10).then(() => (over = true));
    clock.jump(-500);
    await clock.advance(9);
    expect(over).toBe(false);
    await clock.advance(1);
    expect(over).toBe(true);
    expect(clock.nowMs()).toBe(510);
  });
});
