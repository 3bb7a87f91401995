import { describe, expect, test } from 'vitest';
import { Slots } from './slots.ts';
import { WindowCounter } from './window-counter.ts';

describe('WindowCounter', () => {
  test('counts from the first until the window is over', () => {
    let now = 0;
    const counter = new WindowCounter({ withinMs: 100, elapsedMs: () => now });
    counter.add('a');
    now = 60;
    expect([counter.add('a'), counter.leftMs('a')]).toEqual([2, 40]);
    now = 100;
    expect([counter.count('a'), counter.leftMs('a'), counter.add('a')]).toEqual([0, 0, 1]);
  });

  test('forgets the oldest rather than growing without end', () => {
    const counter = new WindowCounter({ withinMs: 100, elapsedMs: () => 0 });
    for (let n = 0; n <= 100_000; n += 1) counter.add(String(n));
    expect([counter.count('0'), counter.count('1'), counter.count('100000')]).toEqual([0, 1, 1]);
  });
});

describe('Slots', () => {
  test('run so many at once, in order, and refuse what is too much', async () => {
    const slots = new Slots({ atOnce: 2, waiting: 1 });
    const order: string[] = [];
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const job = (name: string) => () => {
      order.push(name);
      return held;
    };
    const running = ['a', 'b', 'c'].map((name) => slots.run(job(name)));
    await expect(slots.run(job('d'))).rejects.toMatchObject({ kind: 'transient', code: 'busy' });
    expect(order).toEqual(['a', 'b']);
    release();
    await Promise.all(running);
    expect(order).toEqual(['a', 'b', 'c']);
  });

  test('a job that fails gives its slot back', async () => {
    const slots = new Slots({ atOnce: 1, waiting: 0 });
    await expect(slots.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await slots.run(() => Promise.resolve('next'))).toBe('next');
  });
});
