import type { Entry } from './board-entry.ts';
import { useOf } from './board-entry.ts';
import { canaryMayLeave } from './breaker.ts';
import { isPaused, providerRoom, roomIn } from './budget.ts';
import { isOver } from './hold.ts';

/** A store that just came back still lies for a while. */
const DOUBT_AFTER_OUTAGE_MS = 600_000;

/** How many attempts may start on this path now: the window's room, or one canary. */
export function roomOf(entry: Entry, nowMs: number): number {
  if (entry.breaker.kind === 'closed') return roomIn(entry.window, useOf(entry), nowMs);
  if (isPaused(entry.window, nowMs) || !canaryMayLeave(entry.breaker, nowMs)) return 0;
  return Math.min(1, providerRoom(useOf(entry)));
}

/** Always in the future; undefined: now, or at the next change. */
export function nextChanceOf(entry: Entry, nowMs: number): number | undefined {
  const pause = entry.window.pause;
  if (pause && !isOver(pause, nowMs)) return pause.sinceMs + pause.forMs;
  if (entry.breaker.kind !== 'open' || isOver(entry.breaker.hold, nowMs)) return undefined;
  const { hold } = entry.breaker;
  const everyMs = entry.settings.everyMs;
  const probeMs = Math.min(entry.lastProbeMs ?? nowMs, nowMs) + everyMs;
  return Math.min(hold.sinceMs + hold.forMs, probeMs > nowMs ? probeMs : nowMs + everyMs);
}

/** In an outage, failing, or not long out of it: not to be believed when it refuses a log-in. */
export function isTroubled(entry: Entry, nowMs: number): boolean {
  if (entry.breaker.kind !== 'closed' || entry.breaker.failures > 0) return true;
  const last = entry.outages.at(-1);
  return last?.endMs !== undefined && !isOver({ sinceMs: last.endMs, forMs: DOUBT_AFTER_OUTAGE_MS }, nowMs);
}
