/** A server that asks for more than this is not believed: it would park the mail. */
const LONGEST_WAIT_MS = 24 * 60 * 60 * 1000;

const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };

const HINT =
  /\b(?:again|retry|wait|back|greylisted|delay(?:ed)?)\b[^\d]{0,40}?(\d{1,6})\s{0,3}(s|sec|secs|seconds?|m|min|mins|minutes?|h|hours?)\b/i;
const CLOCK_HINT = /\b(?:again|retry|wait)\b[^\d]{0,40}?(\d\d):(\d\d):(\d\d)\b/i;

/** The wait a refusal asks for: "try again in 5 minutes", "retry in 00:05:00". Undefined when it names none. */
export function retryAfterMs(text: string): number | undefined {
  const clock = CLOCK_HINT.exec(text);
  if (clock !== null) return bounded((Number(clock[1]) * 3600 + Number(clock[2]) * 60 + Number(clock[3])) * 1000);
  const hint = HINT.exec(text);
  if (hint === null) return undefined;
  return bounded(Number(hint[1]) * (UNIT_MS[(hint[2] ?? 's').charAt(0).toLowerCase()] ?? 1000));
}

function bounded(ms: number): number | undefined {
  return ms > 0 ? Math.min(ms, LONGEST_WAIT_MS) : undefined;
}
