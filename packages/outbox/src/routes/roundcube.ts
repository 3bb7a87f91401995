/*
 * Sending through a webmail, exactly once. What is sent is stored by Roundcube in Sent, and that copy, which carries the attempt's witness in its
 * Received field, is the proof:
 *   log in - import into staging - mark - resend with a copy in Sent - delivered - tidy.
 * Before the mark every failure is deferred. After it, an answer that can not be understood is unsure, and `findSent` looks for the witness.
 * Whatever is done after the proof only tidies, changes no outcome, and may be done again from any point.
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
import type { Guard } from '@stopgap/upstreams';
import {
  RoundcubeSessions,
  canResend,
  findSentMailbox,
  guardedDispatcher,
  hasRoundcubeCode,
  importMessage,
  provesNothingDone,
  reasonOfRoundcubeError,
  resendMessage,
  roundcubeBase,
  type RoundcubeSession,
} from '@stopgap/upstreams/web';
import { examine, paddingOf, withPreamble } from './roundcube-carriage.ts';
import { deliverComposed, findComposed } from './roundcube-composing.ts';
import { findCopies } from './roundcube-copies.ts';
import { keepOneCopy } from './roundcube-one-copy.ts';
import { sendInRounds, type RoundsResult } from './roundcube-resending.ts';
import { flagAsUnclear, isUnclear, stage, stagingMailbox, unstage, type Staged } from './roundcube-staging.ts';
import { tidy, tidyLeftovers } from './roundcube-tidy.ts';

const INBOX = 'INBOX';
/** Roundcube goes on sending after its client is gone; until then an empty Sent proves nothing. */
const SETTLE_MS = 2 * 60_000;
/** Tidying has its own limit: the outcome is known and waits for it. */
const TIDY_MS = 60_000;

export interface RoundcubeRouteOptions {
  readonly path: UrlPath;
  readonly guard: Guard;
  readonly clock: Clock;
  /** How long after its beginning an attempt may still be on its way. */
  readonly settleMs?: number;
}

export function createRoundcubeRoute(options: RoundcubeRouteOptions): Route {
  const { path, clock } = options;
  const settleMs = options.settleMs ?? SETTLE_MS;
  const dispatcher = guardedDispatcher({ guard: options.guard, ca: path.ca, connections: path.connections });
  const sessions = new RoundcubeSessions({ base: roundcubeBase(path), dispatcher, clock });

  return {
    async deliver(job: DeliveryJob, signal: AbortSignal) {
      try {
        const user = { account: job.account, credential: () => job.credential(), signal };
        return await sessions.use(user, (session) => deliver(session, job, signal));
      } catch (error) {
        // Only what comes before the mark throws.
        return outcomeForAll(job.recipients, deferred(reasonOf(error, signal), retryAfterOf(error)));
      }
    },
    async findSent(query: SentQuery, signal: AbortSignal): Promise<SentVerdict> {
      try {
        const mayBeOnItsWay = clock.nowMs() - query.sinceMs < settleMs;
        const user = { account: query.account, credential: () => query.credential(), signal };
        const verdict = await sessions.use(user, (session) => lookForWitness(session, query, signal));
        return verdict === 'not-sent' && mayBeOnItsWay ? 'unknown' : verdict;
      } catch {
        return 'unknown';
      }
    },
    async keepOneCopy(sending: SettledSending, signal: AbortSignal) {
      try {
        const user = { account: sending.account, credential: () => sending.credential(), signal };
        await sessions.use(user, (session) => keepOneCopy(session, sending, signal));
        return 'done';
      } catch {
        return 'later';
      }
    },
    async close() {
      await sessions.close();
      await dispatcher.destroy();
    },
  };
}

async function deliver(session: RoundcubeSession, job: DeliveryJob, signal: AbortSignal): Promise<ReadonlyMap<RecipientId, Outcome>> {
  if (job.envelope.from === '') return deliverToInbox(session, job, signal);
  const sent = await sentMailbox(session, signal);
  const carriage = await examine(job);
  const padding = paddingOf(carriage);
  const staged = padding === undefined ? undefined : await stageForResending(session, job, padding, signal);
  if (staged === undefined) return deliverComposed(session, job, { carriage, sent, signal });
  const result = await sendInRounds(session, job, {
    signal,
    send: (recipients) =>
      resendMessage(session, {
        ...staged,
        from: job.envelope.from,
        recipients: recipients.map((recipient) => recipient.address),
        sent,
        signal,
      }),
  });
  const isTidy = await finish(session, job, { staged, sent, result });
  return isTidy ? result.outcomes : leftUntidy(result.outcomes);
}

