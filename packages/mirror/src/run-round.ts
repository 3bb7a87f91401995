/*
 * One turn of one account: which mailboxes there are, what each of them lists (flags, deletions), what was done here goes up, then the bytes of what is
 * new, newest first. INBOX, Sent and Drafts before the rest.
 */
import { MailError, type MailboxId, type MailboxRole } from '@stopgap/core';
import { findMailboxByRole, hasMissed, openIntents } from '@stopgap/store';
import { reasonOf } from './carry-failure.ts';
import { placeOf, spaceRowsOf, type Carrier } from './carrier.ts';
import { conclude } from './conclude.ts';
import { mailboxesOf } from './intent-groups.ts';
import { isHere, lookAt, type Look } from './look.ts';
import { nameOf } from './mailbox-plan.ts';
import { mapMailboxes } from './mailbox-map.ts';
import { keepOneInSent, outboxAtWork } from './one-in-sent.ts';
import { INTENTS_LOOKED_AT } from './open-intents.ts';
import { pushBack } from './push-back.ts';
import { restUnsettled, settleBegun } from './settle-begun.ts';
import type { Place, Places, Round } from './round.ts';
import { takeBodies } from './take-bodies.ts';

const FIRST: readonly (MailboxRole | undefined)[] = ['inbox', 'sent', 'drafts'];

export interface RoundWatch {
  /** After each batch, and at the end. */
  progressed(places: readonly Place[]): Promise<void>;
}

/** Rejects when the session is over or the path gives answers that can not be believed; what was done until then is kept. */
export async function runRound(round: Round, watch: RoundWatch): Promise<void> {
  const startMs = round.deps.clock.nowMs();
  const atWork = outboxAtWork(round);
  const { places, leaving, isCut } = await mapMailboxes(round);
  const ordered = inOrder(places);
  const first = readFirst(round, startMs);
  const complete = new Set<MailboxId>();
  const looks: Look[] = [];
  for (const place of ordered) {
    const look = await lookSafely(round, place, first.has(place.mailbox));
    if (look === 'missing') continue;
    if (look && look.toFetch.length > 0) {
      looks.push(look);
      continue;
    }
    if (look) await conclude(round, look);
    if (isWhole(round, place)) complete.add(place.mailbox);
  }
  const news = new Set<MailboxId>();
  const take = async (look: Look): Promise<void> => {
    if (look.toFetch.length > 0) news.add(look.place.mailbox);
    const bodies = takeBodies(round, look, { spaceRows: spaceRowsOf(ordered), onBatch: () => watch.progressed(ordered) });
    if (!(await bodies.catch(falseIfMissing))) return;
    if (isHere(round, look.place)) await conclude(round, look);
    if (isWhole(round, look.place)) complete.add(look.place.mailbox);
  };
  for (const look of looks.filter((one) => first.has(one.place.mailbox))) await take(look);
  const carrier: Carrier = { round, startMs, places: new Map(places), leaving, isCut, complete, again: new Set() };
  const isUnclear = await settleBegun(carrier);
  const again = await pushBack(carrier);
  for (const look of looks.filter((one) => !first.has(one.place.mailbox))) {
    // Carrying back may have renamed it, or deleted it.
    const place = placeOf(carrier, look.place.mailbox);
    if (place) await take({ ...look, place });
  }
  // What was not told by some mailboxes may be told by all.
  if (isUnclear && (await settleBegun(carrier))) await restUnsettled(carrier);
  for (const place of [...carrier.places.values()].filter((one) => again.has(one.mailbox))) {
    const look = await lookSafely(round, place, true);
    if (look && look !== 'missing') await take(look);
  }
  await keepOneInSent(round, carrier.places.values(), { news, atWork });
  await watch.progressed(ordered);
}

/**
 * Does what is known of the mailbox agree with what was listed? While anything is missed, the listing may be the lie: nothing may be concluded from a
 * message that is not in it.
 */
function isWhole({ deps }: Round, { row }: Place): boolean {
  return row !== undefined && !deps.store.read((reader) => hasMissed(reader, row.id));
}

/**
 * A mailbox that went away between the list and the look is the next list's to tell of. One that is listed and may not be opened (another person's that is
 * shared, one that is broken) keeps nobody from the others.
 */
async function lookSafely(round: Round, place: Place, isForced: boolean): Promise<Look | 'missing' | undefined> {
  if (!isHere(round, place)) return 'missing';
  try {
    return await lookAt(round, place, { isForced });
  } catch (error) {
    if (isMissing(error)) return 'missing';
    if (nameOf(place.remote) === 'INBOX' || !isRefusal(error)) throw error;
    round.report.unreadable({ what: `mailbox ${nameOf(place.remote)}`, why: reasonOf(error).text });
    return 'missing';
  }
}

/** It went away between the look and the reading. */
function falseIfMissing(error: unknown): false {
  if (isMissing(error)) return false;
  throw error;
}

function isMissing(error: unknown): boolean {
  return error instanceof MailError && error.code === 'mailbox-missing';
}

function isRefusal(error: unknown): boolean {
  return error instanceof MailError && error.code === 'refused' && error.kind === 'transient' && error.reason?.class !== 'connect';
}

function inOrder(places: Places): readonly Place[] {
  const rank = ({ remote }: Place): number => {
    const at = FIRST.indexOf(remote.path.join('/').toUpperCase() === 'INBOX' ? 'inbox' : remote.role);
    return remote.role === undefined && at < 0 ? FIRST.length : at < 0 ? FIRST.length + 1 : at;
  };
  return [...places.values()].toSorted((one, other) => rank(one) - rank(other));
}

/**
 * Mailboxes whose messages must be known before something is carried: where it is not known how an intent has ended; and Sent, where upstream may have
 * stored by itself what waits to be stored.
 */
function readFirst({ deps, account }: Round, startMs: number): ReadonlySet<MailboxId> {
  return deps.store.read((reader) => {
    const sent = findMailboxByRole(reader, account, 'sent')?.id;
    const open = openIntents(reader, account, INTENTS_LOOKED_AT);
    const unclear = open.filter((intent) => intent.state === 'begun' && intent.notBeforeMs <= startMs);
    const toSent = open.filter((intent) => intent.work.kind === 'append' && intent.mailbox === sent);
    return new Set([...unclear, ...toSent].flatMap((intent) => mailboxesOf(intent)));
  });
}
