/*
 * What was done here goes upstream: in order, begun before the call, once. After an unclear end (a lost answer, a crash) an append or a move stays begun;
 * the next round looks at the mailboxes first, and what it finds there settles it (settle-begun.ts).
 */
import { backoffMs, MailError, type IntentId, type MailboxId } from '@stopgap/core';
import { renameMailbox, type MailTx } from '@stopgap/mailbox';
import {
  beginIntent,
  endIntent,
  findMailbox,
  findMailboxByName,
  findMessage,
  openIntents,
  postponeIntent,
  restIntent,
  updateIntentWork,
  type IntentRow,
  type Reader,
} from '@stopgap/store';
import { carryAppend } from './carry-append.ts';
import { endsRound, failureOf, isGivenUp, isToLookAgain, reasonOf } from './carry-failure.ts';
import { carryMailbox } from './carry-mailbox.ts';
import { carryExpunge, carryFlags, carryMove } from './carry-messages.ts';
import { placeOf, type Carrier } from './carrier.ts';
import { nextGroup } from './intent-groups.ts';
import { nameOf } from './mailbox-plan.ts';
import { recover } from './recovered.ts';
import { begunAppend } from './stray.ts';

const INTENTS_LOOKED_AT = 2000;

/** Resolves when nothing is left that can be carried now. Rejects when the session is over. Returns the mailboxes to be looked at again. */
export async function pushBack(carrier: Carrier): Promise<ReadonlySet<MailboxId>> {
  const { deps, account, session, signal } = carrier.round;
  // A path that can only read: they wait for a better one.
  if (!session.push) return carrier.again;
  const resting = new Set<IntentId>();
  while (!signal.aborted) {
    const group = deps.store.read((reader) => {
      const open = openIntents(reader, account, INTENTS_LOOKED_AT);
      return nextGroup(open, { nowMs: deps.clock.nowMs(), resting, nameOf: (mailbox) => findMailbox(reader, mailbox)?.name });
    });
    if (group.length === 0) break;
    for (const intent of group) resting.add(intent.id);
    await carryGroup(carrier, group);
  }
  return carrier.again;
}

async function carryGroup(carrier: Carrier, group: readonly IntentRow[]): Promise<void> {
  const { deps, account, path, report } = carrier.round;
  const kind = group[0]?.work.kind;
  if (kind === undefined) return;
  const carried: IntentId[] = [];
  const run = {
    begin: (intents: readonly IntentRow[]) =>
      deps.mailboxes.write(account, ({ tx, nowMs }) => {
        for (const { id, work, message } of intents) {
          if (work.kind !== 'append' || message === undefined) continue;
          updateIntentWork(tx, id, { kind: 'append', begun: begunAppend(tx, message, nowMs) });
        }
        const settled = intents.every((intent) => beginIntent(tx, intent.id, path.id));
        // Taken back in the meantime: its own transaction is undone, and the next round sees what is left.
        if (!settled) throw new MailError('transient', 'An intent was taken back.', { code: 'intent-gone' });
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
    if (error instanceof MailError && error.code === 'intent-gone') return;
    const left = group.filter((intent) => !carried.includes(intent.id));
    // One of many was refused: which, is told by carrying them one by one.
    if (left.length > 1 && failureOf(error, kind) === 'failed') {
      await deps.mailboxes.write(account, ({ tx, nowMs }) => {
        for (const { id } of left) postponeIntent(tx, id, { notBeforeMs: nowMs });
      });
      for (const intent of left) await carryGroup(carrier, [intent]);
      return;
    }
    await settleFailure(carrier, left, error);
    if (endsRound(error)) throw error;
  }
}

export interface CarryRun {
  readonly group: readonly IntentRow[];
  /** Durable before the call upstream. */
  readonly begin: (intents: readonly IntentRow[]) => Promise<void>;
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

/** As a person names it. */
function subjectOf(reader: Reader, { message, mailbox }: IntentRow): string {
  const place = (message === undefined ? undefined : findMessage(reader, message)?.mailbox) ?? mailbox;
  const name = (place === undefined ? undefined : findMailbox(reader, place)?.name) ?? 'a deleted mailbox';
  return message === undefined ? name : `a message in ${name}`;
}

async function settleFailure(carrier: Carrier, intents: readonly IntentRow[], error: unknown): Promise<void> {
  const { deps, account, path, report } = carrier.round;
  const reason = reasonOf(error);
  const { retry, settleMs, confirmAfterMs } = deps.settings;
  for (const intent of intents) {
    const kind = intent.work.kind;
    const failure = isGivenUp(error, intent.tries + 1) ? 'failed' : failureOf(error, kind);
    const told = deps.store.read((reader) => subjectOf(reader, intent));
    await deps.mailboxes.write(account, (mail) => {
      const { tx, nowMs } = mail;
      if (failure === 'unclear') return restIntent(tx, intent.id, nowMs + settleMs);
      if (failure !== 'failed') {
        const waitMs = isToLookAgain(error) ? confirmAfterMs : backoffMs(retry, intent.tries + 1, deps.random());
        return postponeIntent(tx, intent.id, { notBeforeMs: nowMs + waitMs, reason });
      }
      endIntent(tx, intent.id, { state: 'failed', nowMs, reason });
      if (kind === 'append') recover(mail, intent);
      if (kind === 'rename-mailbox') nameAsThere(mail, carrier, intent);
    });
    if (failure !== 'failed') continue;
    report.notCarriedBack({ what: `${kind} of ${told}`, why: reason.text });
    deps.events.notCarriedBack({ account, path: path.id, kind, intents: 1, reason });
  }
}

/** It can not have the new name there: so that both sides are equal again, it has the old one here, too. */
function nameAsThere(mail: MailTx, carrier: Carrier, { mailbox }: IntentRow): void {
  const remote = mailbox === undefined ? undefined : placeOf(carrier, mailbox)?.remote;
  if (mailbox === undefined || !remote || findMailboxByName(mail.tx, mail.account, nameOf(remote))) return;
  renameMailbox(mail, mailbox, { name: nameOf(remote), by: 'upstream' });
}
