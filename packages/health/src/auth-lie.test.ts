import { asId } from '@stopgap/core';
import { describe, expect, test } from 'vitest';
import { LoginLedger } from './auth-lie.ts';

const path = asId.path('alice outgoing smtp smtp.alice.test:587');
const other = asId.path('alice incoming imap imap.alice.test:993');
const ann = asId.account('ann@alice.test');
const ben = asId.account('ben@alice.test');
const HOUR_MS = 3_600_000;

function manyWorked(ledger: LoginLedger, count: number): void {
  for (let i = 0; i < count; i += 1) ledger.worked(asId.account(`user${i}@alice.test`), 0);
}

describe('the log-in ledger', () => {
  test('one account that is refused is not doubted for its own sake', () => {
    const ledger = new LoginLedger();
    ledger.refused(path, ann, 0);
    ledger.refused(path, ann, 1);
    expect(ledger.doubts(ann, 2)).toBe(false);
    expect(ledger.doubts(ben, 2)).toBe(true);
    expect(ledger.doubts(undefined, 2)).toBe(true);
  });

  test('another account that is refused casts doubt until it gets in again', () => {
    const ledger = new LoginLedger();
    ledger.refused(other, ben, 0);
    expect(ledger.doubts(ann, 1)).toBe(true);
    expect(ledger.worked(ben, 2)).toBe(true);
    expect(ledger.doubts(ann, 3)).toBe(false);
  });

  test('refusals are forgotten after an hour', () => {
    const ledger = new LoginLedger();
    ledger.refused(path, ben, 0);
    expect(ledger.doubts(ann, HOUR_MS - 1)).toBe(true);
    expect(ledger.doubts(ann, HOUR_MS)).toBe(false);
  });

  test('among many that get in, a few outdated passwords cast no doubt', () => {
    const ledger = new LoginLedger();
    manyWorked(ledger, 100);
    ledger.refused(path, ben, 0);
    expect(ledger.doubts(ann, 1)).toBe(false);
    for (let i = 0; i < 10; i += 1) ledger.refused(path, asId.account(`shard${i}@alice.test`), 1);
    expect(ledger.doubts(ann, 2)).toBe(true);
  });

  test('two refused accounts impair the path that refused them, one does not', () => {
    const ledger = new LoginLedger();
    ledger.refused(path, ann, 0);
    expect(ledger.impairs(path, 1)).toBe(false);
    ledger.refused(path, ben, 1);
    expect(ledger.impairs(path, 2)).toBe(true);
    expect(ledger.impairs(other, 2)).toBe(false);
  });

  test('a flood of refused accounts is remembered only in part', () => {
    const ledger = new LoginLedger();
    ledger.refused(path, ann, 0);
    for (let i = 0; i < 1024; i += 1) ledger.refused(path, asId.account(`user${i}@alice.test`), 1);
    expect(ledger.worked(ann, 2)).toBe(false);
    expect(ledger.worked(asId.account('user1023@alice.test'), 2)).toBe(true);
  });
});
