/* Waits are kept as wall-clock times, which are wrong by days when the clock is set: forward only hurries, back would make mail wait. */
import type { Tx } from './tx.ts';

/** The clock was set back by `byMs`: what waits for `fromMs` or later waits that much shorter. Index recipient_due, recipient_unsure. */
export function shortenWaits(tx: Tx, setBack: { readonly byMs: number; readonly fromMs: number; readonly nowMs: number }): number {
  const { byMs, fromMs, nowMs } = setBack;
  tx.run('UPDATE sent_copies SET not_before_ms = max(?, not_before_ms - ?) WHERE not_before_ms >= ?', nowMs, byMs, fromMs);
  return tx.run(
    `UPDATE recipient SET not_before_ms = max(?, not_before_ms - ?) WHERE state IN ('queued', 'unsure') AND not_before_ms >= ?`,
    nowMs,
    byMs,
    fromMs,
  ).changes;
}

/** The same for what upstream has still to be told, which never waits longer than `longestMs` from now. A scan of what is open, which is little. */
export function shortenIntentWaits(tx: Tx, setBack: { readonly byMs: number; readonly nowMs: number; readonly longestMs: number }): void {
  const { byMs, nowMs, longestMs } = setBack;
  tx.run(
    `UPDATE intent SET not_before_ms = min(max(?, not_before_ms - ?), ?) WHERE state IN ('waiting', 'begun') AND not_before_ms > ?`,
    nowMs,
    byMs,
    nowMs + longestMs,
    nowMs,
  );
}

/** Nothing queued waits longer than until then. */
export function capWaits(tx: Tx, untilMs: number): number {
  tx.run('UPDATE sent_copies SET not_before_ms = ? WHERE not_before_ms > ?', untilMs, untilMs);
  return tx.run(`UPDATE recipient SET not_before_ms = ? WHERE state = 'queued' AND not_before_ms > ?`, untilMs, untilMs).changes;
}
