export interface Backoff {
  readonly firstMs: number;
  readonly factor: number;
  readonly longestMs: number;
}

/** A retry may come up to this share earlier or later than computed, so that a backlog does not return as one wave. */
const JITTER = 0.2;

/**
 * How long to wait before the next try.
 * @param tries how many have failed already; 1 after the first
 * @param random in [0, 1)
 */
export function backoffMs(backoff: Backoff, tries: number, random: number): number {
  const exponent = Math.min(Math.max(0, tries - 1), 64);
  const plain = Math.min(backoff.firstMs * backoff.factor ** exponent, backoff.longestMs);
  return Math.round(plain * (1 - JITTER + 2 * JITTER * random));
}
