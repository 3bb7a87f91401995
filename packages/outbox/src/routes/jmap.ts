/*
 * Sending by JMAP, exactly once. The message is laid into Drafts with the attempt's witness in its Received field; one request then says that it begins,
 * sends it where that could be said, and moves it to Sent:
 *   log in - import as a draft - mark - submit - delivered.
 * Before the mark every failure is deferred. After it an answer that does not come, or does not know, is unsure, and `findSent` looks for the copy with the
 * witness: sent when it is a draft no more; not sent when it is one that was never begun; else nobody can tell.
 * A refusal sends nothing: the draft forgets that it was begun, stays until the refusal is on record, and goes by `keepOneCopy`.
 */
import {
  outcomeForAll,
  retryAfterOf,
  type Clock,
  type DeliveryJob,
  type Outcome,
  type Reason,
  type RecipientId,
  type Route,
  type SentQuery,
  type SentVerdict,
  type SettledSending,
  type UrlPath,
} from '@stopgap/core';
import { jmapError, reasonOfJmapError, setEmails, type JmapClient } from '@stopgap/jmap';
import type { Guard } from '@stopgap/upstreams';
import { connectJmap, guardedDispatcher } from '@stopgap/upstreams/web';
import type { SubmissionAnswer } from './jmap-answer.ts';
import { asSent, fileAsSent, findCopies, identityFor, layDown, openDesk, throwAway, type Desk } from './jmap-desk.ts';
import { keepOneCopy } from './jmap-one-copy.ts';
import { sendInRounds, type JmapResult } from './jmap-rounds.ts';
import { submit } from './jmap-submit.ts';
import { carries } from './witness.ts';

/** A server goes on sending after its client is gone; until then a draft that was not begun proves nothing. */
const SETTLE_MS = 2 * 60_000;
/** Tidying has its own limit: the outcome is known and waits for it. */
const TIDY_MS = 60_000;

export interface JmapRouteOptions {
  readonly path: UrlPath;
  readonly guard: Guard;
  readonly clock: Clock;
  /** How long after its beginning an attempt may still be on its way. */
  readonly settleMs?: number;
}

