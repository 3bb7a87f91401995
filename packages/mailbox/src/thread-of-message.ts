/*
 * Which thread a message belongs to. Messages come in any order (a first sync is newest first), so a Message-ID that is only referred to is remembered too,
 * and whoever comes later finds it. A message that refers into several threads joins them. Without references only a reply ("Re:") joins by its
 * subject, near in time and with a correspondent in common; a reply that comes before what it answers waits for it.
 */
import { hash } from 'node:crypto';
import type { ModSeq, ThreadId } from '@stopgap/core';
import type { DigestEnvelope } from '@stopgap/message';
import {
  findMessageView,
  findThreadOfRef,
  findThreadOfSubject,
  insertThreadMerged,
  insertThreadRef,
  listThread,
  messageIdsOfThread,
  putThreadOfSubject,
  updateMessageThread,
} from '@stopgap/store';
import { baseSubject } from './base-subject.ts';
import { countIn, nextThread, type MailTx } from './mail-tx.ts';

/** Of one message: the first and the last so many, as the middle adds nothing. */
const MOST_REFERENCES = 20;
/** A longer Message-ID is nobody's (a line of a header has 998 octets). */
const REFERENCE_CHARACTERS = 998;
/** Replies without references join what has their subject within this time. */
const SUBJECT_WINDOW_MS = 30 * 24 * 60 * 60 * 1000;
/** A thread with more messages is not merged into another: the transaction must stay short. */
const MOST_MERGED = 1000;

export function threadFor(mail: MailTx, envelope: DigestEnvelope, at: { readonly atMs: number; readonly modSeq: ModSeq }): ThreadId {
  const keys = referenceKeys(envelope);
  const found = new Map<number, ThreadId>();
  for (const key of keys) {
    const thread = findThreadOfRef(mail.tx, mail.account, key);
    if (thread !== undefined) found.set(key, thread);
  }
  const threads = [...new Set(found.values())].sort((one, other) => one - other);
  const hasReferences = envelope.inReplyTo.length + envelope.references.length > 0;
  const thread = threads[0] ?? threadBySubject(mail, envelope, at.atMs, hasReferences) ?? nextThread(mail);
  for (const other of threads.slice(1)) merge(mail, other, thread, at.modSeq);
  for (const key of keys) if (!found.has(key)) insertThreadRef(mail.tx, mail.account, key, thread);
  rememberSubject(mail, envelope, { thread, atMs: at.atMs, hasReferences });
  return thread;
}

/** Of a Message-ID with its angle brackets: an integer that every layer carries without loss. */
export function messageIdKey(messageId: string): number {
  return Number.parseInt(hash('sha256', messageId, 'hex').slice(0, 13), 16);
}

function referenceKeys({ messageId, inReplyTo, references }: DigestEnvelope): ReadonlySet<number> {
  const all = [...(messageId === undefined ? [] : [messageId]), ...inReplyTo, ...references];
  const some = all.length <= MOST_REFERENCES ? all : [...all.slice(0, MOST_REFERENCES / 2), ...all.slice(-MOST_REFERENCES / 2)];
  return new Set(some.filter((text) => text.length > 2 && text.length <= REFERENCE_CHARACTERS).map(messageIdKey));
}

function threadBySubject(mail: MailTx, envelope: DigestEnvelope, atMs: number, hasReferences: boolean): ThreadId | undefined {
  if (hasReferences) return undefined;
  const { text, isReply } = baseSubject(envelope.subject);
  if (text === '') return undefined;
  const near = findThreadOfSubject(mail.tx, mail.account, messageIdKey(text));
  if (!near || Math.abs(near.atMs - atMs) > SUBJECT_WINDOW_MS) return undefined;
  // What is no reply joins only a reply that came before it and was sent after it.
  if (!isReply && !(near.isWaiting && near.atMs >= atMs)) return undefined;
  return hasCorrespondentOf(mail, near.thread, envelope) ? near.thread : undefined;
}

function hasCorrespondentOf(mail: MailTx, thread: ThreadId, envelope: DigestEnvelope): boolean {
  const newest = listThread(mail.tx, mail.account, thread).at(-1);
  const view = newest && findMessageView(mail.tx, newest.id);
  if (!view) return false;
  const theirs = correspondents(mail, view.envelope);
  const ours = correspondents(mail, envelope);
  // Mail to oneself has nobody else in it.
  return theirs.size === 0 || ours.size === 0 ? theirs.size === ours.size : [...ours].some((address) => theirs.has(address));
}

function correspondents(mail: MailTx, { from, to, cc }: DigestEnvelope): ReadonlySet<string> {
  const found = new Set([...from, ...to, ...cc].map(({ address }) => address.toLowerCase()));
  found.delete(mail.account);
  return found;
}

function rememberSubject(
  mail: MailTx,
  envelope: DigestEnvelope,
  message: { readonly thread: ThreadId; readonly atMs: number; readonly hasReferences: boolean },
): void {
  const { text, isReply } = baseSubject(envelope.subject);
  if (text === '') return;
  const key = messageIdKey(text);
  const before = findThreadOfSubject(mail.tx, mail.account, key);
  if (before && before.thread !== message.thread && before.atMs > message.atMs) return;
  const atMs = before?.thread === message.thread ? Math.max(before.atMs, message.atMs) : message.atMs;
  const isFirst = before?.thread !== message.thread;
  const isWaiting = isReply && !message.hasReferences && (isFirst || before.isWaiting);
  putThreadOfSubject(mail.tx, mail.account, key, { thread: message.thread, atMs, isWaiting });
}

function merge(mail: MailTx, from: ThreadId, into: ThreadId, modSeq: ModSeq): void {
  const { tx, account } = mail;
  const ids = messageIdsOfThread(tx, account, from);
  if (ids.length > MOST_MERGED) return;
  for (const message of listThread(tx, account, from)) {
    updateMessageThread(tx, message.id, into, modSeq);
    countIn(mail, message.mailbox, { modSeq });
  }
  insertThreadMerged(tx, account, { thread: from, into, modSeq });
}
