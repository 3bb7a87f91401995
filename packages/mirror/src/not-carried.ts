/* What upstream will not be told any more: it ends here, its message stays here, and a person is told. */
import type { MailboxId, MessageId, Reason } from '@stopgap/core';
import { moveMessages, renameMailbox, type MailTx } from '@stopgap/mailbox';
import {
  endIntent,
  findMailbox,
  findMailboxByName,
  findMessage,
  findRemoteMailbox,
  insertIntent,
  isExpectedId,
  listRemoteMessagesOf,
  type IntentRow,
  type Reader,
} from '@stopgap/store';
import { placeOf, standAside, type Carrier } from './carrier.ts';
import { waitsForName } from './mailbox-map.ts';
import { isBelow, nameOf } from './mailbox-plan.ts';
import { recover } from './recovered.ts';

export async function endUncarried(carrier: Carrier, intent: IntentRow, reason: Reason): Promise<void> {
  const { deps, account, path, report } = carrier.round;
  const { work } = intent;
  const { kind } = work;
  const told = deps.store.read((reader) => subjectOf(reader, intent));
  await deps.mailboxes.write(account, (mail) => {
    endIntent(mail.tx, intent.id, { state: 'failed', nowMs: mail.nowMs, reason });
    if (kind === 'append') recover(mail, intent);
    if (kind === 'rename-mailbox') nameAsThere(mail, carrier, intent);
    if (kind === 'move' && intent.message !== undefined) putBack(mail, carrier, { intent, ...work, message: intent.message, reason });
  });
  report.notCarriedBack({ what: `${kind} of ${told}`, why: reason.text });
  deps.events.notCarriedBack({ account, path: path.id, kind, intents: 1, reason });
}

/** As a person names it. */
function subjectOf(reader: Reader, { message, mailbox }: IntentRow): string {
  const place = (message === undefined ? undefined : findMessage(reader, message)?.mailbox) ?? mailbox;
  const name = (place === undefined ? undefined : findMailbox(reader, place)?.name) ?? 'a deleted mailbox';
  return message === undefined ? name : `a message in ${name}`;
}

/**
 * It can not have the new name there: so that both sides are equal again, it has the old one here, too. Whatever took that here meanwhile makes room: it
 * would be taken for this one.
 */
function nameAsThere(mail: MailTx, carrier: Carrier, { mailbox }: IntentRow): void {
  const remote = mailbox === undefined ? undefined : placeOf(carrier, mailbox)?.remote;
  const local = mailbox === undefined ? undefined : findMailbox(mail.tx, mailbox);
  if (!remote || !local) return;
  const name = nameOf(remote);
  if (name === local.name || isBelow(name, local.name)) return;
  const other = findMailboxByName(mail.tx, mail.account, name);
  if (other) standAside(mail, carrier, other);
  renameMailbox(mail, local.id, { name, by: 'upstream' });
  takeBackBelow(mail, carrier, name);
}

/** What is below it there may have been called so here under another one, and have gone along with that when it made room. */
function takeBackBelow(mail: MailTx, { places }: Carrier, name: string): void {
  for (const { remote, mailbox } of places.values()) {
    const nameThere = nameOf(remote);
    const local = isBelow(nameThere, name) ? findMailbox(mail.tx, mailbox) : undefined;
    if (!local || local.role !== undefined || isBelow(nameThere, local.name) || findMailboxByName(mail.tx, mail.account, nameThere))
      continue;
    if (!waitsForName(mail, local.name)) renameMailbox(mail, mailbox, { name: nameThere, by: 'upstream' });
  }
}

interface Move {
  readonly intent: IntentRow;
  readonly message: MessageId;
  readonly from: MailboxId;
  readonly to: MailboxId;
  readonly reason: Reason;
}

/**
 * To where upstream is known to have it: where it is now it would be missed, and nobody holds what one mailbox alone misses. If it is known nowhere any
 * more, or the mailbox that it came from was deleted here, so that upstream may lose it with that one: then it is kept like what upstream did not take.
 */
function putBack(mail: MailTx, carrier: Carrier, { intent, message, from, to, reason }: Move): void {
  const { tx, account, nowMs } = mail;
  if (findMessage(tx, message)?.mailbox !== to || isKnownIn(tx, carrier, { message, mailbox: to })) return;
  if (findMailbox(tx, from) && isKnownIn(tx, carrier, { message, mailbox: from })) {
    return void moveMessages(mail, [message], from, 'upstream');
  }
  const append = insertIntent(tx, { account, message, mailbox: to, work: { kind: 'append' }, nowMs });
  endIntent(tx, append, { state: 'failed', nowMs, reason });
  recover(mail, intent);
}

/** What other paths knew may be long past: they are asked only about a mailbox that this one never looked at. */
function isKnownIn(
  reader: Reader,
  carrier: Carrier,
  { message, mailbox }: { readonly message: MessageId; readonly mailbox: MailboxId },
): boolean {
  const own = placeOf(carrier, mailbox)?.row?.id;
  return listRemoteMessagesOf(reader, message).some(
    ({ remoteId, remoteMailbox }) =>
      !isExpectedId(remoteId) &&
      (own === undefined ? findRemoteMailbox(reader, remoteMailbox)?.mailbox === mailbox : remoteMailbox === own),
  );
}
