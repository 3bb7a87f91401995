/*
 * Intents that were begun and whose end nobody knows: the round has looked at the mailboxes anew, and what is there tells. An append that is not where it
 * was put is looked for in all mailboxes, twice, before it is appended again. What its own mailbox can not tell for long is not done again: a person is told.
 */
import { deleteRemoteMessage, endIntent, findMessage, openIntents, postponeIntent, restIntent, type IntentRow } from '@stopgap/store';
import { backoffMs, type MailboxId, type MessageId } from '@stopgap/core';
import { mailboxName } from './apply-listing.ts';
import { idsOf, placeOf, placeOfRow, pushOf, type Carrier } from './carrier.ts';
import { endsRound, isRefusedLong, reasonOf, refusedSince } from './carry-failure.ts';
import { mailboxesOf } from './intent-groups.ts';
import { isHere } from './look.ts';
import { endUncarried } from './not-carried.ts';
import { INTENTS_LOOKED_AT } from './open-intents.ts';
import { strayOf } from './stray.ts';
import { verifyIds } from './verify-ids.ts';

/** So long a mailbox is waited for. One that can not be seen through after that will not be soon. */
const SOUGHT_MS = 3_600_000;
/** Told by this, the day of the rest is another one than that of the whole. */
const REST_REFUSED = 'what is left of it was refused';

/** True: of some nobody knows yet. */
export async function settleBegun(carrier: Carrier): Promise<boolean> {
  // A path that can only read: they wait for a better one.
  if (!carrier.round.session.push) return false;
  for (const intent of unclear(carrier)) {
    await settle(carrier, intent).catch((error: unknown) => {
      if (endsRound(error)) throw error;
      return restRefused(carrier, intent, error);
    });
  }
  return unclear(carrier).length > 0;
}

export async function restUnsettled(carrier: Carrier): Promise<void> {
  await rest(carrier, unclear(carrier));
}

/** The rest of a move was refused. Its day begins then: that the whole of it was refused before does not count. */
async function restRefused(carrier: Carrier, intent: IntentRow, error: unknown): Promise<void> {
  const { deps, account } = carrier.round;
  const startMs = deps.clock.nowMs();
  const isFirst = intent.reason?.text !== REST_REFUSED;
  const refusedSinceMs = (isFirst ? undefined : refusedSince(error, intent, startMs)) ?? startMs;
  const reason = reasonOf(error);
  if (isRefusedLong(refusedSinceMs, startMs)) return endUncarried(carrier, intent, reason);
  await deps.mailboxes.write(account, ({ tx, nowMs }) =>
    restIntent(tx, intent.id, {
      notBeforeMs: nowMs + deps.settings.confirmAfterMs,
      refusedSinceMs,
      reason: { ...reason, text: REST_REFUSED },
    }),
  );
}

/** Until something may have changed. */
async function rest({ round: { deps, account } }: Carrier, intents: readonly IntentRow[]): Promise<void> {
  await deps.mailboxes.write(account, ({ tx, nowMs }) => {
    for (const { id, unclearSinceMs = nowMs } of intents) {
      restIntent(tx, id, { notBeforeMs: nowMs + deps.settings.confirmAfterMs, unclearSinceMs: Math.min(unclearSinceMs, nowMs) });
    }
  });
}

async function settle(carrier: Carrier, intent: IntentRow): Promise<void> {
  if (intent.work.kind === 'append') await settleAppend(carrier, intent, intent.work);
  else if (intent.work.kind === 'move') await settleMove(carrier, intent, intent.work);
  // All others may be done twice.
  else await again(carrier, intent);
}

function unclear({ round, startMs }: Carrier): readonly IntentRow[] {
  return round.deps.store
    .read((reader) => openIntents(reader, round.account, INTENTS_LOOKED_AT))
    .filter((intent) => intent.state === 'begun' && intent.notBeforeMs <= startMs);
}

/** Found by its content: it was stored, be it more than once. Not found where everything is known: it was not. */
async function settleAppend(
  carrier: Carrier,
  intent: IntentRow,
  { begun }: Extract<IntentRow['work'], { readonly kind: 'append' }>,
): Promise<void> {
  const { round, startMs } = carrier;
  const { message } = intent;
  if (message === undefined || idsOf(carrier, message).length > 0) return done(carrier, intent);
  if (!isKnown(carrier, intent)) return giveUpLate(carrier, intent);
  const here = round.deps.store.read((reader) => findMessage(reader, message));
  // Deleted here since: nothing is appended any more.
  if (!here || !begun) return again(carrier, intent);
  if (!isAllKnown(carrier, intent) && !wasSoughtLong(carrier, intent)) return;
  const stray = await strayOf(carrier, message, begun);
  if (stray !== undefined) {
    const text = 'somebody had moved it on before it was looked for';
    round.report.decided({ what: 'a message that was appended', why: text });
    // That it is not here any more is told by all of the mailbox.
    carrier.again.add(here.mailbox);
    return done(carrier, intent, stray);
  }
  // It may have been moved from one mailbox to another between the looks at the two.
  const sinceMs = Math.min(round.memory.sought.get(intent.id) ?? startMs, startMs);
  round.memory.sought.set(intent.id, sinceMs);
  if (startMs - sinceMs < round.deps.settings.confirmAfterMs) return;
  await again(carrier, intent);
}

