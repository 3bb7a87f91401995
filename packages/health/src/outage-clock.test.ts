import { asId, type Outage } from '@stopgap/core';
import { describe, expect, test } from 'vitest';
import { countedMs } from './outage-clock.ts';

function outage(startMs: number, endMs?: number): Outage {
  return { path: asId.path('p'), startMs, ...(endMs === undefined ? {} : { endMs }), reason: { class: 'connect', text: 'refused' } };
}

describe('the outage clock', () => {
  test.each<[name: string, outages: readonly (readonly Outage[])[], from: number, to: number, counted: number]>([
    ['without an outage all time counts', [[]], 0, 100, 100],
    ['without a path all time counts', [], 0, 100, 100],
    ['the only path down does not count', [[outage(20, 50)]], 0, 100, 70],
    ['an open outage reaches to the end', [[outage(20)]], 0, 100, 20],
    ['an outage from before reaches in', [[outage(-50, 10)]], 0, 100, 90],
    ['one of two paths down counts', [[outage(0, 100)], []], 0, 100, 100],
    ['both paths down do not count while both are', [[outage(0, 60)], [outage(40)]], 0, 100, 80],
    ['many outages meet many', [[outage(0, 10), outage(20, 30), outage(40, 50)], [outage(5, 45)]], 0, 100, 80],
    ['three paths', [[outage(0, 90)], [outage(10, 80)], [outage(70)]], 0, 100, 90],
    ['outages that overlap after a clock went back count once', [[outage(10, 50), outage(30, 60)]], 0, 100, 50],
    ['an outage outside does not matter', [[outage(200, 300)]], 0, 100, 100],
    ['an outage without length does not matter', [[outage(50, 50)]], 0, 100, 100],
    ['all of it down counts nothing', [[outage(-5)], [outage(-10, 200)]], 0, 100, 0],
    ['a span that ends before it begins is empty', [[]], 100, 0, 0],
  ])('%s', (_name, outages, from, to, counted) => {
    expect(countedMs(outages, from, to)).toBe(counted);
  });
});
