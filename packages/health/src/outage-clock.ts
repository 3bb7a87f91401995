import type { Outage } from '@stopgap/core';

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * Milliseconds of [fromMs, toMs] that count for expiry: those in which at least one path was not down. Without any path all of them count.
 * @param outagesOfPaths one list for each path that could have taken the mail, each in order of start; an open outage reaches to `toMs`
 */
export function countedMs(outagesOfPaths: readonly (readonly Outage[])[], fromMs: number, toMs: number): number {
  if (toMs <= fromMs) return 0;
  const whole: Span = { fromMs, toMs };
  let allDown: readonly Span[] = outagesOfPaths.length === 0 ? [] : [whole];
  for (const outages of outagesOfPaths) {
    if (allDown.length === 0) break;
    allDown = common(allDown, joined(outages, whole));
  }
  return toMs - fromMs - allDown.reduce((sum, span) => sum + span.toMs - span.fromMs, 0);
}

/** The outages as spans within `whole` that neither overlap nor touch; a clock that was set back can make stored ones overlap. */
function joined(outages: readonly Outage[], whole: Span): Span[] {
  const spans: Span[] = [];
  const sorted = outages
    .map((outage) => ({ fromMs: Math.max(outage.startMs, whole.fromMs), toMs: Math.min(outage.endMs ?? whole.toMs, whole.toMs) }))
    .filter((span) => span.toMs > span.fromMs)
    .sort((a, b) => a.fromMs - b.fromMs);
  for (const span of sorted) {
    const last = spans.at(-1);
    if (last && span.fromMs <= last.toMs) spans[spans.length - 1] = { fromMs: last.fromMs, toMs: Math.max(last.toMs, span.toMs) };
    else spans.push(span);
  }
  return spans;
}

function common(some: readonly Span[], others: readonly Span[]): Span[] {
  const result: Span[] = [];
  let i = 0;
  let j = 0;
  for (;;) {
    const one = some[i];
    const other = others[j];
    if (!one || !other) return result;
    const span = { fromMs: Math.max(one.fromMs, other.fromMs), toMs: Math.min(one.toMs, other.toMs) };
    if (span.toMs > span.fromMs) result.push(span);
    if (one.toMs <= other.toMs) i += 1;
    else j += 1;
  }
}
