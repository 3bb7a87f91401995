import { describe, expect, test } from 'vitest';
import { tooFast, ann, answered, ok, smtp, webmail, smarthost, bench, take, takeAll, breakDown } from './test-bench.ts';

describe('the budget', () => {
  test('a backlog drains at full speed at once, without a timer in the way', async () => {
    await using b = await bench();
    let left = 10_000;
    let rounds = 0;
    while (left > 0) {
      const permits = takeAll(b.board);
      if (permits.length === 0) throw new Error('stuck');
      for (const permit of permits) permit.done({ kind: 'ok', account: ann });
      left -= permits.length;
      rounds += 1;
    }
    expect(rounds).toBeLessThanOrEqual(503);
    expect(b.clock.nowMs()).toBe(1_000_000);
  });

  test('honours Retry-After, then goes on with half the window', async () => {
    await using b = await bench();
    for (let round = 0; round < 6; round += 1) for (const permit of takeAll(b.board)) permit.done(ok);
    const permits = takeAll(b.board);
    expect(permits).toHaveLength(20);
    for (const permit of permits) permit.done({ kind: 'failed', reason: tooFast, retryAfterMs: 60_000 });
    expect(b.board.health(smtp.id)).toMatchObject({ state: 'impaired', reason: tooFast });
    expect(b.board.nextChanceMs(smtp.id)).toBe(1_060_000);
    await b.clock.advance(59_999);
    expect(b.board.permit(smtp.id)).toBeUndefined();
    await b.clock.advance(1);
    expect(b.board.nextChanceMs(smtp.id)).toBeUndefined();
    expect(b.board.room(smtp.id)).toBe(10);
    b.board.probed(smtp.id, answered);
    expect(b.board.health(smtp.id).state).toBe('up');
    expect(b.board.outages(0)).toEqual([]);
  });

  test('slows down longer each time it is told to without being told for how long', async () => {
    await using b = await bench();
    const pauses: number[] = [];
    for (let time = 0; time < 3; time += 1) {
      take(b.board).done({ kind: 'failed', reason: tooFast });
      const pauseMs = (b.board.nextChanceMs(smtp.id) ?? 0) - b.clock.nowMs();
      pauses.push(pauseMs);
      await b.clock.advance(pauseMs);
    }
    expect(pauses).toEqual([5000, 10_000, 20_000]);
  });

  test('all paths of a provider share one budget, a smarthost has its own', async () => {
    await using b = await bench();
    for (let round = 0; round < 6; round += 1) for (const permit of takeAll(b.board)) permit.done(ok);
    for (let round = 0; round < 6; round += 1) for (const permit of takeAll(b.board, webmail)) permit.done(ok);
    const own = takeAll(b.board, webmail);
    expect(own).toHaveLength(10);
    expect(takeAll(b.board)).toHaveLength(10);
    expect(b.board.room(smarthost.id)).toBe(4);
    own[0]?.done(ok);
    expect(b.board.room(smtp.id)).toBe(1);
  });
});

describe('whoever waits', () => {
  test('is told of a change once, however much changed, until the subscription ends', async () => {
    await using b = await bench();
    let calls = 0;
    const stop = b.board.onChange(() => (calls += 1));
    for (const permit of takeAll(b.board)) permit.done(ok);
    await b.clock.advance(0);
    expect(calls).toBe(1);
    b.board.probed(webmail.id, answered);
    await b.clock.advance(0);
    expect(calls).toBe(2);
    stop();
    take(b.board).done(ok);
    await b.clock.advance(0);
    expect(calls).toBe(2);
  });

  test('is told when to ask again: at the next probe while down', async () => {
    await using b = await bench();
    await breakDown(b.clock, b.board);
    expect(b.board.nextChanceMs(smtp.id)).toBe(b.clock.nowMs() + 15_000);
    await b.clock.advance(20_000);
    expect(b.board.nextChanceMs(smtp.id)).toBeGreaterThan(b.clock.nowMs());
  });
});