/** Undefined: this webmail can not import or can not resend. */
async function stageForResending(
  session: RoundcubeSession,
  job: DeliveryJob,
  padding: number,
  signal: AbortSignal,
): Promise<Staged | undefined> {
  try {
    const staged = await stage(session, job, () => withPreamble(job.open(), padding), signal);
    if (await canResend(session, staged, signal)) return staged;
    await unstage(session, staged, signal);
    return undefined;
  } catch (error) {
    if (hasRoundcubeCode(error, 'unavailable')) return undefined;
    throw error;
  }
}

/** Changes no outcome, so it throws nothing. False: something stays to be done, by `keepOneCopy` or by the next delivery. */
async function finish(
  session: RoundcubeSession,
  job: DeliveryJob,
  done: { staged: Staged; sent: string; result: RoundsResult },
): Promise<boolean> {
  const signal = AbortSignal.timeout(TIDY_MS);
  const places = { sent: done.sent, staging: done.staged.mbox };
  try {
    switch (done.result.end) {
      case 'sent':
        await tidy(session, places, job, signal);
        break;
      case 'nothing':
        await unstage(session, done.staged, signal);
        break;
      case 'unclear':
        await flagAsUnclear(session, done.staged, signal);
        break;
      case 'lost':
        return true;
    }
    if (!isDrafts(session, places.staging)) await tidyLeftovers(session, places, signal);
    return true;
  } catch {
    return false;
  }
}

function leftUntidy(outcomes: ReadonlyMap<RecipientId, Outcome>): ReadonlyMap<RecipientId, Outcome> {
  return new Map([...outcomes].map(([id, outcome]) => [id, outcome.kind === 'delivered' ? { ...outcome, leftUntidy: true } : outcome]));
}

/**
 * A notice of our own to the account itself. Roundcube can send from no null sender, and need not: the mailbox is right here. INBOX is the witness.
 */
async function deliverToInbox(
  session: RoundcubeSession,
  job: DeliveryJob,
  signal: AbortSignal,
): Promise<ReadonlyMap<RecipientId, Outcome>> {
  if (job.recipients.some((recipient) => recipient.address.toLowerCase() !== job.account)) {
    return outcomeForAll(job.recipients, deferred({ class: 'route', text: 'A webmail can send notices only to the account itself.' }));
  }
  signal.throwIfAborted();
  await job.mark();
  try {
    await importMessage(session, { mbox: INBOX, open: () => job.open(), signal });
    return outcomeForAll(job.recipients, { kind: 'delivered', by: session.host, reply: 'stored in INBOX' });
  } catch (error) {
    const reason = reasonOf(error, signal);
    if (provesNothingDone(error) || hasRoundcubeCode(error, 'unavailable')) return outcomeForAll(job.recipients, deferred(reason));
    return outcomeForAll(job.recipients, { kind: 'unsure', reason: { ...reason, class: 'lost-answer' } });
  }
}

async function lookForWitness(session: RoundcubeSession, query: SentQuery, signal: AbortSignal): Promise<SentVerdict> {
  const sent = await findSentMailbox(session, signal);
  const staging = await stagingMailbox(session, signal);
  const isInSent = sent !== undefined && (await findCopies(session, sent, query, signal)).length > 0;
  // What arrived here was sent, too; and the notices of `deliverToInbox` are nowhere else.
  const isProven = isInSent || (await findCopies(session, INBOX, query, signal)).length > 0;
  if (isProven) {
    if (sent !== undefined) await tidyQuietly(session, { sent, staging }, query);
    return 'sent';
  }
  if (sent === undefined || (await isUnclear(session, staging, query, signal))) return 'unknown';
  return findComposed(session, sent, query, signal);
}

async function tidyQuietly(session: RoundcubeSession, places: { sent: string; staging: string }, query: SentQuery): Promise<void> {
  try {
    await tidy(session, places, query, AbortSignal.timeout(TIDY_MS));
  } catch {
    // The verdict stands; the next delivery tidies.
    return;
  }
}

/** Without a mailbox for sent messages nothing would prove a sending; the copy is asked for all the same. */
async function sentMailbox(session: RoundcubeSession, signal: AbortSignal): Promise<string> {
  const known = session.folders.find((folder) => folder.role === 'sent')?.id;
  return known ?? (await findSentMailbox(session, signal)) ?? '';
}

/** Among the person's own drafts nothing is looked for but the message at hand. */
function isDrafts(session: RoundcubeSession, mbox: string): boolean {
  return session.folders.some((folder) => folder.id === mbox && folder.role === 'drafts');
}

function deferred(reason: Reason, retryAfterMs?: number): Outcome {
  return { kind: 'deferred', reason, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

function reasonOf(error: unknown, signal: AbortSignal): Reason {
  return signal.aborted ? { class: 'cancelled', text: 'The attempt was cancelled.' } : reasonOfRoundcubeError(error);
}
