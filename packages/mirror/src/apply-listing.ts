import { expungeMessages, restoreMessage, type MailTx } from '@stopgap/mailbox';
import {
  countMappedHere,
  deleteRemoteMessage,
  endIntent,
  findMailbox,
  findMessage,
  findRemoteMailbox,
  hasMissed,
  isKnownElsewhere,
  openIntentsOfMessage,
  putRemoteMessage,
  setRemoteMessageMissed,
  updateRemoteMailbox,
} from '@stopgap/store';
import { sameFlags, withFlagChange, type Flag } from '@stopgap/core';
import { decideBrake, type Brake } from './brake.ts';
import { parsedBrake } from './brake-text.ts';
import { baseOf } from './flag-merge.ts';
import { forgetIds } from './forget-ids.ts';
import { giveBack, tellGivenBack } from './give-back.ts';
import type { ListingDiff, Mapped } from './listing-diff.ts';
import { spaceOf, type Place, type Round } from './round.ts';
import { takeFlags } from './take-flags.ts';

/** Rows written in one transaction: it holds the event loop. */
const AT_ONCE = 500;

export interface ListingToApply {
  readonly place: Place;
  readonly rowId: number;
  readonly diff: ListingDiff;
  readonly kind: 'full' | 'delta';
}

/** What a listing says of messages that are known: flags, missed, back, gone. Each step may be done twice. */
export async function applyListing(round: Round, work: ListingToApply): Promise<void> {
  const { deps, account } = round;
  const { diff, rowId } = work;
  const inSteps = async <T>(items: readonly T[], step: (mail: MailTx, item: T) => void): Promise<void> => {
    for (let from = 0; from < items.length; from += AT_ONCE) {
      const some = items.slice(from, from + AT_ONCE);
      await deps.mailboxes.write(account, (mail) => {
        for (const item of some) step(mail, item);
      });
    }
  };
  await inSteps(diff.stale, ({ tx }, mapped) => deleteRemoteMessage(tx, rowId, mapped.remoteId));
  await inSteps(diff.back, ({ tx }, mapped) => setRemoteMessageMissed(tx, rowId, mapped.remoteId, undefined));
  await inSteps(diff.changed, (mail, change) => takeChange(mail, round, { ...change, work }));
  await inSteps(diff.missed, ({ tx, nowMs }, mapped) => setRemoteMessageMissed(tx, rowId, mapped.remoteId, nowMs));
  await takeGone(round, work, inSteps);
}

function takeChange(
  mail: MailTx,
  round: Round,
  { mapped, flags, work }: { readonly mapped: Mapped; readonly flags: readonly Flag[]; readonly work: ListingToApply },
): void {
  const { tx } = mail;
  const showsAll = findRemoteMailbox(tx, work.rowId)?.space === spaceOf(round);
  const shown = baseOf(mapped.flags, flags, showsAll);
  const there = mapped.standing === 'pending' ? withoutNewMark(mapped.flags, shown) : shown;
  // The same but for what this path does not show.
  if (there.join(' ') === mapped.flags.join(' ')) return;
  putRemoteMessage(tx, { remoteMailbox: work.rowId, remoteId: mapped.remoteId, message: mapped.message, flags: there });
  if (!findMessage(tx, mapped.message) && !isOurs(mail, mapped, there)) keepAfterAll(mail, round, { mapped, work });
  if (takeFlags(mail, mapped.message, { base: mapped.flags, there })) round.report.found({ flags: 1 });
}

/** Flags that were changed here before it was deleted, and whose telling was cut off, are no change by somebody else. */
function isOurs({ tx }: MailTx, { message, flags }: Mapped, there: readonly Flag[]): boolean {
  const told = openIntentsOfMessage(tx, message).flatMap(({ work }) => (work.kind === 'flags' ? [work] : []));
  const ours = told.reduce<readonly Flag[]>((before, { add, remove }) => {
    const [came, went] = [add.filter((flag) => there.includes(flag)), remove.filter((flag) => !there.includes(flag))];
    return withFlagChange(before, { add: came, remove: went });
  }, flags);
  return sameFlags(ours, there);
}

/** It has left this mailbox here. That it is marked as deleted there is what was asked for: by us, in a deletion or a move that was cut off, or by another. */
function withoutNewMark(before: readonly Flag[], there: readonly Flag[]): readonly Flag[] {
  return before.includes('$deleted') ? there : there.filter((flag) => flag !== '$deleted');
}

/** Deleted here, changed there meanwhile: a delete never wins over that. */
function keepAfterAll(mail: MailTx, { report }: Round, { mapped, work }: { readonly mapped: Mapped; readonly work: ListingToApply }): void {
  const expunge = openIntentsOfMessage(mail.tx, mapped.message).filter((intent) => intent.work.kind === 'expunge');
  if (expunge.length === 0) return;
  const text = 'it was changed upstream after it was deleted here';
  for (const { id } of expunge) {
    endIntent(mail.tx, id, { state: 'failed', nowMs: mail.nowMs, reason: { class: 'cancelled', text } });
  }
  const mailbox = findMailbox(mail.tx, work.place.mailbox);
  restoreMessage(mail, mapped.message, { by: 'upstream', ...(mailbox ? { mailbox: mailbox.id } : {}) });
  report.decided({ what: `a message in ${mailbox?.name ?? 'a mailbox'} is kept`, why: text });
}

