import type { MailboxId } from '@stopgap/core';
import {
  deleteRemoteMessage,
  endIntent,
  findMessage,
  findRemoteMessage,
  openIntentsOfMessage,
  putRemoteMessage,
  type IntentRow,
  type RemoteMessageRow,
} from '@stopgap/store';
import { seenByAll } from './take-flags.ts';
import { endIfGone, idsOf, isTwin, placeOfRow, pushOf, targetOf, type Carrier } from './carrier.ts';
import { forgetIds } from './forget-ids.ts';
import type { CarryRun } from './push-back.ts';
import type { Place } from './round.ts';
import { verifyIds } from './verify-ids.ts';

interface Known {
  readonly intent: IntentRow;
  readonly ids: readonly RemoteMessageRow[];
}

export async function carryFlags(carrier: Carrier, { group, begin, carried }: CarryRun): Promise<void> {
  const known = await knownOf(carrier, group, (intent) => thereOf(carrier, intent));
  const work = group[0]?.work;
  if (known.length === 0 || work?.kind !== 'flags') return;
  await begin(known.map(({ intent }) => intent));
  for (const [place, rows] of byPlace(carrier, known)) {
    await pushOf(carrier).changeFlags(
      place.remote.id,
      rows.map((row) => row.remoteId),
      { add: work.add, remove: work.remove },
      carrier.round.signal,
    );
  }
  await end(carrier, known, (tx, { ids }) => {
    for (const message of new Set(ids.map((row) => row.message))) seenByAll(tx, message, work);
  });
  carried(known.map(({ intent }) => intent));
}

export async function carryExpunge(carrier: Carrier, { group, begin, carried }: CarryRun): Promise<void> {
  const known = await knownOf(carrier, group, ({ work }) => (work.kind === 'expunge' ? work.from : undefined));
  if (known.length === 0) return;
  await begin(known.map(({ intent }) => intent));
  for (const [place, rows] of byPlace(carrier, known)) {
    await pushOf(carrier).expunge(
      place.remote.id,
      rows.map((row) => row.remoteId),
      carrier.round.signal,
    );
  }
  await end(carrier, known, (tx, { ids }) => {
    for (const message of new Set(ids.map((row) => row.message))) forgetIds(tx, message);
  });
  carried(known.map(({ intent }) => intent));
}

export async function carryMove(carrier: Carrier, { group, begin, carried }: CarryRun): Promise<void> {
  const work = group[0]?.work;
  if (work?.kind !== 'move') return;
  const known = await knownOf(carrier, group, () => work.from);
  if (known.length === 0) return;
  const target = await targetOf(carrier, work.to);
  if (!target) {
    // The mailbox was deleted here: what became of the message is another intent's to tell.
    await end(carrier, known, () => undefined);
    return;
  }
  await begin(known.map(({ intent }) => intent));
  for (const [place, rows] of byPlace(carrier, known)) {
    if (place.mailbox === target.mailbox) continue;
    const moved = await moveTo(carrier, place, rows, target);
    await carrier.round.deps.mailboxes.write(carrier.round.account, ({ tx }) => {
      for (const row of rows) {
        deleteRemoteMessage(tx, row.remoteMailbox, row.remoteId);
        const id = moved.get(row.remoteId);
        const rowId = target.row?.id;
        // Where ids are made of content, the target may have had its twin before.
        if (id === undefined || rowId === undefined) carrier.again.add(target.mailbox);
        else if (!findRemoteMessage(tx, rowId, id)) putRemoteMessage(tx, { ...row, remoteMailbox: rowId, remoteId: id });
      }
    });
  }
  await end(carrier, known, () => undefined);
  carried(known.map(({ intent }) => intent));
}

async function moveTo(
  carrier: Carrier,
  place: Place,
  rows: readonly RemoteMessageRow[],
  target: Place,
): ReturnType<ReturnType<typeof pushOf>['move']> {
  const ids = rows.map((row) => row.remoteId);
  return pushOf(carrier).move(place.remote.id, ids, target.remote.id, carrier.round.signal);
}

/** Those that upstream has; the others are ended where it is sure that it has not. */
async function knownOf(
  carrier: Carrier,
  group: readonly IntentRow[],
  mailboxOf: (intent: IntentRow) => MailboxId | undefined,
): Promise<readonly Known[]> {
  const known: Known[] = [];
  for (const intent of group) {
    const ids = intent.message === undefined ? [] : idsOf(carrier, intent.message);
    const mailbox = mailboxOf(intent) ?? intent.mailbox;
    if (mailbox !== undefined && isTwin(carrier, intent, mailbox)) continue;
    if (ids.length > 0) known.push({ intent, ids });
    else if (mailbox !== undefined) await endIfGone(carrier, intent, mailbox);
  }
  await verifyIds(
    carrier,
    known.flatMap(({ ids }) => ids),
  );
  return known;
}

/** A move that is still to be told comes after it. */
function thereOf({ round }: Carrier, { message }: IntentRow): MailboxId | undefined {
  if (message === undefined) return undefined;
  return round.deps.store.read((reader) => {
    const move = openIntentsOfMessage(reader, message).find(({ work }) => work.kind === 'move')?.work;
    return move?.kind === 'move' ? move.from : findMessage(reader, message)?.mailbox;
  });
}

function byPlace(carrier: Carrier, known: readonly Known[]): readonly (readonly [Place, readonly RemoteMessageRow[]])[] {
  const groups = Map.groupBy(
    known.flatMap(({ ids }) => ids),
    (row) => row.remoteMailbox,
  );
  return [...groups].flatMap(([rowId, rows]) => {
    const place = placeOfRow(carrier, rowId);
    return place ? [[place, rows] as const] : [];
  });
}

async function end(
  { round }: Carrier,
  known: readonly Known[],
  also: (tx: Parameters<typeof endIntent>[0], one: Known) => void,
): Promise<void> {
  await round.deps.mailboxes.write(round.account, ({ tx, nowMs }) => {
    for (const one of known) {
      also(tx, one);
      endIntent(tx, one.intent.id, { state: 'done', nowMs });
    }
  });
}
