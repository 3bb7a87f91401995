/*
 * For webmails that can not import or resend, and for the few texts that resending would damage: the message is written anew in the webmail's
 * editor. No field of its copy in Sent can carry the attempt's witness, so after a lost answer the copy is known by its Message-ID, by the X-Sender
 * that Roundcube's editor writes, by a Date after the attempt began, and by its recipients: while one is in doubt, no other attempt is made for it.
 */
import {
  outcomeForAll,
  type DeliveryJob,
  type JobRecipient,
  type Outcome,
  type RecipientId,
  type SentQuery,
  type SentVerdict,
} from '@stopgap/core';
import { readView, type MailboxView } from '@stopgap/message';
import { messageIdCriterion, prepareDraft, sendDraft, type Composition, type RoundcubeSession } from '@stopgap/upstreams/web';
import type { Carriage } from './roundcube-carriage.ts';
import { readCopies, type Copy } from './roundcube-copies.ts';
import { sendInRounds } from './roundcube-resending.ts';

/** It is taken apart in memory, several times over. */
const LARGEST_MESSAGE = 25 * 1024 * 1024;

/** The webmail's clock may be behind ours by so much; a copy dated in between proves nothing either way. */
const CLOCK_DOUBT_MS = 10 * 60_000;

export async function deliverComposed(
  session: RoundcubeSession,
  job: DeliveryJob,
  options: { readonly carriage: Carriage; readonly sent: string; readonly signal: AbortSignal },
): Promise<ReadonlyMap<RecipientId, Outcome>> {
  const { sent, signal } = options;
  if (options.carriage.isSealed) return refuse(job, 'This webmail would take the message apart, and it is signed or encrypted.');
  if (job.sizeBytes > LARGEST_MESSAGE) return refuse(job, 'The message is too large to be written anew in this webmail.');
  const base = await readComposition(job, sent);
  // Uploading changes nothing yet, so it comes before the mark.
  const draft = await prepareDraft(session, base, signal);
  const result = await sendInRounds(session, job, { signal, send: (left) => sendDraft(session, draft, addressed(base, left), signal) });
  return result.outcomes;
}

/** The witness of `deliverComposed`. */
export async function findComposed(session: RoundcubeSession, sent: string, query: SentQuery, signal: AbortSignal): Promise<SentVerdict> {
  const criterion = messageIdCriterion(query.messageId);
  if (criterion === undefined) return 'unknown';
  const copies = (await readCopies(session, sent, criterion, signal)).filter(
    (copy) => copy.messageId === query.messageId && copy.isComposed && !copy.isOurs,
  );
  const verdicts = copies.map((copy) => verdictOf(copy, query));
  if (verdicts.includes('sent')) return 'sent';
  return verdicts.includes('unknown') ? 'unknown' : 'not-sent';
}

/** What one copy says about the attempt. */
function verdictOf(copy: Copy, query: SentQuery): SentVerdict {
  const ageMs = (copy.dateMs ?? query.sinceMs - 1) - query.sinceMs;
  if (ageMs <= -CLOCK_DOUBT_MS) return 'not-sent';
  const isForThem = query.recipients.some((address) => copy.addressees?.has(address.toLowerCase()));
  // Header dates have whole seconds.
  if (isForThem) return ageMs > -1000 ? 'sent' : 'unknown';
  // An address may be spelled in another way there, when it is not ASCII.
  return copy.addressees === undefined || query.recipients.some((address) => !/^[\x21-\x7e]+$/.test(address)) ? 'unknown' : 'not-sent';
}

function refuse(job: DeliveryJob, text: string): ReadonlyMap<RecipientId, Outcome> {
  return outcomeForAll(job.recipients, { kind: 'deferred', reason: { class: 'route', text } });
}

async function readComposition(job: DeliveryJob, sent: string): Promise<Composition> {
  const mail = await readView(job.open(), LARGEST_MESSAGE);
  return {
    messageId: job.messageId,
    ...(mail.inReplyTo === undefined ? {} : { inReplyTo: mail.inReplyTo }),
    ...(mail.references.length === 0 ? {} : { references: mail.references.join(' ') }),
    from: job.envelope.from,
    fromText: named(mail.from[0]?.name, job.envelope.from),
    to: textsOf(mail.to),
    cc: textsOf(mail.cc),
    bcc: [],
    ...(mail.replyTo.length === 0 ? {} : { replyTo: textsOf(mail.replyTo).join(', ') }),
    subject: mail.subject,
    body: mail.html ?? mail.text,
    isHtml: mail.html !== undefined,
    files: mail.attachments.map((file, index) => ({
      name: file.filename ?? `part-${index + 1}`,
      type: file.contentType,
      content: file.content,
    })),
    sent,
  };
}

/** The envelope becomes exactly To, Cc and Bcc, so only this attempt's recipients may stand there; the others of the header are left out. */
function addressed(base: Composition, recipients: readonly JobRecipient[]): Composition {
  const wanted = new Set(recipients.map((recipient) => recipient.address.toLowerCase()));
  const take = (texts: readonly string[]) => texts.filter((text) => wanted.has(addressIn(text)));
  const to = take(base.to);
  const cc = take(base.cc);
  const shown = new Set([...to, ...cc].map(addressIn));
  const bcc = recipients.map((recipient) => recipient.address).filter((address) => !shown.has(address.toLowerCase()));
  return { ...base, to, cc, bcc };
}

function textsOf(mailboxes: readonly MailboxView[]): string[] {
  return mailboxes.flatMap(({ name, address }) => (address === '' ? [] : [named(name, address)]));
}

/** Quotes and line ends would end the name early. */
function named(name: string | undefined, address: string): string {
  const plain = (name ?? '').replace(/["\\\r\n<>]/g, '').trim();
  return plain === '' ? address : `"${plain}" <${address}>`;
}

function addressIn(text: string): string {
  return (/<([^<>]+)>$/.exec(text)?.[1] ?? text).toLowerCase();
}
