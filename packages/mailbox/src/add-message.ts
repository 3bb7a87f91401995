import {
  MailError,
  type BlobHash,
  type BlobRef,
  type Completeness,
  type Flag,
  type MailboxId,
  type MessageId,
  type ModSeq,
} from '@stopgap/core';
import type { StagedBlob, ThreadId, Uid } from '@stopgap/core';
import type { MessageDigest } from '@stopgap/message';
import {
  dropUnusedBlobRows,
  findMessage,
  findMessageView,
  insertMessage,
  keepBlob,
  listMailboxes,
  putMessageView,
  updateMessageContent,
  type MessageView,
} from '@stopgap/store';
import { harvestContacts } from './harvest-contacts.ts';
import { indexedMessage } from './indexed-message.ts';
import { countIn, mailboxOrThrow, nextModSeq, nextUid, type By, type MailTx } from './mail-tx.ts';
import { leaveAppend } from './message-intents.ts';
import { threadFor } from './thread-of-message.ts';

/** Of one mailbox. */
const MOST_MESSAGES = 2_000_000;

export interface MessageContent {
  /** Undefined: its bytes are not here, only what the digest says. */
  readonly blob?: StagedBlob | BlobRef;
  /** Of the blob's bytes; a staged one brings its own. */
  readonly hash?: BlobHash;
  readonly digest: MessageDigest;
  readonly completeness: Completeness;
  /** Of the whole message, where only its headers are here; else the digest's. */
  readonly sizeBytes?: number;
}

export interface NewMessage extends MessageContent {
  readonly mailbox: MailboxId;
  readonly receivedAtMs: number;
  readonly flags: readonly Flag[];
  readonly by: By;
}

export interface AddedMessage {
  readonly id: MessageId;
  readonly uid: Uid;
  readonly modSeq: ModSeq;
  readonly thread: ThreadId;
}

/** @throws MailError `mailbox-missing`, `mailbox-full`; for what is done here `over-quota` */
export function addMessage(mail: MailTx, message: NewMessage): AddedMessage {
  const { tx, account, nowMs } = mail;
  const { mailbox, digest, flags, receivedAtMs } = message;
  const sizeBytes = message.sizeBytes ?? digest.sizeBytes;
  refuseIfFull(mail, mailbox, { messages: 1, sizeBytes, by: message.by });
  const kept = keptContent(mail, message);
  const modSeq = nextModSeq(mail);
  const uid = nextUid(mail, mailbox);
  const thread = threadFor(mail, digest.envelope, digest.envelope.sentAtMs ?? receivedAtMs);
  const id = insertMessage(
    tx,
    {
      account,
      mailbox,
      uid,
      ...blobOf(kept.blob),
      completeness: message.completeness,
      sizeBytes,
      missingLineEndBytes: digest.missingLineEndBytes,
      receivedAtMs,
      ...(digest.envelope.sentAtMs === undefined ? {} : { sentAtMs: digest.envelope.sentAtMs }),
      savedAtMs: nowMs,
      flags,
      thread,
      createdModSeq: modSeq,
      modSeq,
    },
    kept.hash,
  );
  putMessageView(tx, id, viewOf(digest, kept.hash));
  countIn(mail, mailbox, { total: 1, unseen: flags.includes('$seen') ? 0 : 1, sizeBytes, modSeq });
  harvestContacts(mail, mailboxOrThrow(mail, mailbox), digest.envelope, receivedAtMs);
  if (message.by === 'here') leaveAppend(mail, id, mailbox);
  mail.books.texts.set(id, indexedMessage({ account, id, receivedAtMs, ...blobOf(kept.blob) }, digest));
  return { id, uid, modSeq, thread };
}

/** A better copy of the same message (rebuilt or headers -> raw): its UID, flags and thread stay. False: there is no such message. */
export function replaceContent(mail: MailTx, id: MessageId, content: MessageContent): boolean {
  const before = findMessage(mail.tx, id);
  if (!before || before.account !== mail.account) return false;
  const { digest } = content;
  const hash = content.hash ?? (content.blob !== undefined && 'hash' in content.blob ? content.blob.hash : undefined);
  // The same once more.
  if (hash !== undefined && before.completeness === content.completeness && findMessageView(mail.tx, id)?.hash === hash) return true;
  const kept = keptContent(mail, content);
  const modSeq = nextModSeq(mail);
  const sizeBytes = content.sizeBytes ?? digest.sizeBytes;
  updateMessageContent(
    mail.tx,
    {
      id,
      ...blobOf(kept.blob),
      completeness: content.completeness,
      sizeBytes,
      missingLineEndBytes: digest.missingLineEndBytes,
      ...(digest.envelope.sentAtMs === undefined ? {} : { sentAtMs: digest.envelope.sentAtMs }),
      modSeq,
    },
    kept.hash,
  );
  putMessageView(mail.tx, id, viewOf(digest, kept.hash));
  countIn(mail, before.mailbox, { sizeBytes: sizeBytes - before.sizeBytes, modSeq });
  if (before.blob && before.blob.id !== kept.blob?.id) dropUnusedBlobRows(mail.tx, [before.blob.id]);
  mail.books.texts.set(id, indexedMessage({ account: mail.account, id, receivedAtMs: before.receivedAtMs, ...blobOf(kept.blob) }, digest));
  return true;
}

/** @throws MailError `mailbox-missing`, `mailbox-full`, `over-quota` */
export function refuseIfFull(
  mail: MailTx,
  id: MailboxId,
  more: { readonly messages: number; readonly sizeBytes: number; readonly by: By },
): void {
  const mailbox = mailboxOrThrow(mail, id);
  if (mailbox.total + more.messages > MOST_MESSAGES) {
    throw new MailError('permanent', 'The mailbox is full.', { code: 'mailbox-full', reply: 'this mailbox is full' });
  }
  const { quotaBytes } = mail.limits;
  // What the provider has is mirrored in any case: a mailbox that is too large is no reason to lose mail. What moves takes no more room than before.
  if (more.by === 'upstream' || quotaBytes === undefined || more.sizeBytes === 0) return;
  if (usedBytes(mail) + more.sizeBytes > quotaBytes) {
    throw new MailError('permanent', 'The account is over its quota.', { code: 'over-quota', reply: 'the mailbox is over its quota' });
  }
}

/** As it stands in this transaction. */
function usedBytes(mail: MailTx): number {
  return listMailboxes(mail.tx, mail.account).reduce((sum, row) => sum + (mail.books.mailboxes.get(row.id) ?? row).sizeBytes, 0);
}

function keptContent(mail: MailTx, content: MessageContent): { readonly blob?: BlobRef; readonly hash?: BlobHash } {
  const { blob } = content;
  if (blob === undefined) return content.hash === undefined ? {} : { hash: content.hash };
  if ('id' in blob) return { blob, ...(content.hash === undefined ? {} : { hash: content.hash }) };
  return { blob: keepBlob(mail.tx, blob), hash: content.hash ?? blob.hash };
}

function blobOf(blob: BlobRef | undefined): { readonly blob?: BlobRef } {
  return blob === undefined ? {} : { blob };
}

function viewOf(digest: MessageDigest, hash: BlobHash | undefined): MessageView {
  return {
    ...(hash === undefined ? {} : { hash }),
    envelope: digest.envelope,
    structure: digest.structure,
    preview: digest.preview,
    attachments: digest.attachments,
  };
}