async function settleMove(
  carrier: Carrier,
  intent: IntentRow,
  work: { readonly from: IntentRow['mailbox']; readonly to: IntentRow['mailbox'] },
): Promise<void> {
  if (!isKnown(carrier, intent)) return giveUpLate(carrier, intent);
  const ids = intent.message === undefined ? [] : idsOf(carrier, intent.message);
  const there = ids.filter((row) => placeOfRow(carrier, row.remoteMailbox)?.mailbox === work.to);
  const left = ids.filter((row) => !there.includes(row));
  const listed = left.filter((row) => row.missedAtMs === undefined);
  if (there.length === 0 && listed.length > 0) return again(carrier, intent);
  await verifyIds(carrier, ids);
  // Copied, and cut off before the original was deleted.
  for (const row of there.length > 0 ? listed : []) {
    const place = placeOfRow(carrier, row.remoteMailbox);
    if (place) await pushOf(carrier).expunge(place.remote.id, [row.remoteId], carrier.round.signal);
  }
  await carrier.round.deps.mailboxes.write(carrier.round.account, ({ tx, nowMs }) => {
    for (const row of left) deleteRemoteMessage(tx, row.remoteMailbox, row.remoteId);
    endIntent(tx, intent.id, { state: 'done', nowMs });
  });
  report(carrier, intent);
}

/** Done again it might be there twice. */
async function giveUpLate(carrier: Carrier, intent: IntentRow): Promise<void> {
  // Of one that was deleted here only another path can tell.
  const unseen = mailboxesOf(intent).find((mailbox) => !isSeenThrough(carrier, mailbox) && !carrier.leaving.has(mailbox));
  if (unseen === undefined || !wasSoughtLong(carrier, intent)) return;
  const { round } = carrier;
  const text = `how it ended is not known, for ${mailboxName(round, { mailbox: unseen })} could not be seen through for an hour`;
  round.memory.sought.delete(intent.id);
  await endUncarried(carrier, intent, { class: 'lost-answer', text });
}

function wasSoughtLong({ startMs }: Carrier, { unclearSinceMs = startMs }: IntentRow): boolean {
  return startMs - unclearSinceMs >= SOUGHT_MS;
}

/** Has this round seen all of the mailboxes that it has to do with, as far as upstream has them? */
function isKnown(carrier: Carrier, intent: IntentRow): boolean {
  return mailboxesOf(intent).every((mailbox) => isSeenThrough(carrier, mailbox));
}

function isSeenThrough(carrier: Carrier, mailbox: MailboxId): boolean {
  const { round, complete, leaving, isCut } = carrier;
  if (placeOf(carrier, mailbox) !== undefined) return complete.has(mailbox);
  // Upstream may have it beyond those that are mirrored.
  if (isCut && isHere(round, { mailbox })) return false;
  return leaving.get(mailbox) !== 'unknown';
}

/** Has it seen all that there is? What is about to be deleted may hold anything. */
function isAllKnown({ places, leaving, isCut, complete }: Carrier, intent: IntentRow): boolean {
  const own = mailboxesOf(intent);
  return (
    !isCut &&
    [...places.values()].every(({ mailbox }) => complete.has(mailbox)) &&
    [...leaving.keys()].every((mailbox) => own.includes(mailbox))
  );
}

async function done(carrier: Carrier, intent: IntentRow, as?: MessageId): Promise<void> {
  const { deps, account, memory } = carrier.round;
  memory.sought.delete(intent.id);
  await deps.mailboxes.write(account, ({ tx, nowMs }) =>
    endIntent(tx, intent.id, { state: 'done', nowMs, ...(as === undefined ? {} : { as }) }),
  );
  report(carrier, intent);
}

/** What was refused, not at once. */
async function again({ round }: Carrier, intent: IntentRow): Promise<void> {
  const { deps, account } = round;
  round.memory.sought.delete(intent.id);
  const waitMs = intent.refusedSinceMs === undefined ? 0 : backoffMs(deps.settings.retry, intent.tries, deps.random());
  await deps.mailboxes.write(account, ({ tx, nowMs }) => postponeIntent(tx, intent.id, { notBeforeMs: nowMs + waitMs }));
}

function report({ round }: Carrier, intent: IntentRow): void {
  const { kind } = intent.work;
  round.report.carriedBack(kind, 1);
  round.deps.events.carriedBack({ account: round.account, path: round.path.id, kind, intents: 1 });
}
