import { MailError, type MailboxId, type MessageId, type ModSeq } from '@stopgap/core';
import {
  deleteMessage,
  findKept,
  findMailboxByRole,
  findMessageView,
  insertExpunged,
  insertMessage,
  listMailboxMessages,
  putMessageView,
  releaseKept,
  type MessageRow,
} from '@stopgap/store';
import { refuseIfFull, type AddedMessage } from './add-message.ts';
import { countIn, mailboxIn, nextModSeq, nextUid, type By, type MailTx } from './mail-tx.ts';
import { isRefused, leaveAppend, leaveExpunge, leaveFlags, leaveMove, takeBackExpunge } from './message-intents.ts';
import { messagesIn } from './messages-in.ts';
import { threadOfRestored } from './thread-of-message.ts';

const EMPTIED_AT_ONCE = 500;

/** Gone for clients; restorable until they are purged. Returns those that were there. */
export function expungeMessages(mail: MailTx, ids: readonly MessageId[], by: By): MessageRow[] {
  const messages = messagesIn(mail, ids);
  if (messages.length === 0) return messages;
  const modSeq = nextModSeq(mail);
  for (const message of messages) {
    expungeOne(mail, message, { by, modSeq });
    if (by === 'here') leaveExpunge(mail, message.id, message.mailbox);
  }
  return messages;
}

/** Before its mailbox is deleted: upstream is told of that, and of those messages only that it has elsewhere. */
export function emptyMailbox(mail: MailTx, mailbox: MailboxId, by: By): void {
  const modSeq = nextModSeq(mail);
  for (;;) {
    const page = listMailboxMessages(mail.tx, mailbox, { afterUid: 0, limit: EMPTIED_AT_ONCE });
    for (const message of page) {
      expungeOne(mail, message, { by, modSeq });
      if (by === 'here') leaveExpunge(mail, message.id, mailbox, true);
    }
    if (page.length < EMPTIED_AT_ONCE) return;
  }
}

/**
 * Brings an expunged message back under its id, with a new UID: into `mailbox`, else where it was, else INBOX. Undefined: it was purged, or was never
 * expunged.
 * @throws MailError `mailbox-missing`, `mailbox-full`, `over-quota`
 */
export function restoreMessage(
  mail: MailTx,
  id: MessageId,
  options: { readonly by: By; readonly mailbox?: MailboxId },
): AddedMessage | undefined {
  const found = findKept(mail.tx, id);
  if (!found || found.account !== mail.account) return undefined;
  // Past its time it may be on its way out of the index already, unless it was asked for before: see purge.ts.
  if (found.expungedAtMs < (found.wantedAtMs ?? mail.nowMs) - mail.limits.keepExpungedMs) return undefined;
  const { message, view } = found.kept;
  const mailbox = options.mailbox ?? placeFor(mail, message.mailbox);
  refuseIfFull(mail, mailbox, { messages: 1, sizeBytes: message.sizeBytes, by: options.by });
  const modSeq = nextModSeq(mail);
  const uid = nextUid(mail, mailbox);
  const flags = message.flags.filter((flag) => flag !== '$deleted');
  const thread = threadOfRestored(mail, view.envelope, message.thread);
  const back = { ...message, mailbox, uid, flags, thread, savedAtMs: mail.nowMs, createdModSeq: modSeq, modSeq, shownModSeq: modSeq };
  insertMessage(mail.tx, back, view.hash);
  putMessageView(mail.tx, id, view);
  releaseKept(mail.tx, id);
  countIn(mail, mailbox, { total: 1, unseen: flags.includes('$seen') ? 0 : 1, sizeBytes: message.sizeBytes, modSeq });
  // Its text is in the index still, or will be found missing.
  mail.books.copies.set(id, id);
  if (options.by === 'here') leaveRestored(mail, { ...message, flags }, mailbox);
  return { id, uid, modSeq, thread };
}

function expungeOne(mail: MailTx, message: MessageRow, how: { readonly by: By; readonly modSeq: ModSeq }): void {
  const { tx } = mail;
  const view = findMessageView(tx, message.id);
  insertExpunged(
    tx,
    {
      message: message.id,
      account: mail.account,
      mailbox: message.mailbox,
      uid: message.uid,
      createdModSeq: message.createdModSeq,
      modSeq: how.modSeq,
      expungedAtMs: mail.nowMs,
      by: how.by,
    },
    view && { message, view },
  );
  deleteMessage(tx, message.id);
  countIn(mail, message.mailbox, {
    total: -1,
    unseen: message.flags.includes('$seen') ? 0 : -1,
    sizeBytes: -message.sizeBytes,
    modSeq: how.modSeq,
  });
}

function placeFor(mail: MailTx, mailbox: MailboxId): MailboxId {
  const place = mailboxIn(mail, mailbox)?.id ?? findMailboxByRole(mail.tx, mail.account, 'inbox')?.id;
  if (place === undefined)
    throw new MailError('permanent', 'Its mailbox is gone.', { code: 'mailbox-missing', reply: 'its mailbox is gone' });
  return place;
}

/** Upstream still has it (then it is told where it belongs and how it is marked, as the expunge took those words back), or gets it anew. */
function leaveRestored(mail: MailTx, message: MessageRow, mailbox: MailboxId): void {
  if (isRefused(mail, message.id)) return;
  const from = takeBackExpunge(mail, message.id);
  if (from === undefined) return leaveAppend(mail, message.id, mailbox);
  if (from !== mailbox) leaveMove(mail, message.id, { from, to: mailbox });
  leaveFlags(mail, message.id, mailbox, { add: message.flags, remove: ['$deleted'] });
}
