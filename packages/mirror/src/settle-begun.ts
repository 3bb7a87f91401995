/* Intents that were begun and whose end nobody knows: the round has looked at the mailboxes anew, and what is there tells. */
import { deleteRemoteMessage, endIntent, openIntents, postponeIntent, type IntentRow } from '@stopgap/store';
import { idsOf, placeOf, placeOfRow, pushOf, type Carrier } from './carrier.ts';
import { mailboxesOf } from './intent-groups.ts';
import { verifyIds } from './verify-ids.ts';

const INTENTS_LOOKED_AT = 2000;

export async function settleBegun(carrier: Carrier): Promise<void> {
  const { deps, account } = carrier.round;
  const nowMs = deps.clock.nowMs();
  const begun = deps.store
    .read((reader) => openIntents(reader, account, INTENTS_LOOKED_AT))
    .filter((intent) => intent.state === 'begun' && intent.notBeforeMs <= nowMs);
  for (const intent of begun) {
    if (intent.work.kind === 'append') await settleAppend(carrier, intent);
    else if (intent.work.kind === 'move') await settleMove(carrier, intent, intent.work);
    // All others may be done twice.
    else await again(carrier, intent);
  }
}

/** Found by its content: it was stored, be it more than once. Not found where everything is known: it was not. */
async function settleAppend(carrier: Carrier, intent: IntentRow): Promise<void> {
  if (intent.message === undefined || idsOf(carrier, intent.message).length > 0) return done(carrier, intent);
  if (isKnown(carrier, intent)) await again(carrier, intent);
}

async function settleMove(
  carrier: Carrier,
  intent: IntentRow,
  work: { readonly from: IntentRow['mailbox']; readonly to: IntentRow['mailbox'] },
): Promise<void> {
  if (!isKnown(carrier, intent)) return;
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

/** Has this round seen all of the mailboxes that it has to do with, as far as upstream has them? */
function isKnown(carrier: Carrier, intent: IntentRow): boolean {
  return mailboxesOf(intent).every((mailbox) =>
    placeOf(carrier, mailbox) === undefined ? carrier.leaving.get(mailbox) !== 'unknown' : carrier.complete.has(mailbox),
  );
}

async function done(carrier: Carrier, intent: IntentRow): Promise<void> {
  const { deps, account } = carrier.round;
  await deps.mailboxes.write(account, ({ tx, nowMs }) => endIntent(tx, intent.id, { state: 'done', nowMs }));
  report(carrier, intent);
}

async function again({ round }: Carrier, intent: IntentRow): Promise<void> {
  await round.deps.mailboxes.write(round.account, ({ tx, nowMs }) => postponeIntent(tx, intent.id, { notBeforeMs: nowMs }));
}

function report({ round }: Carrier, intent: IntentRow): void {
  const { kind } = intent.work;
  round.report.carriedBack(kind, 1);
  round.deps.events.carriedBack({ account: round.account, path: round.path.id, kind, intents: 1 });
}
