import type { Reason } from '@stopgap/core';
import { BLIND_CANARY_AFTER_MS, FRESH_BREAKER, type Breaker } from './breaker.ts';

/*
 * What a restart must know of a breaker, as JSON in `path_health.breaker`:
 *   { "kind": "closed", "seen": true }
 *   { "kind": "open", "startMs": 1767225600000, "reason": { "class": "connect", "text": "..." }, "needsLogin": false }
 * Half open is kept as open. Rows in a failure, canaries and holds are not kept: a restart looks for itself.
 */

export function textOfBreaker(breaker: Breaker): string {
  if (breaker.kind === 'closed') return JSON.stringify({ kind: 'closed', seen: breaker.seen });
  const needsLogin = breaker.kind === 'open' && breaker.needsLogin;
  return JSON.stringify({ kind: 'open', startMs: breaker.startMs, reason: breaker.reason, needsLogin });
}

/**
 * A text that makes no sense is a fresh breaker. One that was open waits for the probe that comes at once after a start; where a probe proves
 * nothing, a canary may leave at once.
 */
export function breakerOfText(text: string, nowMs: number): Breaker {
  const value = parsed(text);
  if (value?.['kind'] === 'closed') return { ...FRESH_BREAKER, seen: value['seen'] === true };
  if (value?.['kind'] !== 'open' || typeof value['startMs'] !== 'number') return FRESH_BREAKER;
  const reason = value['reason'];
  const needsLogin = value['needsLogin'] === true;
  return {
    kind: 'open',
    startMs: Math.min(value['startMs'], nowMs),
    reason: isReason(reason) ? reason : { class: 'connect', text: 'It was down before the restart.' },
    needsLogin,
    hold: { sinceMs: nowMs, forMs: needsLogin ? 0 : BLIND_CANARY_AFTER_MS },
  };
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function isReason(value: unknown): value is Reason {
  return typeof value === 'object' && value !== null && 'class' in value && 'text' in value && typeof value.text === 'string';
}
