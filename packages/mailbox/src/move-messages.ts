import type { MailboxId, MessageId, ModSeq, Uid } from '@stopgap/core';
import { copyMessageView, findMessageView, insertExpunged, insertMessage, updateMessagePlace } from '@stopgap/store';
import { refuseIfFull, type AddedMessage } from './add-message.ts';
import { countIn, mailboxOrThrow, nextModSeq, nextUid, type By, type MailTx } from './mail-tx.ts';
import { leaveAppend, leaveMove } from './message-intents.ts';
import { messagesIn } from './messages-in.ts';

export interface MovedMessage {
  readonly id: MessageId;
  readonly from: MailboxId;
  readonly fromUid: Uid;
  readonly uid: Uid;
  readonly modSeq: ModSeq;
}

export interface CopiedMessage extends AddedMessage {
  readonly original: MessageId;
  readonly originalUid: Uid;
}

/** They keep their ids and get new UIDs, in the order of `ids`. Those that are in the target already, or not there, are passed over. */
export function moveMessages(mail: MailTx, ids: readonly MessageId[], target: MailboxId, by: By): MovedMessage[] {
  mailboxOrThrow(mail, target);
  const moved: MovedMessage[] = [];
  let modSeq: ModSeq | undefined;
  for (const message of messagesIn(mail, ids)) {
    if (message.mailbox === target) continue;
    modSeq ??= nextModSeq(mail);
    refuseIfFull(mail, target, { messages: 1, sizeBytes: 0, by });
    const uid = nextUid(mail, target);
    insertExpunged(
      mail.tx,
      {
        message: message.id,
        account: mail.account,
        mailbox: message.mailbox,
        uid: message.uid,
        createdModSeq: message.createdModSeq,
        modSeq,
        expungedAtMs: mail.nowMs,
        by: 'moved',
      },
      undefined,
    );
    updateMessagePlace(mail.tx, message.id, { mailbox: target, uid, modSeq });
    const counted = { sizeBytes: message.sizeBytes, unseen: message.flags.includes('$seen') ? 0 : 1 };
    countIn(mail, message.mailbox, { total: -1, unseen: -counted.unseen, sizeBytes: -counted.sizeBytes, modSeq });
    countIn(mail, target, { total: 1, ...counted, modSeq });
    if (by === 'here') leaveMove(mail, message.id, { from: message.mailbox, to: target });
    moved.push({ id: message.id, from: message.mailbox, fromUid: message.uid, uid, modSeq });
  }
  return moved;
}

/** Messages of their own with the same bytes, flags and date, in the order of `ids`; also into the mailbox they are in. */
export function copyMessages(mail: MailTx, ids: readonly MessageId[], target: MailboxId, by: By): CopiedMessage[] {
  mailboxOrThrow(mail, target);
  const messages = messagesIn(mail, ids);
  refuseIfFull(mail, target, { messages: messages.length, sizeBytes: messages.reduce((sum, one) => sum + one.sizeBytes, 0), by });
  return messages.map((message) => {
    const modSeq = nextModSeq(mail);
    const uid = nextUid(mail, target);
    const { id: original, uid: originalUid, ...row } = message;
    const id = insertMessage(
      mail.tx,
      { ...row, original: row.original ?? original, mailbox: target, uid, savedAtMs: mail.nowMs, createdModSeq: modSeq, modSeq },
      findMessageView(mail.tx, original)?.hash,
    );
    copyMessageView(mail.tx, original, id);
    countIn(mail, target, { total: 1, unseen: message.flags.includes('$seen') ? 0 : 1, sizeBytes: message.sizeBytes, modSeq });
    if (by === 'here') leaveAppend(mail, id, target);
    mail.books.copies.set(id, original);
    return { id, uid, modSeq, thread: message.thread, original, originalUid };
  });
}
