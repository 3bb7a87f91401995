import type { Board, Permit } from '@stopgap/health';
import { type AttemptId, type Backoff, type Path, type Provider } from '@stopgap/core';
import {
  attemptsOf,
  dueRecipientsOf,
  dueSubmissions,
  findSubmission,
  insertAttempt,
  leaseRecipient,
  postponeRecipient,
  type RecipientRow,
  type Store,
  type SubmissionRow,
  type Tx,
} from '@stopgap/store';
import { isAboutRoute, plan, type PastAttempt, type RouteState } from './plan.ts';

/** Longer than any attempt may take (see attempt.ts), so that in a living process no lease runs out under its holder. */
const LEASE_MS = 30 * 60 * 1000;
/** Attempts started by one claim; bounds its transaction. */
const CLAIM_AT_ONCE = 50;
/** Of one submission; enough to know how long each of its routes should rest. */
const ATTEMPTS_LOOKED_AT = 40;
/** A message whose own route is full steps aside for so long, when others could go by another route. */
const STEP_ASIDE_MS = 1000;

export interface Claimed {
  readonly submission: SubmissionRow;
  readonly recipients: readonly RecipientRow[];
  readonly attempt: AttemptId;
  readonly path: Path;
  readonly permit: Permit;
  readonly startedAtMs: number;
}

interface ClaimOptions {
  readonly store: Store;
  readonly board: Board;
  readonly backoff: Backoff;
  readonly random: () => number;
  readonly nowMs: number;
}

/**
 * Takes due work of one provider: leases the recipients and writes the attempts, in one transaction, so that every attempt is on record before
 * it is made. Empty when nothing is due or no path has room.
 */
export async function claim(provider: Provider, options: ClaimOptions): Promise<readonly Claimed[]> {
  const { board, store } = options;
  const room = () => provider.outgoing.reduce((sum, path) => sum + board.room(path.id), 0);
  if (room() === 0) return [];
  let claimed: Claimed[] = [];
  try {
    await store.write((tx) => {
      for (const id of dueSubmissions(tx, provider.name, options.nowMs, CLAIM_AT_ONCE)) {
        if (room() === 0) break;
        const submission = findSubmission(tx, id);
        const recipients = dueRecipientsOf(tx, id, options.nowMs);
        if (!submission || recipients.length === 0) continue;
        const decision = plan({
          // What was held waits from its release on (`releaseHeld`).
          acceptedAtMs: Math.max(...recipients.map((recipient) => recipient.acceptedAtMs)),
          failures: failuresOf(tx, recipients, options.nowMs),
          routes: routeStates(provider, board),
          nowMs: options.nowMs,
          backoff: options.backoff,
          random: options.random(),
        });
        if (decision.kind === 'try') {
          const path = provider.outgoing.find((one) => one.id === decision.route);
          const permit = path && board.permit(path.id);
          if (path && permit) claimed.push({ ...lease(tx, submission, recipients, { path, nowMs: options.nowMs }), path, permit });
          continue;
        }
        if (decision.kind === 'idle') continue;
        const untilMs = decision.kind === 'busy' ? options.nowMs + STEP_ASIDE_MS : decision.untilMs;
        for (const recipient of recipients) postponeRecipient(tx, recipient.id, untilMs);
      }
    });
  } catch (error) {
    for (const one of claimed) one.permit.done({ kind: 'neutral' });
    claimed = [];
    throw error;
  }
  return claimed;
}

function lease(
  tx: Tx,
  submission: SubmissionRow,
  due: readonly RecipientRow[],
  by: { readonly path: Path; readonly nowMs: number },
): Omit<Claimed, 'path' | 'permit'> {
  const attempt = insertAttempt(tx, { submission: submission.id, route: by.path.id, startedAtMs: by.nowMs });
  const recipients = due.filter((one) => leaseRecipient(tx, one.id, { attempt, route: by.path.id, untilMs: by.nowMs + LEASE_MS }));
  return { submission, recipients, attempt, startedAtMs: by.nowMs };
}

/** What counts against a route: attempts since a person last asked for a new try, that failed for the route's sake and not the recipient's. */
function failuresOf(tx: Tx, recipients: readonly RecipientRow[], nowMs: number): PastAttempt[] {
  const [first] = recipients;
  if (!first || recipients.every((recipient) => recipient.tries === 0)) return [];
  const sinceMs = recipients.reduce((latest, recipient) => Math.max(latest, recipient.retriedAtMs ?? 0), 0);
  return attemptsOf(tx, first.submission, ATTEMPTS_LOOKED_AT).flatMap((attempt) => {
    const reason = attempt.result?.reason;
    // One that ends in the future is from before the clock was set back: resting after it would last as long.
    if (!reason || attempt.endedAtMs === undefined || attempt.endedAtMs < sinceMs || attempt.endedAtMs > nowMs) return [];
    return !isAboutRoute(reason) ? [] : [{ route: attempt.route, endedAtMs: attempt.endedAtMs, reasonClass: reason.class }];
  });
}

function routeStates(provider: Provider, board: Board): RouteState[] {
  return provider.outgoing.map((path) => {
    const health = board.health(path.id);
    const nextChanceMs = board.nextChanceMs(path.id);
    return {
      path: path.id,
      state: health.state,
      sinceMs: health.sinceMs,
      room: board.room(path.id),
      ...(nextChanceMs === undefined ? {} : { nextChanceMs }),
      afterMs: path.kind === 'smarthost' ? path.afterMs : 0,
    };
  });
}