export function createJmapRoute(options: JmapRouteOptions): Route {
  const { path, clock } = options;
  const settleMs = options.settleMs ?? SETTLE_MS;
  const dispatcher = guardedDispatcher({ guard: options.guard, ca: path.ca, connections: path.connections });
  const logIn = async (who: Pick<DeliveryJob, 'credential'>, signal: AbortSignal): Promise<JmapClient> => {
    const credential = await who.credential();
    if (credential === undefined) throw jmapError('unavailable', 'The account has no password here.', { class: 'auth' });
    return connectJmap({ path, dispatcher, credential, signal });
  };

  return {
    async deliver(job: DeliveryJob, signal: AbortSignal) {
      try {
        signal.throwIfAborted();
        const desk = await openDesk(await logIn(job, signal), signal);
        return await deliver(desk, job, { nowMs: clock.nowMs(), settleMs, signal });
      } catch (error) {
        // Only what comes before the mark throws.
        const retryAfterMs = retryAfterOf(error);
        const reason = signal.aborted ? CANCELLED : reasonOfJmapError(error);
        return outcomeForAll(job.recipients, { kind: 'deferred', reason, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
      }
    },
    async findSent(query: SentQuery, signal: AbortSignal): Promise<SentVerdict> {
      try {
        const desk = await openDesk(await logIn(query, signal), signal);
        const verdict = await lookForWitness(desk, query, signal);
        const mayBeOnItsWay = clock.nowMs() - query.sinceMs < settleMs;
        return verdict === 'not-sent' && mayBeOnItsWay ? 'unknown' : verdict;
      } catch {
        return 'unknown';
      }
    },
    async keepOneCopy(sending: SettledSending, signal: AbortSignal) {
      try {
        const desk = await openDesk(await logIn(sending, signal), signal);
        await keepOneCopy(desk, sending, { nowMs: clock.nowMs(), settleMs, signal });
        return 'done';
      } catch {
        return 'later';
      }
    },
    close: () => dispatcher.destroy(),
  };
}

const CANCELLED: Reason = { class: 'cancelled', text: 'The attempt was cancelled.' };
const NOT_NOTED: Reason = { class: 'internal', text: 'The attempt could not be noted down, so it was not made.' };

interface Circumstances {
  readonly nowMs: number;
  readonly settleMs: number;
  readonly signal: AbortSignal;
}

async function deliver(desk: Desk, job: DeliveryJob, at: Circumstances): Promise<ReadonlyMap<RecipientId, Outcome>> {
  const { signal } = at;
  const isNotice = job.envelope.from === '';
  if (isNotice && job.recipients.some((recipient) => recipient.address.toLowerCase() !== job.account))
    return outcomeForAll(job.recipients, deferred({ class: 'route', text: 'JMAP can send notices only to the account itself.' }));
  const identityId = isNotice ? undefined : await identityFor(desk, job.envelope.from, signal);
  await clearAway(desk, job, at);
  const emailId = await layDown(desk, job, at.nowMs, signal);
  const parameters = job.envelope.smtpUtf8 ? { parameters: { SMTPUTF8: null } } : {};
  const mailFrom = { email: job.envelope.from, ...parameters };
  let isMarked = false;
  const result = await sendInRounds(job.recipients, desk.client.host, async (recipients) => {
    try {
      signal.throwIfAborted();
      // Who is left out must not count as reached when the copy in Sent proves this sending after a crash.
      await (recipients === job.recipients ? job.mark() : job.mark(recipients));
      isMarked = true;
    } catch {
      return { kind: 'down', reason: signal.aborted ? CANCELLED : NOT_NOTED };
    }
    if (identityId === undefined) return deliverToInbox(desk, emailId, signal);
    const rcptTo = recipients.map(({ address }) => address);
    return submit(desk, { emailId, identityId, mailFrom, rcptTo }, signal);
  });
  const isTidy = await finish(desk, { emailId, isMarked, result });
  return isTidy ? result.outcomes : leftUntidy(result.outcomes);
}

/**
 * A notice of our own to the account itself. By JMAP nothing is sent from no sender, and need not be: the inbox is right here.
 */
async function deliverToInbox(desk: Desk, emailId: string, signal: AbortSignal): Promise<SubmissionAnswer> {
  const patch = { ...asSent(desk, desk.inbox), 'keywords/$seen': null };
  try {
    const answer = await desk.client.call(setEmails(desk.accountId, { update: { [emailId]: patch } }), signal);
    if (Object.hasOwn(answer.updated ?? {}, emailId)) return { kind: 'sent', isFiled: true };
    return { kind: 'refused', reason: { class: 'protocol', text: `${desk.client.host} does not file the notice.` } };
  } catch (error) {
    return { kind: 'lost', reason: { ...reasonOfJmapError(error), class: 'lost-answer' } };
  }
}

/** Changes no outcome, so it throws nothing. False: the rest is for `keepOneCopy`. */
async function finish(
  desk: Desk,
  { emailId, isMarked, result }: { readonly emailId: string; readonly isMarked: boolean; readonly result: JmapResult },
): Promise<boolean> {
  const signal = AbortSignal.timeout(TIDY_MS);
  try {
    // Once it is marked, the draft is the proof of a refusal that is not on record yet.
    if (result.end === 'nothing' && isMarked) return false;
    if (result.end === 'nothing') await throwAway(desk, [emailId], signal);
    if (result.end === 'sent' && !result.isFiled) await fileAsSent(desk, emailId, signal);
    return true;
  } catch {
    return false;
  }
}

function leftUntidy(outcomes: ReadonlyMap<RecipientId, Outcome>): ReadonlyMap<RecipientId, Outcome> {
  return new Map([...outcomes].map(([id, outcome]) => [id, outcome.kind === 'unsure' ? outcome : { ...outcome, leftUntidy: true }]));
}

/** Drafts of earlier attempts at this message that were never begun, can not begin any more, and prove nothing that is not on record. */
async function clearAway(desk: Desk, job: DeliveryJob, { nowMs, settleMs, signal }: Circumstances): Promise<void> {
  const copies = await findCopies(desk, job, signal);
  // A draft of an attempt in doubt is what proves that it was not sent.
  const unsettled = job.unsettled();
  const left = copies.filter(
    (copy) =>
      copy.isOurs &&
      copy.isDraft &&
      !copy.isBegun &&
      copy.receivedAtMs <= nowMs - settleMs &&
      !unsettled.some((witness) => carries(copy, witness)),
  );
  try {
    await throwAway(
      desk,
      left.map(({ id }) => id),
      signal,
    );
  } catch {
    // They prove nothing; the message does not wait for them.
    return;
  }
}

async function lookForWitness(desk: Desk, query: SentQuery, signal: AbortSignal): Promise<SentVerdict> {
  const copies = (await findCopies(desk, query, signal)).filter((copy) => carries(copy, query.witness));
  // What arrived here was sent, too.
  if (copies.some((copy) => !copy.isDraft)) return 'sent';
  // The draft is made before the mark: without one, somebody took it away, and it proves nothing.
  return copies.length > 0 && copies.every((copy) => !copy.isBegun) ? 'not-sent' : 'unknown';
}

function deferred(reason: Reason): Outcome {
  return { kind: 'deferred', reason };
}
