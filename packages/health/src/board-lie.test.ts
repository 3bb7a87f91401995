import { type Board } from './index.ts';
import { describe, expect, test } from 'vitest';
import { wrongPassword, ann, ben, cleo, answered, smtp, webmail, smarthost, bench, take, takeAll, breakDown } from './test-bench.ts';

describe('an outage that lies about passwords', () => {
  async function lie(board: Board): Promise<void> {
    for (const account of [ann, ben]) take(board).done({ kind: 'failed', reason: wrongPassword, account });
    await Promise.resolve();
  }

  test('is an outage as soon as two accounts are refused and none gets in', async () => {
    await using b = await bench();
    b.board.probed(smtp.id, answered);
    take(b.board).done({ kind: 'failed', reason: wrongPassword, account: ann });
    expect(b.board.health(smtp.id).state).toBe('up');
    await b.clock.advance(10_000);
    b.board.probed(smtp.id, answered);
    b.board.authFailed(smtp.id, ben, wrongPassword);
    expect(b.board.health(smtp.id)).toEqual({
      path: smtp.id,
      state: 'down',
      sinceMs: 1_000_000,
      reason: wrongPassword,
      watchedSinceMs: 1_000_000,
    });
    expect(b.board.outages(0)).toEqual([{ path: smtp.id, startMs: 1_000_000, reason: wrongPassword }]);
  });

  test('is not ended by probes; one canary an interval finds its end', async () => {
    await using b = await bench();
    await lie(b.board);
    for (let i = 0; i < 4; i += 1) b.board.probed(smtp.id, answered);
    expect(b.board.health(smtp.id).state).toBe('down');
    expect(b.board.permit(smtp.id)).toBeUndefined();
    await b.clock.advance(15_000);
    const [canary, ...others] = takeAll(b.board);
    expect(others).toEqual([]);
    canary?.done({ kind: 'failed', reason: wrongPassword, account: ann });
    expect(b.board.health(smtp.id).state).toBe('down');
    await b.clock.advance(15_000);
    take(b.board).done({ kind: 'ok', account: cleo });
    expect(b.board.health(smtp.id).state).toBe('impaired');
    b.board.probed(smtp.id, answered);
    expect(b.board.outages(0)).toMatchObject([{ endMs: 1_030_000 }]);
  });

  test('law 14: a refusal is not believed during an outage of the provider, nor just after it', async () => {
    await using b = await bench();
    expect(b.board.believesAuthFailure(smtp.id, ann)).toBe(true);
    await breakDown(b.clock, b.board, webmail);
    expect(b.board.believesAuthFailure(smtp.id, ann)).toBe(false);
    expect(b.board.believesAuthFailure(smarthost.id, ann)).toBe(true);
    b.board.probed(webmail.id, answered);
    b.board.probed(webmail.id, answered);
    expect(b.board.health(webmail.id).state).toBe('up');
    expect(b.board.believesAuthFailure(smtp.id, ann)).toBe(false);
    await b.clock.advance(600_000);
    expect(b.board.believesAuthFailure(smtp.id, ann)).toBe(true);
  });

  test('law 14: a refusal is not believed while other accounts are refused too', async () => {
    await using b = await bench();
    take(b.board).done({ kind: 'failed', reason: wrongPassword, account: ann });
    expect(b.board.believesAuthFailure(smtp.id, ann)).toBe(true);
    take(b.board).done({ kind: 'ok', account: cleo });
    take(b.board).done({ kind: 'failed', reason: wrongPassword, account: ben });
    expect(b.board.believesAuthFailure(smtp.id, ann)).toBe(false);
    expect(b.board.believesAuthFailure(webmail.id)).toBe(false);
    b.board.authWorked(webmail.id, ben);
    expect(b.board.believesAuthFailure(smtp.id, ann)).toBe(true);
  });

  test('a path that refuses some accounts and takes others is impaired', async () => {
    await using b = await bench();
    take(b.board).done({ kind: 'failed', reason: wrongPassword, account: ann });
    take(b.board).done({ kind: 'ok', account: cleo });
    take(b.board).done({ kind: 'failed', reason: wrongPassword, account: ben });
    expect(b.board.health(smtp.id)).toMatchObject({ state: 'impaired', reason: { class: 'auth' } });
    take(b.board).done({ kind: 'ok', account: ben });
    expect(b.board.health(smtp.id).state).toBe('up');
  });
});
