/* The end of a look: all that was listed is here. Now the cursor may be saved, and what is here but not there can be told. */
import { expungeMessages } from '@stopgap/mailbox';
import {
  countRemoteMessages,
  deleteRemoteMessage,
  expectedId,
  findMessage,
  findMessageView,
  findRemoteMailbox,
  hasMissed,
  isExpectedId,
  listRemoteMessages,
  listUnmapped,
  putRemoteMessage,
  updateRemoteMailbox,
  type Reader,
  type UnmappedRow,
} from '@stopgap/store';
import type { MailboxId, MessageId } from '@stopgap/core';
import { brakeFor, mailboxName, setBrake, tellHeld } from './apply-listing.ts';
import { parsedBrake } from './brake-text.ts';
import { forgetIds } from './forget-ids.ts';
import { giveBack, tellGivenBack } from './give-back.ts';
import type { Look } from './look.ts';
import { provesGone, showsDeleted, spaceOf, type Round } from './round.ts';
import { withoutCursor } from './row-of.ts';

/** Expected messages written or dropped in one transaction. */
const AT_ONCE = 500;

export async function conclude(round: Round, look: Look): Promise<void> {
  if (look.listing.kind === 'full' && provesGone(round)) await expectTheRest(round, look);
  const { deps, account, memory } = round;
  const { cursor } = look.listing;
  const { state } = look.place.remote;
  const progress = { ...(cursor === undefined ? {} : { cursor }), ...(state === undefined ? {} : { state }) };
  await deps.mailboxes.write(account, ({ tx, nowMs }) => {
    const row = findRemoteMailbox(tx, look.row.id);
    if (!row) return;
    const isOwner = row.space === spaceOf(round);
    const { brake, ...unbraked } = row;
    const known = brake === undefined || isNeedless(tx, row.id, brake) || isDoneWith(look, brake) ? unbraked : row;
    const validity = look.listing.validity ?? look.place.remote.validity;
    updateRemoteMailbox(tx, {
      ...(isOwner ? { ...withoutCursor(known), ...progress } : known),
      ...(isOwner && validity !== undefined ? { validity } : {}),
      total: look.total,
      listedAtMs: nowMs,
    });
    if (!isOwner) memory.guests.set(row.id, progress);
  });
}

/** What a person decided before this look was done in it. What is missed since is another loss. */
function isDoneWith({ listing, row }: Look, brake: string): boolean {
  return listing.kind === 'full' && brake === row.brake && parsedBrake(brake)?.state !== 'held';
}

/** The ids began anew, and nothing is missing. */
function isNeedless(reader: Reader, rowId: number, brake: string): boolean {
  return parsedBrake(brake)?.gone === 0 && !hasMissed(reader, rowId);
}

/**
 * Messages here that have no id there after everything that is listed has found its own: upstream must have lost them while another path, or another
 * life of the ids, was looked at. Missed like others: once noted, later believed if the next full listing agrees and the brake lets them go.
 */
async function expectTheRest(round: Round, { row, place }: Look): Promise<void> {
  const { deps, account, report } = round;
  const { nowMs, rest, mapped } = deps.store.read((reader) => ({
    nowMs: deps.clock.nowMs(),
    rest: listUnmapped(reader, place.mailbox, row.id).filter((one) => isToBeThere(reader, round, one)),
    mapped: listRemoteMessages(reader, row.id),
  }));
  const expected = mapped.filter((one) => isExpectedId(one.remoteId));
  if (rest.length === 0 && expected.length === 0) return;
  const twins = round.session.idKind === 'jmap' ? contentOf(round, mapped) : new Set<string>();
  const noted = new Set(expected.map((one) => one.message));
  const missing = rest.filter((one) => !noted.has(one.message) && (one.hash === undefined || !twins.has(one.hash)));
  // The clock was set back: they are noted anew.
  const tooLate = expected.filter(({ missedAtMs }) => missedAtMs !== undefined && missedAtMs > nowMs);
  await inSteps([...missing, ...tooLate], async (some) => {
    await deps.mailboxes.write(account, ({ tx }) => {
      for (const { message } of some) {
        putRemoteMessage(tx, { remoteMailbox: row.id, remoteId: expectedId(message), message, flags: [], missedAtMs: nowMs });
      }
    });
  });
  const over = expected.filter((one) => one.missedAtMs !== undefined && nowMs - one.missedAtMs >= deps.settings.confirmAfterMs);
  if (over.length === 0) return;
  const brake = parsedBrake(deps.store.read((reader) => findRemoteMailbox(reader, row.id))?.brake);
  const of = deps.store.read((reader) => countRemoteMessages(reader, row.id));
  const decision = brakeFor(round, { place, brake, messages: over.map((one) => one.message), of, missed: over });
  if (decision.kind === 'hold') {
    await setBrake(round, row.id, decision.brake);
    tellHeld(round, place, { before: brake, gone: decision.brake.gone, of });
    return;
  }
  await inSteps(over, async (some) => {
    await deps.mailboxes.write(account, (mail) => {
      const ids = some.map((one) => one.message).filter((message) => isStillHere(mail.tx, message, place.mailbox));
      if (decision.kind === 'give-back') {
        giveBack(mail, ids);
        return tellGivenBack(report, mailboxName(round, place), ids.length);
      }
      report.found({ expunged: expungeMessages(mail, ids, 'upstream').length });
      for (const { remoteId } of some) deleteRemoteMessage(mail.tx, row.id, remoteId);
      for (const id of ids) forgetIds(mail.tx, id);
    });
  });
}

function contentOf({ deps }: Round, mapped: readonly { readonly message: MessageId }[]): ReadonlySet<string> {
  return new Set(
    deps.store.read((reader) =>
      mapped.flatMap(({ message }): string[] => {
        const hash = findMessageView(reader, message)?.hash;
        return hash === undefined ? [] : [hash];
      }),
    ),
  );
}

async function inSteps<T>(items: readonly T[], step: (some: readonly T[]) => Promise<void>): Promise<void> {
  for (let from = 0; from < items.length; from += AT_ONCE) await step(items.slice(from, from + AT_ONCE));
}

/** Should upstream show it? Not what it has still to be told of, nor what the path may hide. */
function isToBeThere(reader: Reader, round: Round, { message, append, move }: UnmappedRow): boolean {
  if (append !== undefined || move !== undefined) return false;
  return showsDeleted(round) || findMessage(reader, message)?.flags.includes('$deleted') !== true;
}

function isStillHere(reader: Reader, message: MessageId, mailbox: MailboxId): boolean {
  return findMessage(reader, message)?.mailbox === mailbox;
}
