import { describe, expect, test } from 'vitest';
import { refusedConnection, answered, unreachable, ok, broken, smtp, webmail, bench, take, takeAll, breakDown } from './test-bench.ts';

describe('a path', () => {
  test('is unknown at first, and up after the first success of a probe or an attempt', async () => {
    await using b = await bench();
    expect(b.board.health(smtp.id)).toEqual({ path: smtp.id, state: 'unknown', sinceMs: 1_000_000 });
    await b.clock.advance(1000);
    b.board.probed(smtp.id, answered);
    expect(b.board.health(smtp.id)).toEqual({ path: smtp.id, state: 'up', sinceMs: 1_001_000, watchedSinceMs: 1_001_000 });
    take(b.board, webmail).done(ok);
    expect(b.board.health(webmail.id).state).toBe('up');
    expect(b.told).toEqual(['unknown -> up', 'unknown -> up']);
  });

  test('goes down by probes and attempts together, and the outage is dated back to the first failure', async () => {
    await using b = await bench();
    b.board.probed(smtp.id, answered);
    await b.clock.advance(5000);
    take(b.board).done(broken);
    await b.clock.advance(3000);
    b.board.probed(smtp.id, unreachable);
    expect(b.board.health(smtp.id)).toEqual({
      path: smtp.id,
      state: 'down',
      sinceMs: 1_005_000,
      reason: refusedConnection,
      watchedSinceMs: 1_000_000,
    });
    expect(b.board.outages(0)).toEqual([{ path: smtp.id, startMs: 1_005_000, reason: refusedConnection }]);
    expect(b.board.health(webmail.id).state).toBe('unknown');
    expect(b.board.permit(smtp.id)).toBeUndefined();
    expect(b.board.room(webmail.id)).toBe(4);
  });

  test('lets one canary out after it recovered, then starts slowly', async () => {
    await using b = await bench();
    await breakDown(b.clock, b.board);
    expect(takeAll(b.board)).toEqual([]);
    await b.clock.advance(15_000);
    b.board.probed(smtp.id, answered);
    expect(b.board.health(smtp.id).state).toBe('impaired');
    expect(b.board.room(smtp.id)).toBe(1);
    const [canary, ...others] = takeAll(b.board);
    expect(others).toEqual([]);
    canary?.done(ok);
    expect(b.board.health(smtp.id).state).toBe('up');
    const sizes: number[] = [];
    for (let round = 0; round < 6; round += 1) {
      const permits = takeAll(b.board);
      sizes.push(permits.length);
      for (const permit of permits) permit.done(ok);
    }
    expect(sizes).toEqual([1, 2, 4, 8, 16, 20]);
    expect(b.told).toEqual([
      'outage from 1000000: connect',
      'unknown -> down',
      'down -> impaired',
      'outage until 1030000',
      'impaired -> up',
    ]);
  });

  test('is down again when the canary does not come through, and the outage goes on', async () => {
    await using b = await bench();
    await breakDown(b.clock, b.board);
    b.board.probed(smtp.id, answered);
    take(b.board).done(broken);
    expect(b.board.health(smtp.id)).toMatchObject({ state: 'down', sinceMs: 1_000_000 });
    expect(b.board.outages(0)).toHaveLength(1);
    expect(b.board.permit(smtp.id)).toBeUndefined();
  });

  test('comes up by probes alone when no mail waits', async () => {
    await using b = await bench();
    await breakDown(b.clock, b.board);
    b.board.probed(smtp.id, answered);
    await b.clock.advance(15_000);
    b.board.probed(smtp.id, answered);
    expect(b.board.health(smtp.id).state).toBe('up');
    expect(b.board.outages(0)).toMatchObject([{ startMs: 1_000_000, endMs: 1_030_000 }]);
    expect(b.board.room(smtp.id)).toBe(1);
  });

  test('is never stuck: without any probe a canary is let out in the end', async () => {
    await using b = await bench();
    take(b.board).done(broken);
    take(b.board).done(broken);
    await b.clock.advance(299_999);
    expect(b.board.permit(smtp.id)).toBeUndefined();
    await b.clock.advance(1);
    take(b.board).done(ok);
    take(b.board).done(ok);
    expect(b.board.health(smtp.id).state).toBe('up');
  });

  test('is not troubled by refusals that are about the message', async () => {
    await using b = await bench();
    for (const reasonClass of ['recipient', 'content', 'quota', 'greylist', 'too-big', 'policy'] as const) {
      take(b.board).done({ kind: 'failed', reason: { class: reasonClass, text: 'no' } });
    }
    expect(b.board.health(smtp.id).state).toBe('up');
  });

  test('learns nothing from an attempt that was cancelled, nor from a canary that was', async () => {
    await using b = await bench();
    take(b.board).done({ kind: 'neutral' });
    expect(b.board.health(smtp.id).state).toBe('unknown');
    await breakDown(b.clock, b.board);
    b.board.probed(smtp.id, answered);
    take(b.board).done({ kind: 'failed', reason: { class: 'cancelled', text: 'we stop' } });
    expect(b.board.health(smtp.id).state).toBe('impaired');
    expect(b.board.room(smtp.id)).toBe(1);
  });

  test('is not judged by attempts that began before the outage', async () => {
    await using b = await bench();
    const [early, late] = takeAll(b.board);
    await breakDown(b.clock, b.board);
    b.board.probed(smtp.id, answered);
    early?.done(broken);
    expect(b.board.health(smtp.id).state).toBe('impaired');
    late?.done(ok);
    expect(b.board.health(smtp.id).state).toBe('impaired');
  });

  test('a permit that is given back twice counts once', async () => {
    await using b = await bench();
    const permit = take(b.board);
    permit.done({ kind: 'neutral' });
    permit.done({ kind: 'neutral' });
    expect(takeAll(b.board)).toHaveLength(4);
  });
});
