/** Milliseconds in each unit, longest first. */
const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
] as const;

/** Ten years: beyond it nobody means it, and sums of dates stay exact. */
const LONGEST_MS = 10 * 365 * 86_400_000;

/** Milliseconds out of `500ms 30s 5m 2h 5d`, several joined as `1h30m`, fractions as `1.5h`. Undefined: not a duration, or over ten years. */
export function parseDuration(text: string): number | undefined {
  if (!/^(?:\d+(?:\.\d+)?(?:ms|[smhd]))+$/.test(text)) return undefined;
  let sumMs = 0;
  for (const [, amount = '', unit = ''] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g)) {
    const unitMs = UNITS.find(([name]) => name === unit)?.[1] ?? Number.NaN;
    sumMs += Number(amount) * unitMs;
  }
  return sumMs <= LONGEST_MS ? Math.round(sumMs) : undefined;
}

/** The shortest text that `parseDuration` reads back as the same: 5400000 -> `1h30m`. */
export function formatDuration(ms: number): string {
  let restMs = Math.round(ms);
  let text = '';
  for (const [unit, unitMs] of UNITS) {
    const count = Math.floor(restMs / unitMs);
    if (count > 0) text += `${count}${unit}`;
    restMs -= count * unitMs;
  }
  return text === '' ? '0s' : text;
}
