import { describe, expect, test } from 'vitest';
import { ago, ahead, minute, second, since, span } from './times.ts';

const NOW_MS = Date.parse('2026-11-23T07:12:30.500Z');
const at = (offsetMs: number) => new Date(NOW_MS + offsetMs).toISOString();
const H = 3_600_000;

describe('times for people', () => {
  test.each([
    [0, '0 s'],
    [119_000, '119 s'],
    [120_000, '2 min'],
    [2 * H - 1000, '120 min'],
    [2 * H, '2 h'],
    [47 * H, '47 h'],
    [72 * H, '3 d'],
  ])('%d ms are %s', (ms, text) => expect(span(ms)).toBe(text));

  test('what was is told with the clock of the log and the distance', () => {
    expect(since(at(-3 * H), NOW_MS)).toBe('2026-11-23 04:12 (3 h ago)');
    expect(since(null, NOW_MS)).toBe('-');
    expect(ago(at(-5000), NOW_MS)).toBe('just now');
  });

  test('a clock that was set back gives no negative distance', () => expect(ago(at(5000), NOW_MS)).toBe('just now'));

  test('what comes is told by its distance, and what is due by now', () => {
    expect(ahead(at(25_000), NOW_MS)).toBe('in 25 s');
    expect(ahead(at(1000), NOW_MS)).toBe('now');
    expect(ahead(at(-90_000), NOW_MS)).toBe('now');
    expect(ahead(null, NOW_MS)).toBe('-');
  });

  test('minutes and seconds are those of UTC', () => {
    expect(minute('2026-11-23T07:12:30.500Z')).toBe('2026-11-23 07:12');
    expect(second('2026-11-23T07:12:30.500Z')).toBe('2026-11-23 07:12:30');
  });
});
