/*
 * One identity across paths: is an arrived message one that is here already? One to one, so that equal messages stay as many as they are:
 *   1. a message of the same content in this mailbox that has no id in this space: one whose append was begun and may have come about, else the lowest UID
 *   2. one that was moved away or expunged here, which upstream has still to be told
 *   3. a twin (twins.ts)
 * else it is new. A copy that only waits here to be carried is not it, except in Sent, where a client may have stored it at the provider, too.
 */
import { normalFlags, type Flag, type MailboxId, type MailboxRole, type MessageId } from '@stopgap/core';
import { addMessage, leaveFlags, replaceContent, type MailTx } from '@stopgap/mailbox';
import {
  deleteRemoteMessage,
  endIntent,
  expectedId,
  findKept,
  findMessage,
  findMessageView,
  findRemoteMessage,
  isExpectedId,
  listMessagesByContent,
  listRemoteMessagesOf,
  openIntents,
  openIntentsOfMessage,
  putRemoteMessage,
} from '@stopgap/store';
import type { Arrival } from './arrival.ts';
import { INTENTS_LOOKED_AT } from './open-intents.ts';
import { takeFlags } from './take-flags.ts';

export interface TakeOverPlace {
  readonly rowId: number;
  readonly mailbox: MailboxId;
  readonly role: MailboxRole | undefined;
  /** Is anything in the mailbox here that has no id in this space, or may get another one? Else there is no need to compare. */
  readonly hasUnmapped: boolean;
  /** Rows of every remote mailbox in this space. */
  readonly spaceRows: ReadonlySet<number>;
}

export interface TakenOver {
  readonly messages: number;
  readonly isNew: number;
  readonly sizeBytes: number;
}

/**
 * Gives each arrival its message and its mapping, in one transaction with everything that follows from it. They are given newest first; within a batch the
 * oldest gets the lowest UID, as where all of them had come by themselves.
 */
export function takeOver(mail: MailTx, place: TakeOverPlace, arrivals: readonly Arrival[]): TakenOver {
  const pending = new Pending(mail, place);
  let isNew = 0;
  let sizeBytes = 0;
  for (const arrival of arrivals.toReversed()) {
    sizeBytes += arrival.blob.sizeBytes;
    const mapped = findRemoteMessage(mail.tx, place.rowId, arrival.remote.id);
    if (mapped) {
      improve(mail, mapped.message, arrival);
      continue;
    }
    const known = identify(mail, place, { arrival, pending });
    if (known === undefined) isNew += 1;
    else improve(mail, known, arrival);
    const message = known ?? add(mail, place, arrival);
    map(mail, place, { message, arrival, isNew: known === undefined });
  }
  return { messages: arrivals.length, isNew, sizeBytes };
}

function identify(
  mail: MailTx,
  place: TakeOverPlace,
  { arrival, pending }: { readonly arrival: Arrival; readonly pending: Pending },
): MessageId | undefined {
  const { hash } = arrival.blob;
  const equal = place.hasUnmapped && arrival.completeness === 'raw' ? listMessagesByContent(mail.tx, place.mailbox, hash) : [];
  const free = equal.filter((message) => isFree(mail, place, message.id));
  return (
    (free.find((message) => isAppendBegun(mail, message.id)) ?? free[0])?.id ??
    (arrival.completeness === 'raw' ? pending.take(hash) : undefined) ??
    arrival.twins.find((id) => findMessage(mail.tx, id)?.mailbox === place.mailbox && isFree(mail, place, id))
  );
}

/** May upstream mean this message, which is in this mailbox here? */
function isFree(mail: MailTx, place: TakeOverPlace, message: MessageId): boolean {
  const ids = listRemoteMessagesOf(mail.tx, message).filter((row) => place.spaceRows.has(row.remoteMailbox) && !isExpectedId(row.remoteId));
  // Missed under the id that it had: it may be there again under another one, as after a restore from a backup.
  if (ids.some((row) => row.remoteMailbox === place.rowId && row.missedAtMs === undefined)) return false;
  const open = openIntentsOfMessage(mail.tx, message);
  if (place.role !== 'sent' && open.some(({ work, state }) => work.kind === 'append' && state === 'waiting')) return false;
  // Moved here by us or by somebody else: the old id must be gone, or our move may have got half way.
  const isMoveBegun = open.some(({ work, state }) => work.kind === 'move' && state === 'begun');
  return isMoveBegun || ids.every((row) => row.missedAtMs !== undefined);
}

