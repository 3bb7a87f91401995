/*
 * Which thread a message belongs to, for as long as it is here (RFC 8621 4.1.1). Messages come in any order (a first sync is newest first), so a
 * Message-ID that is only referred to is remembered too, and whoever comes later finds it. A message is in the thread that its own Message-ID is known in, else in
 * that of the nearest message that it refers to; others that it refers to stay what they are. Without references only a reply ("Re:") joins by its
 * subject, near in time and with a correspondent in common; a reply that comes before what it answers waits for it.
 */
import { hash } from 'node:crypto';
import type { ThreadId } from '@stopgap/core';
import type { DigestEnvelope } from '@stopgap/message';
import { findMessageView, findThreadOfRef, findThreadOfSubject, insertThreadRef, listThread, putThreadOfSubject } from '@stopgap/store';
import { threadSubject } from './thread-subject.ts';
import { nextThread, type MailTx } from './mail-tx.ts';

/** Of one message: the first and the last so many, as the middle adds nothing. */
const MOST_REFERENCES = 20;
/** A longer Message-ID is nobody's (a line of a header has 998 octets). */
const REFERENCE_CHARACTERS = 998;
/** Replies without references join what has their subject within this time. */
const SUBJECT_WINDOW_MS = 30 * 24 * 60 * 60 * 1000;

export function threadFor(mail: MailTx, envelope: DigestEnvelope, atMs: number): ThreadId {
  const keys = referenceKeys(envelope);
  const threads = new Map(keys.map((key) => [key, findThreadOfRef(mail.tx, mail.account, key)]));
  const nearest = keys.map((key) => threads.get(key)).find((thread) => thread !== undefined);
  const hasReferences = envelope.inReplyTo.length + envelope.references.length > 0;
  const thread = nearest ?? threadBySubject(mail, envelope, atMs, hasReferences) ?? nextThread(mail);
  for (const [key, known] of threads) if (known === undefined) insertThreadRef(mail.tx, mail.account, key, thread);
  rememberSubject(mail, envelope, { thread, atMs, hasReferences });
  return thread;
}

/**
 * Of one that is brought back: its own. Threads became part of others once (before migration 0013), and what was expunged then names one that is no more: it
 * goes where an arrival would go by its references.
 */
export function threadOfRestored(mail: MailTx, envelope: DigestEnvelope, own: ThreadId): ThreadId {
  const known = referenceKeys(envelope).map((key) => findThreadOfRef(mail.tx, mail.account, key));
  if (known.includes(own) || listThread(mail.tx, mail.account, own).length > 0) return own;
  return known.find((thread) => thread !== undefined) ?? own;
}

/** Of a Message-ID with its angle brackets: an integer that every layer carries without loss. */
export function messageIdKey(messageId: string): number {
  return Number.parseInt(hash('sha256', messageId, 'hex').slice(0, 13), 16);
}

/** Its own, then what it refers to, the nearest first. */
function referenceKeys({ messageId, inReplyTo, references }: DigestEnvelope): readonly number[] {
  const all = [...(messageId === undefined ? [] : [messageId]), ...inReplyTo, ...references.toReversed()];
  const some = all.length <= MOST_REFERENCES ? all : [...all.slice(0, MOST_REFERENCES / 2), ...all.slice(-MOST_REFERENCES / 2)];
  return some.filter((text) => text.length > 2 && text.length <= REFERENCE_CHARACTERS).map(messageIdKey);
}

function threadBySubject(mail: MailTx, envelope: DigestEnvelope, atMs: number, hasReferences: boolean): ThreadId | undefined {
  if (hasReferences) return undefined;
  const { text, isReply } = threadSubject(envelope.subject);
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
  const { text, isReply } = threadSubject(envelope.subject);
  if (text === '') return;
  const key = messageIdKey(text);
  const before = findThreadOfSubject(mail.tx, mail.account, key);
  if (before && before.thread !== message.thread && before.atMs > message.atMs) return;
  const atMs = before?.thread === message.thread ? Math.max(before.atMs, message.atMs) : message.atMs;
  const isFirst = before?.thread !== message.thread;
  const isWaiting = isReply && !message.hasReferences && (isFirst || before.isWaiting);
  putThreadOfSubject(mail.tx, mail.account, key, { thread: message.thread, atMs, isWaiting });
}
