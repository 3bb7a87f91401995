import type { PermitResult } from '@stopgap/health';
import { messageOf, outcomeForAll, type Outcome, type Reason, type RecipientId } from '@stopgap/core';
import type { Claimed } from './claim.ts';
import type { Deps } from './deps.ts';
import { jobOf, type MarkedJob } from './job.ts';
import { settle } from './settle.ts';

/** An attempt that takes longer is given up: shorter than the lease, longer than the ten minutes that RFC 5321 4.5.3.2.6 grants the final dot. */
const ATTEMPT_LIMIT_MS = 20 * 60 * 1000;

/** One attempt from its claim to its settled outcome. Never rejects. */
export async function runAttempt(claimed: Claimed, deps: Deps, signal: AbortSignal): Promise<void> {
  const { submission, recipients, attempt, path } = claimed;
  const job = jobOf({
    store: deps.store,
    clock: deps.clock,
    hostname: deps.hostname,
    submission,
    recipients,
    attempt,
    credential: deps.credentialFor(submission.account),
  });
  deps.events.attempted({ id: submission.id, account: submission.account, route: path.id, recipients: recipients.length });
  const outcomes = await deliver(job, claimed, deps, signal);
  claimed.permit.done(signal.aborted ? { kind: 'neutral' } : verdictOnPath(outcomes, claimed));
  await settle({ submission, recipients, attempt, route: path.id, startedAtMs: claimed.startedAtMs, outcomes }, deps, signal);
}

async function deliver(job: MarkedJob, claimed: Claimed, deps: Deps, signal: AbortSignal): Promise<ReadonlyMap<RecipientId, Outcome>> {
  const { recipients, path } = claimed;
  const route = deps.routes.get(path.id);
  if (!route)
    return outcomeForAll(recipients, { kind: 'deferred', reason: { class: 'internal', text: `there is no route for ${path.id}` } });
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(new Error('the attempt took too long')), ATTEMPT_LIMIT_MS);
  try {
    const outcomes = await route.deliver(job, AbortSignal.any([signal, limit.signal]));
    return new Map(
      recipients.map((recipient) => [
        recipient.id,
        outcomes.get(recipient.id) ?? unexpected(job, recipient.id, 'the route gave no outcome'),
      ]),
    );
  } catch (error) {
    // A route must not throw; when it does all the same, the mark tells whether the message may have left.
    deps.log.error('a route failed unexpectedly', { id: claimed.submission.id, route: path.id, error });
    return new Map(recipients.map((recipient) => [recipient.id, unexpected(job, recipient.id, messageOf(error))]));
  } finally {
    clearTimeout(timer);
  }
}

function unexpected(job: MarkedJob, recipient: RecipientId, text: string): Outcome {
  if (job.mayBeMarked(recipient)) return { kind: 'unsure', reason: { class: 'lost-answer', text } };
  return { kind: 'deferred', reason: { class: 'internal', text } };
}

/** A refusal of the message or a recipient comes from a path that works; the board knows which reasons are which. */
function verdictOnPath(outcomes: ReadonlyMap<RecipientId, Outcome>, claimed: Claimed): PermitResult {
  const { account } = claimed.submission;
  let failure: { readonly reason: Reason; readonly retryAfterMs?: number } | undefined;
  for (const outcome of outcomes.values()) {
    if (outcome.kind === 'delivered' || outcome.kind === 'rejected') return { kind: 'ok', account };
    failure ??= {
      reason: outcome.reason,
      ...(outcome.kind === 'deferred' && outcome.retryAfterMs !== undefined ? { retryAfterMs: outcome.retryAfterMs } : {}),
    };
  }
  return failure ? { kind: 'failed', ...failure, account } : { kind: 'neutral' };
}