function isAppendBegun(mail: MailTx, message: MessageId): boolean {
  return openIntentsOfMessage(mail.tx, message).some(({ work, state }) => work.kind === 'append' && state === 'begun');
}

function add(mail: MailTx, place: TakeOverPlace, { remote, digest, blob, completeness }: Arrival): MessageId {
  return addMessage(mail, {
    mailbox: place.mailbox,
    blob,
    digest,
    completeness,
    ...(completeness === 'headers' && remote.sizeBytes !== undefined ? { sizeBytes: remote.sizeBytes } : {}),
    receivedAtMs: Math.min(remote.receivedAtMs ?? digest.envelope.sentAtMs ?? mail.nowMs, mail.nowMs),
    flags: normalFlags(remote.flags ?? []),
    by: 'upstream',
  }).id;
}

function map(
  mail: MailTx,
  place: TakeOverPlace,
  { message, arrival, isNew }: { readonly message: MessageId; readonly arrival: Arrival; readonly isNew: boolean },
): void {
  const flags = normalFlags(arrival.remote.flags ?? []);
  putRemoteMessage(mail.tx, { remoteMailbox: place.rowId, remoteId: arrival.remote.id, message, flags });
  if (isNew) return;
  forgetMissed(mail, place, message);
  deleteRemoteMessage(mail.tx, place.rowId, expectedId(message));
  const wasAppended = endWaitingAppend(mail, message) || isAppendBegun(mail, message);
  if (!arrival.remote.flags) return;
  if (wasAppended) leaveUnset(mail, message, flags);
  takeFlags(mail, message, { base: undefined, there: flags });
}

/** The webmail has stored it: what is done to it from now on is not in what is appended. False: none waits. */
function endWaitingAppend({ tx, nowMs }: MailTx, message: MessageId): boolean {
  const append = openIntentsOfMessage(tx, message).find(({ work, state }) => work.kind === 'append' && state === 'waiting');
  if (append) endIntent(tx, append.id, { state: 'done', nowMs });
  return append !== undefined;
}

/** Storing it was cut off, or somebody else stored it, and some paths store first and mark afterwards: flags that are not there are still to be told. */
function leaveUnset(mail: MailTx, id: MessageId, there: readonly Flag[]): void {
  const message = findMessage(mail.tx, id);
  const add = message?.flags.filter((flag) => !there.includes(flag)) ?? [];
  if (message && add.length > 0) leaveFlags(mail, id, message.mailbox, { add, remove: [] });
}

function forgetMissed({ tx }: MailTx, { rowId }: TakeOverPlace, message: MessageId): void {
  for (const row of listRemoteMessagesOf(tx, message)) {
    if (row.remoteMailbox === rowId && row.missedAtMs !== undefined) deleteRemoteMessage(tx, rowId, row.remoteId);
  }
}

/** A better copy of what is here only as headers, or put together again. */
export function improve(mail: MailTx, id: MessageId, arrival: Arrival): void {
  const message = findMessage(mail.tx, id);
  if (!message || message.completeness === 'raw' || arrival.completeness === 'headers') return;
  if (message.completeness === 'rebuilt' && arrival.completeness !== 'raw') return;
  replaceContent(mail, id, { blob: arrival.blob, digest: arrival.digest, completeness: arrival.completeness });
}

/** What upstream still has in this mailbox and was taken out of it here, by content; read when first asked for. */
class Pending {
  readonly #mail: MailTx;
  readonly #place: TakeOverPlace;
  #byHash: Map<string, MessageId[]> | undefined;

  constructor(mail: MailTx, place: TakeOverPlace) {
    this.#mail = mail;
    this.#place = place;
  }

  take(hash: string): MessageId | undefined {
    this.#byHash ??= this.#read();
    return this.#byHash.get(hash)?.shift();
  }

  #read(): Map<string, MessageId[]> {
    const { tx, account } = this.#mail;
    const found = new Map<string, MessageId[]>();
    for (const { work, message } of openIntents(tx, account, INTENTS_LOOKED_AT)) {
      if (message === undefined || (work.kind !== 'move' && work.kind !== 'expunge') || work.from !== this.#place.mailbox) continue;
      if (openIntentsOfMessage(tx, message).some((one) => one.work.kind === 'append' && one.state === 'waiting')) continue;
      if (listRemoteMessagesOf(tx, message).some((row) => this.#place.spaceRows.has(row.remoteMailbox))) continue;
      const hash = findMessageView(tx, message)?.hash ?? findKept(tx, message)?.kept.view.hash;
      if (hash !== undefined) found.set(hash, [...(found.get(hash) ?? []), message]);
    }
    return found;
  }
}
