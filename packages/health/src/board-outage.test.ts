import { listOutages, loadPathHealth, type Store } from '@stopgap/store';
import { Board } from './index.ts';
import { describe, expect, test } from 'vitest';
import {
  refusedConnection,
  wrongPassword,
  tooFast,
  ann,
  ben,
  cleo,
  answered,
  smtp,
  webmail,
  smarthost,
  provider,
  bench,
  take,
  takeAll,
  breakDown,
} from './test-bench.ts';

describe('the clock of expiry', () => {
  test('stands still while every path is down', async () => {
    await using b = await bench();
    const both = [smtp.id, webmail.id];
    await breakDown(b.clock, b.board);
    await breakDown(b.clock, b.board, webmail);
    await b.clock.advance(70_000);
    expect(b.board.countedMs(both, 1_000_000, b.clock.nowMs())).toBe(15_000);
    expect(b.board.countedMs([...both, smarthost.id], 1_000_000, b.clock.nowMs())).toBe(100_000);
    expect(b.board.countedMs([smtp.id], 990_000, b.clock.nowMs())).toBe(10_000);
  });

  test('a clock that is set back makes no interval negative and leaves nothing stuck', async () => {
    await using b = await bench();
    await breakDown(b.clock, b.board);
    b.clock.jump(-900_000);
    expect(b.board.countedMs([smtp.id], b.clock.nowMs(), b.clock.nowMs() + 10)).toBe(10);
    b.board.probed(smtp.id, answered);
    b.board.probed(smtp.id, answered);
    expect(b.board.health(smtp.id).state).toBe('up');
    const [outage] = b.board.outages(0);
    expect(outage?.endMs).toBe(outage?.startMs);
    take(b.board).done({ kind: 'failed', reason: tooFast, retryAfterMs: 60_000 });
    b.clock.jump(-50_000);
    expect(b.board.room(smtp.id)).toBe(1);
    expect(b.board.nextChanceMs(smtp.id)).toBeUndefined();
  });
});

describe('the board on disk', () => {
  test('a restart keeps the outage and its start, and what ends it after the restart is kept too', async () => {
    await using b = await bench();
    await breakDown(b.clock, b.board);
    await b.clock.advance(60_000);
    const board = await b.reopen();
    expect(board.health(smtp.id)).toEqual({
      path: smtp.id,
      state: 'down',
      sinceMs: 1_000_000,
      reason: refusedConnection,
      watchedSinceMs: 1_000_000,
    });
    expect(board.permit(smtp.id)).toBeUndefined();
    board.probed(smtp.id, answered);
    expect(takeAll(board)).toHaveLength(1);
    expect(board.outages(0)).toEqual([{ path: smtp.id, startMs: 1_000_000, reason: refusedConnection }]);
    const again = await b.reopen();
    expect(again.health(smtp.id).state).toBe('down');
    again.probed(smtp.id, answered);
    again.probed(smtp.id, answered);
    const last = await b.reopen();
    expect(last.health(smtp.id).state).toBe('up');
    expect(last.outages(0)).toEqual([{ path: smtp.id, startMs: 1_000_000, endMs: 1_075_000, reason: refusedConnection }]);
  });

  test('a restart keeps since when a path is up', async () => {
    await using b = await bench();
    b.board.probed(smtp.id, answered);
    await b.clock.advance(60_000);
    const board = await b.reopen();
    board.probed(smtp.id, answered);
    expect(board.health(smtp.id)).toEqual({ path: smtp.id, state: 'up', sinceMs: 1_000_000, watchedSinceMs: 1_000_000 });
  });

  test('a restart in a lying outage lets a canary out at once', async () => {
    await using b = await bench();
    for (const account of [ann, ben]) take(b.board).done({ kind: 'failed', reason: wrongPassword, account });
    const board = await b.reopen();
    board.probed(smtp.id, answered);
    expect(board.health(smtp.id)).toMatchObject({ state: 'down', reason: wrongPassword });
    expect(takeAll(board)).toHaveLength(1);
    expect(board.believesAuthFailure(smtp.id, cleo)).toBe(false);
  });

  test('an outage of a path that is no longer configured is ended', async () => {
    await using b = await bench();
    await breakDown(b.clock, b.board);
    const board = await b.reopen([{ ...provider, outgoing: [webmail] }]);
    await board.close();
    expect(b.store.read((reader) => listOutages(reader, 0))).toMatchObject([{ path: smtp.id, endMs: 1_015_000 }]);
  });

  test('a row that makes no sense is a fresh start', async () => {
    await using b = await bench();
    await b.store.write((tx) => tx.run(`INSERT INTO path_health VALUES (?, 'down', 5, NULL, 'not json', 5)`, smtp.id));
    const board = await b.reopen();
    expect(board.health(smtp.id).state).toBe('unknown');
    expect(takeAll(board)).toHaveLength(4);
  });

  test('steady traffic writes nothing', async () => {
    await using b = await bench();
    let writes = 0;
    const counting: Store = { ...b.store, write: (job) => ((writes += 1), b.store.write(job)) };
    const board = await Board.open({ store: counting, clock: b.clock, random: () => 0.5, providers: [provider] });
    for (let i = 0; i < 500; i += 1) take(board).done({ kind: 'ok', account: ann });
    await board.close();
    expect(writes).toBe(1);
  });

  test('a store that fails throws nothing, is told to the log and gets everything later', async () => {
    await using b = await bench();
    let isFull = true;
    const warned: string[] = [];
    const flaky: Store = { ...b.store, write: (job) => (isFull ? Promise.reject(new Error('disk full')) : b.store.write(job)) };
    const log = { warn: (_fields: object, message: string) => void warned.push(message) };
    const board = await Board.open({ store: flaky, clock: b.clock, random: () => 0.5, providers: [provider], log });
    await breakDown(b.clock, board);
    await b.clock.advance(20_000);
    expect(warned.length).toBeGreaterThan(1);
    expect(board.health(smtp.id).state).toBe('down');
    isFull = false;
    await b.clock.advance(5000);
    expect(b.store.read((reader) => listOutages(reader, 0))).toHaveLength(1);
    expect(b.store.read((reader) => loadPathHealth(reader))).toMatchObject([{ path: smtp.id, state: 'down' }]);
    await board.close();
  });
});