type InSteps = <T>(items: readonly T[], step: (mail: MailTx, item: T) => void) => Promise<void>;

async function takeGone(round: Round, { place, rowId, diff, kind }: ListingToApply, inSteps: InSteps): Promise<void> {
  const { deps, report } = round;
  const here = diff.gone.filter((mapped) => mapped.standing === 'here');
  await inSteps(
    diff.gone.filter((mapped) => mapped.standing !== 'here'),
    ({ tx }, mapped) => deleteRemoteMessage(tx, rowId, mapped.remoteId),
  );
  const { row, of } = deps.store.read((reader) => ({
    row: findRemoteMailbox(reader, rowId),
    of: here.length === 0 ? 0 : countMappedHere(reader, rowId),
  }));
  const decision = brakeFor(round, {
    place,
    brake: parsedBrake(row?.brake),
    messages: here.map((mapped) => mapped.message),
    of,
    missed: here,
  });
  if (decision.kind === 'give-back') {
    await inSteps(here, (mail, mapped) => giveBack(mail, [mapped.message]));
    tellGivenBack(report, mailboxName(round, place), here.length);
  } else if (decision.kind === 'apply') {
    await inSteps(here, (mail, mapped) => {
      forgetIds(mail.tx, mapped.message);
      report.found({ expunged: expungeMessages(mail, [mapped.message], 'upstream').length });
    });
  } else {
    await inSteps(here, ({ tx, nowMs }, mapped) =>
      setRemoteMessageMissed(tx, rowId, mapped.remoteId, Math.min(mapped.missedAtMs ?? nowMs, nowMs)),
    );
  }
  // The first word of a delta only makes them missed: the next listing is a full one, and by then what was only moved has been found.
  if (decision.kind === 'hold' && kind === 'full') await setBrake(round, rowId, decision.brake);
  const brake = parsedBrake(row?.brake);
  // What is missing after a restore shows only at the end of the look.
  const isOver = brake !== undefined && brake.gone > 0 && !deps.store.read((reader) => hasMissed(reader, rowId));
  if (isOver) await setBrake(round, rowId, undefined);
  if (decision.kind === 'hold' && kind === 'full') tellHeld(round, place, { before: brake, gone: decision.brake.gone, of });
}

/** Once, when it begins. */
export function tellHeld(
  round: Round,
  place: Pick<Place, 'mailbox'>,
  { before, gone, of }: { readonly before: Brake | undefined; readonly gone: number; readonly of: number },
): void {
  if (before !== undefined && before.gone > 0) return;
  const { deps, account, path } = round;
  deps.events.deletionsHeld({ account, path: path.id, mailbox: mailboxName(round, place), gone, of });
}

export function mailboxName({ deps }: Pick<Round, 'deps'>, { mailbox }: Pick<Place, 'mailbox'>): string {
  return deps.store.read((reader) => findMailbox(reader, mailbox))?.name ?? '';
}

export type BrakeDecision = { readonly kind: 'apply' | 'give-back' } | { readonly kind: 'hold'; readonly brake: Brake };

/** Asks the brake about messages that upstream no longer has. */
export function brakeFor(
  { deps }: Round,
  loss: {
    readonly place: Place;
    readonly brake: Brake | undefined;
    readonly messages: readonly Mapped['message'][];
    readonly of: number;
    readonly missed: readonly { readonly missedAtMs?: number }[];
  },
): BrakeDecision {
  const { place, brake, of } = loss;
  const nowMs = deps.clock.nowMs();
  const facts = deps.store.read((reader) => ({
    gone: loss.messages.filter((message) => !isKnownElsewhere(reader, message)).length,
    role: findMailbox(reader, place.mailbox)?.role,
  }));
  const missed = loss.missed.flatMap(({ missedAtMs }) => (missedAtMs === undefined ? [] : [missedAtMs]));
  const missedAtMs = missed.length === 0 ? undefined : Math.max(...missed);
  const decision = decideBrake({ ...facts, of, missedAtMs, brake, nowMs }, deps.settings.brake);
  if (decision !== 'hold') return { kind: decision };
  return { kind: 'hold', brake: { state: 'held', sinceMs: brake?.sinceMs ?? nowMs, gone: facts.gone, of } };
}

/** What a person decided meanwhile stands. Undefined: nothing is missing any more. */
export async function setBrake({ deps, account }: Pick<Round, 'deps' | 'account'>, rowId: number, brake: Brake | undefined): Promise<void> {
  await deps.mailboxes.write(account, ({ tx }) => {
    const row = findRemoteMailbox(tx, rowId);
    const isDecided = (parsedBrake(row?.brake)?.state ?? 'held') !== 'held';
    if (!row || (brake !== undefined && isDecided)) return;
    const { brake: _, ...rest } = row;
    updateRemoteMailbox(tx, brake === undefined ? rest : { ...rest, brake: JSON.stringify(brake) });
  });
}
