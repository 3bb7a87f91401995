import { describe, expect, test } from 'vitest';
import { freshWindow, grown, isPaused, recoveredWindow, roomIn, shrunk, slowedDown, type Window } from './budget.ts';

const idle = { inUse: 0, providerInUse: 0, providerLimit: 100 };
const pause = { sinceMs: 0, forMs: 1000 };

function grownBy(window: Window, successes: number): Window {
  let result = window;
  for (let i = 0; i < successes; i += 1) result = grown(result);
  return result;
}

describe('the window', () => {
  test('starts small on an unknown path and never above its limit', () => {
    expect(roomIn(freshWindow(20), idle, 0)).toBe(4);
    expect(roomIn(freshWindow(2), idle, 0)).toBe(2);
  });

  test('starts with one after an outage and adds one for each success', () => {
    const recovered = recoveredWindow(grownBy(freshWindow(20), 100));
    expect([0, 1, 2, 18, 19, 50].map((successes) => roomIn(grownBy(recovered, successes), idle, 0))).toEqual([1, 2, 3, 19, 20, 20]);
  });

  test('is halved when told to slow down, and grows only slowly from there', () => {
    const full = grownBy(freshWindow(20), 16);
    const slow = slowedDown(full, pause, 20, 20);
    expect(roomIn(slow, idle, 1000)).toBe(10);
    expect(roomIn(grownBy(slow, 9), idle, 1000)).toBe(10);
    expect(roomIn(grownBy(slow, 11), idle, 1000)).toBe(11);
  });

  test('is halved once by one wave of slow-downs, again by the next', () => {
    let window = grownBy(freshWindow(20), 16);
    for (let permit = 1; permit <= 20; permit += 1) window = slowedDown(window, pause, permit, 20);
    expect(roomIn(window, idle, 1000)).toBe(10);
    expect(window.slowDowns).toBe(1);
    window = slowedDown(window, pause, 21, 25);
    expect(roomIn(window, idle, 1000)).toBe(5);
    expect(window.slowDowns).toBe(2);
  });

  test('never shrinks below one', () => {
    let window = freshWindow(4);
    for (let permit = 1; permit <= 10; permit += 1) window = shrunk(window, permit, permit);
    expect(roomIn(window, idle, 0)).toBe(1);
  });

  test('gives nothing during a pause, and the longer of two pauses holds', () => {
    const twice = slowedDown(slowedDown(freshWindow(4), { sinceMs: 0, forMs: 5000 }, 1, 1), { sinceMs: 100, forMs: 1000 }, 2, 2);
    expect(roomIn(twice, idle, 4999)).toBe(0);
    expect(roomIn(twice, idle, 5000)).toBe(1);
  });

  test('a clock that is set back ends a pause', () => {
    expect(isPaused(slowedDown(freshWindow(4), { sinceMs: 9_000_000, forMs: 1000 }, 1, 1), 5)).toBe(false);
  });

  test('what the provider as a whole has in use leaves less room', () => {
    expect(roomIn(freshWindow(4), { inUse: 1, providerInUse: 8, providerLimit: 10 }, 0)).toBe(2);
    expect(roomIn(freshWindow(4), { inUse: 0, providerInUse: 12, providerLimit: 10 }, 0)).toBe(0);
  });
});
