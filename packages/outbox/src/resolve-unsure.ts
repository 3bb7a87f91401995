/*
 * What becomes of an attempt whose end nobody knows, once its settle time is over:
 *   a route with a witness (webmail) looks into Sent: sent -> delivered; proven not sent -> queued; can not look now, or the webmail said that it does not
 *   know itself -> later again;
 *   a route without one (plain SMTP) -> queued, with the same Message-ID, `unsure.retries` times, as RFC 5321 4.5.4.1 has it: loss is worse than a second
 *   copy; after that, or when the route is gone from the configuration, or a person has cancelled it meanwhile, a person decides.
 * What a person has cancelled is not queued again: proven not sent, it is cancelled (states.ts).
 */
import type { AttemptId, Route, SentVerdict, SubmissionId } from '@stopgap/core';
import {
  cancelAskedOf,
  dueUnsure,
  findAttempt,
  findSubmission,
  finishIfAllFinal,
  noteSentCopies,
  postponeUnsure,
  type AttemptRow,
  type RecipientRow,
  type SubmissionRow,
  type Tx,
} from '@stopgap/store';
import type { Deps } from './deps.ts';
import { witnessOf } from './job.ts';
import { moveTo } from './states.ts';

const LOOKED_AT_ONCE = 20;
const LOOK_LIMIT_MS = 5 * 60 * 1000;
/** Where only a person can decide, it is looked at again so seldom (the configuration may have changed). */
const PERSON_DECIDES_MS = 24 * 60 * 60 * 1000;

/** Settles what is due, one look for each attempt. */
export async function resolveUnsure(deps: Deps, signal: AbortSignal): Promise<void> {
  const due = deps.store.read((reader) => dueUnsure(reader, deps.clock.nowMs(), LOOKED_AT_ONCE));
  const attempts = Map.groupBy(
    due.filter((recipient) => recipient.attempt !== undefined),
    (recipient) => recipient.attempt as AttemptId,
  );
  for (const [id, recipients] of attempts) {
    if (signal.aborted) return;
    try {
      await resolveOne(id, recipients, deps, signal);
    } catch (error) {
      deps.log.error('an unsure attempt could not be looked into; trying again later', { attempt: id, error });
    }
  }
}

async function resolveOne(id: AttemptId, recipients: readonly RecipientRow[], deps: Deps, signal: AbortSignal): Promise<void> {
  const { attempt, submission } = deps.store.read((reader) => {
    const attempt = findAttempt(reader, id);
    return { attempt, submission: attempt && findSubmission(reader, attempt.submission) };
  });
  if (!attempt || !submission) return;
  const route = deps.routes.get(attempt.route);
  if (!route) return put(attempt.submission, recipients, deps, { kind: 'later', ms: PERSON_DECIDES_MS });
  if (!route.findSent) return put(attempt.submission, recipients, deps, { kind: 'policy' });
  const verdict = await look(route, submission, { attempt, recipients }, deps, signal);
  if (verdict === 'sent') await put(submission.id, recipients, deps, { kind: 'sent' });
  else if (verdict === 'not-sent' && !recipients.some(({ reason }) => reason?.isUnprovable))
    await put(submission.id, recipients, deps, { kind: 'again' });
  else await put(submission.id, recipients, deps, { kind: 'later', ms: untilNextLook(attempt, deps) });
}

/** A webmail that can not tell is asked ever less often; a quarter of the time that has passed is soon enough for whoever waits that long. */
function untilNextLook(attempt: AttemptRow, deps: Deps): number {
  const passedMs = deps.clock.nowMs() - attempt.startedAtMs;
  return Math.min(Math.max(deps.unsure.settleMs, passedMs / 4), PERSON_DECIDES_MS);
}

async function look(
  route: Route,
  submission: SubmissionRow,
  { attempt, recipients }: { readonly attempt: AttemptRow; readonly recipients: readonly RecipientRow[] },
  deps: Deps,
  signal: AbortSignal,
): Promise<SentVerdict> {
  if (!route.findSent) return 'unknown';
  const query = {
    account: submission.account,
    messageId: submission.messageId,
    witness: witnessOf(submission, attempt.id),
    recipients: recipients.map((recipient) => recipient.address),
    sinceMs: attempt.startedAtMs,
    credential: deps.credentialFor(submission.account),
  };
  return route.findSent(query, AbortSignal.any([signal, AbortSignal.timeout(LOOK_LIMIT_MS)]));
}

type Decision =
  | { readonly kind: 'sent' }
  | { readonly kind: 'again' }
  | { readonly kind: 'policy' }
  | { readonly kind: 'later'; readonly ms: number };

async function put(submission: SubmissionId, recipients: readonly RecipientRow[], deps: Deps, decision: Decision): Promise<void> {
  const nowMs = deps.clock.nowMs();
  const moved = await deps.store.write((tx) => {
    // Those about whom nobody else decided during the look.
    const moved = recipients.filter((recipient) => putOne(tx, recipient, decision, { nowMs, retries: deps.unsure.retries }));
    if (decision.kind === 'sent' || decision.kind === 'again') noteSentCopies(tx, submission, nowMs);
    finishIfAllFinal(tx, submission, nowMs);
    return moved;
  });
  for (const recipient of moved) report(submission, recipient, decision, deps);
}

/** True: it went as decided. */
function putOne(
  tx: Tx,
  recipient: RecipientRow,
  decision: Decision,
  { nowMs, retries }: { readonly nowMs: number; readonly retries: number },
): boolean {
  if (recipient.attempt === undefined) return false;
  const base = { from: ['unsure'] as const, attempt: recipient.attempt, nowMs };
  if (decision.kind === 'sent') return moveTo(tx, recipient.id, { ...base, to: 'delivered' }) !== undefined;
  if (decision.kind === 'again') return moveTo(tx, recipient.id, { ...base, to: 'queued', notBeforeMs: nowMs }) === 'queued';
  if (decision.kind === 'policy' && recipient.resends < retries && cancelAskedOf(tx, recipient.id) === undefined)
    return moveTo(tx, recipient.id, { ...base, to: 'queued', notBeforeMs: nowMs, countsResend: true }) !== undefined;
  const laterMs = decision.kind === 'later' ? decision.ms : PERSON_DECIDES_MS;
  postponeUnsure(tx, recipient.id, recipient.attempt, Math.round(nowMs + laterMs));
  return false;
}

function report(submission: SubmissionId, recipient: RecipientRow, decision: Decision, { events }: Deps): void {
  if (recipient.route === undefined) return;
  events.resolved({
    id: submission,
    account: recipient.account,
    to: recipient.address,
    route: recipient.route,
    as: decision.kind === 'sent' ? 'delivered' : 'resend',
    by: decision.kind === 'policy' ? 'policy' : 'witness',
  });
}
