/*
 * What was done here goes upstream: in order, begun before the call, once. After an unclear end (a lost answer, a crash) an append or a move stays begun;
 * the next round looks at the mailboxes first, and what it finds there settles it (settle-begun.ts).
 */
import { isDeepStrictEqual } from 'node:util';
import { backoffMs, MailError, type IntentId, type MailboxId } from '@stopgap/core';
import {
  beginIntent,
  endIntent,
  findIntent,
  lastIntentId,
  nextIntentMs,
  openIntentsOfMailbox,
  postponeIntent,
  restDueIntents,
  restIntent,
  updateIntentWork,
  type IntentRow,
  type MessageRow,
} from '@stopgap/store';
import { carryAppend } from './carry-append.ts';
import { endsRound, failureOf, isGivenUp, isToLookAgain, reasonOf, refusedSince } from './carry-failure.ts';
import { carryMailbox } from './carry-mailbox.ts';
import { carryExpunge, carryFlags, carryMove } from './carry-messages.ts';
import type { Carrier } from './carrier.ts';
import { intentGone, refuseIfChanged } from './changed-meanwhile.ts';
import { nextGroup } from './intent-groups.ts';
import { endUncarried } from './not-carried.ts';
import { eachOpenIntent } from './open-intents.ts';
import { begunAppend } from './stray.ts';

/** Resolves when nothing is left that can be carried now. Rejects when the session is over. Returns the mailboxes to be looked at again. */
export async function pushBack(carrier: Carrier): Promise<ReadonlySet<MailboxId>> {
  const { deps, account, session, signal } = carrier.round;
  // A path that can only read: they wait for a better one.
  if (!session.push) return carrier.again;
  const resting = new Set<IntentId>();
  while (!signal.aborted) {
    const { last, group } = deps.store.read((reader) => ({
      last: lastIntentId(reader),
      group: nextGroup(eachOpenIntent(reader, account), { nowMs: deps.clock.nowMs(), resting }),
    }));
    if (group.length === 0) {
      await restTheOthers(carrier, last);
      break;
    }
    const isCarried = await carryGroup(carrier, group);
    if (isCarried) for (const intent of group) resting.add(intent.id);
  }
  return carrier.again;
}

/** What waits for others, or for a listing that tells more: it would be due all the time, and a round after the other would come to nothing. */
async function restTheOthers({ round: { deps, account }, again }: Carrier, upTo: IntentId): Promise<void> {
  const { confirmAfterMs } = deps.settings;
  // What was told now is looked at again in this round.
  if (again.size > 0) return;
  if ((deps.store.read((reader) => nextIntentMs(reader, account)) ?? Infinity) > deps.clock.nowMs()) return;
  await deps.mailboxes.write(account, ({ tx, nowMs }) => restDueIntents(tx, { account, upTo, nowMs, notBeforeMs: nowMs + confirmAfterMs }));
}

/** False: something was done here meanwhile, so that they have to be read again. */
async function carryGroup(carrier: Carrier, group: readonly IntentRow[]): Promise<boolean> {
  const { deps, account, path, report } = carrier.round;
  const kind = group[0]?.work.kind;
  if (kind === undefined) return true;
  const carried: IntentId[] = [];
  const run = {
    begin: (intents: readonly IntentRow[], asRead?: MessageRow) =>
      deps.mailboxes.write(account, ({ tx }) => {
        if (asRead) refuseIfChanged(tx, asRead.id, asRead);
        for (const intent of intents) {
          const { id, work, message } = intent;
          const isSame = isDeepStrictEqual(findIntent(tx, id)?.work, work);
          if (work.kind === 'append' && message !== undefined) {
            updateIntentWork(tx, id, { kind: 'append', begun: begunAppend(tx, message) });
          }
          // Taken back or changed in the meantime: its own transaction is undone, and what is left is read again.
          if (!isSame || !beginIntent(tx, id, path.id)) throw intentGone();
        }
      }),
    carried: (intents: readonly IntentRow[]) => carried.push(...intents.map((intent) => intent.id)),
  };
  try {
    await carryOne(carrier, kind, { group, ...run });
    if (carried.length > 0) {
      report.carriedBack(kind, carried.length);
      deps.events.carriedBack({ account, path: path.id, kind, intents: carried.length });
    }
  } catch (error) {
    if (error instanceof MailError && error.code === 'intent-gone') return false;
    const left = group.filter((intent) => !carried.includes(intent.id));
    // One of many was refused: which, is told by carrying them one by one.
    if (left.length > 1 && failureOf(error, kind) === 'failed') {
      await deps.mailboxes.write(account, ({ tx, nowMs }) => {
        for (const { id } of left) postponeIntent(tx, id, { notBeforeMs: nowMs });
      });
      for (const intent of left) await carryGroup(carrier, [intent]);
      return true;
    }
    await settleFailure(carrier, left, error);
    if (endsRound(error)) throw error;
  }
  return true;
}

export interface CarryRun {
  readonly group: readonly IntentRow[];
  /** Durable before the call upstream. `asRead`: the message that will be told as it is in this row. */
  readonly begin: (intents: readonly IntentRow[], asRead?: MessageRow) => Promise<void>;
  /** Upstream has it, and that is on disk. */
  readonly carried: (intents: readonly IntentRow[]) => void;
}

function carryOne(carrier: Carrier, kind: IntentRow['work']['kind'], run: CarryRun): Promise<void> {
  switch (kind) {
    case 'flags':
      return carryFlags(carrier, run);
    case 'move':
      return carryMove(carrier, run);
    case 'expunge':
      return carryExpunge(carrier, run);
    case 'append':
      return carryAppend(carrier, run);
    case 'create-mailbox':
    case 'rename-mailbox':
    case 'delete-mailbox':
    case 'subscribe':
      return carryMailbox(carrier, run);
    default:
      return kind satisfies never;
  }
}

async function settleFailure(carrier: Carrier, intents: readonly IntentRow[], error: unknown): Promise<void> {
  const { deps, account } = carrier.round;
  const reason = reasonOf(error);
  const { retry, settleMs, confirmAfterMs } = deps.settings;
  for (const intent of intents) {
    const tries = intent.tries + 1;
    const startMs = deps.clock.nowMs();
    const refusedSinceMs = refusedSince(error, intent, startMs);
    const failure = isGivenUp(refusedSinceMs, tries, startMs) ? 'failed' : failureOf(error, intent.work.kind);
    if (failure === 'failed') {
      if (isOvertaken(carrier, intent))
        await deps.mailboxes.write(account, ({ tx, nowMs }) => endIntent(tx, intent.id, { state: 'done', nowMs, reason }));
      else await endUncarried(carrier, intent, reason);
      continue;
    }
    await deps.mailboxes.write(account, ({ tx, nowMs }) => {
      const refused = refusedSinceMs === undefined ? {} : { refusedSinceMs };
      if (failure === 'unclear') return restIntent(tx, intent.id, { notBeforeMs: nowMs + settleMs, ...refused });
      const waitMs = isToLookAgain(error) ? confirmAfterMs : backoffMs(retry, tries, deps.random());
      postponeIntent(tx, intent.id, { notBeforeMs: nowMs + waitMs, reason, ...refused });
    });
  }
}

/** The name that was refused is not the last one: that is told next, or that it was deleted. */
function isOvertaken({ round }: Carrier, { id, mailbox, work }: IntentRow): boolean {
  if (work.kind !== 'rename-mailbox' || mailbox === undefined) return false;
  const open = round.deps.store.read((reader) => openIntentsOfMailbox(reader, mailbox));
  return open.some((one) => one.id > id && one.work.kind !== 'subscribe');
}
