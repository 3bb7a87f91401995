import { createHash } from 'node:crypto';
import type { Clock, EnvelopeRecipient, Reason, StagedBlob, SubmissionId } from '@stopgap/core';
import { composeDsn, MAX_HEADER_BYTES, splitMessage, type DsnRecipient } from '@stopgap/message';
import type { RecipientRow, Store, SubmissionRow, Tx } from '@stopgap/store';
import type { OutboxEvents, OutboxLog } from './deps.ts';
import { insertWithBlob, newSubmissionId, releaseStaged } from './put.ts';

export type NoticeKind = 'failed' | 'delayed' | 'relayed';

export interface NoticeOf {
  readonly recipient: RecipientRow;
  readonly reason: Reason;
}

/** A notice that is composed but not in the store yet: `insertNotice` puts it there, in the transaction that makes its cause final. */
export interface Notice {
  readonly submission: Omit<SubmissionRow, 'blob'>;
  readonly blob: StagedBlob;
  readonly recipient: EnvelopeRecipient;
  readonly kind: NoticeKind;
  /** The submission it is about, and how many of its recipients. */
  readonly about: SubmissionId;
  readonly recipients: number;
}

export interface NoticeOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly hostname: string;
}

/** RFC 3461 4.1, 5.2: did the sender want to hear of this? By default of failure and delay. */
export function wantsNotice(submission: SubmissionRow, recipient: RecipientRow, kind: NoticeKind): boolean {
  // RFC 5321 4.5.5 and law of no backscatter: never about a notice, never to the null sender.
  if (submission.kind === 'dsn' || submission.envelope.from === '') return false;
  const wanted = recipient.notify ?? ['failure', 'delay'];
  return wanted.includes(kind === 'failed' ? 'failure' : kind === 'delayed' ? 'delay' : 'success');
}

/** How much of the original comes with it: as `RET` asked, its header at most, or nothing. */
type Quotes = 'as-asked' | 'header' | 'nothing';

interface ComposeOptions extends NoticeOptions {
  readonly log: OutboxLog;
  readonly willRetryUntilMs?: number;
}

/**
 * With less of the message where it can not be as it was asked for (no room on the disk, bytes that are gone). Undefined when nobody wants it.
 * @throws when the notice can not be written at all
 */
export async function composeSomehow(
  kind: NoticeKind,
  submission: SubmissionRow,
  about: readonly NoticeOf[],
  options: ComposeOptions,
): Promise<Notice | undefined> {
  for (const quotes of ['as-asked', 'header'] as const) {
    try {
      return await composeNotice(kind, submission, about, { ...options, quotes });
    } catch (error) {
      options.log.warn('a notice to the sender has to be composed with less of the message', { id: submission.id, kind, quotes, error });
    }
  }
  return composeNotice(kind, submission, about, { ...options, quotes: 'nothing' });
}

async function composeNotice(
  kind: NoticeKind,
  submission: SubmissionRow,
  about: readonly NoticeOf[],
  options: ComposeOptions & { readonly quotes: Quotes },
): Promise<Notice | undefined> {
  const wanted = about.filter((one) => wantsNotice(submission, one.recipient, kind));
  if (wanted.length === 0) return undefined;
  const nowMs = options.clock.nowMs();
  const id = newSubmissionId(nowMs);
  const messageId = `<${id}@${options.hostname}>`;
  const dsn = await composeDsn({
    kind,
    reportingMta: options.hostname,
    to: submission.envelope.from,
    from: `MAILER-DAEMON@${options.hostname}`,
    messageId,
    dateMs: nowMs,
    arrivalMs: submission.acceptedAtMs,
    ...(submission.envelope.envid === undefined ? {} : { envid: submission.envelope.envid }),
    originalMessageId: submission.messageId,
    recipients: wanted.map((one) => reportOf(kind, one, options.willRetryUntilMs)),
    original: await originalOf(submission, options.store, options.quotes),
  });
  const blob = await staged(dsn.bytes, options.store);
  return {
    kind,
    about: submission.id,
    recipients: wanted.length,
    blob,
    recipient: { address: submission.envelope.from, notify: [] },
    submission: {
      id,
      account: submission.account,
      provider: submission.provider,
      kind: 'dsn',
      envelope: { from: '', smtpUtf8: dsn.smtpUtf8, eightBitMime: dsn.eightBitMime },
      messageId,
      helo: options.hostname,
      protocol: 'ESMTP',
      acceptedAtMs: nowMs,
      dsnOf: submission.id,
    },
  };
}

export function insertNotice(tx: Tx, notice: Notice): void {
  const fingerprint = createHash('sha256').update(notice.submission.id).digest('base64');
  insertWithBlob(tx, notice.submission, { blob: notice.blob, recipients: [notice.recipient], fingerprint });
}

/** Writes what makes a notice true, and the notice with it. Where that fails its bytes go: it is composed anew. */
export async function writeWithNotice<Result>(
  notice: Notice | undefined,
  { store, dataDir }: { readonly store: Store; readonly dataDir: string },
  cause: (tx: Tx) => Result,
): Promise<Result> {
  try {
    return await store.write((tx) => {
      const result = cause(tx);
      if (notice) insertNotice(tx, notice);
      return result;
    });
  } catch (error) {
    if (notice) await releaseStaged(notice.blob, { store, dataDir });
    throw error;
  }
}

/** To be called after the commit. */
export function reportNotice({ submission, recipient, kind, about, recipients }: Notice, events: OutboxEvents): void {
  events.noticed({ id: submission.id, about, account: submission.account, to: recipient.address, kind, recipients });
}

function reportOf(kind: NoticeKind, { recipient, reason }: NoticeOf, willRetryUntilMs: number | undefined): DsnRecipient {
  return {
    address: recipient.address,
    ...(recipient.orcpt === undefined ? {} : { orcpt: recipient.orcpt }),
    action: kind,
    status: reason.status ?? (kind === 'failed' ? '5.0.0' : kind === 'delayed' ? '4.0.0' : '2.0.0'),
    ...(reason.code === undefined ? {} : { diagnostic: reason.text }),
    ...(reason.host === undefined ? {} : { remoteMta: reason.host }),
    ...(willRetryUntilMs === undefined ? {} : { willRetryUntilMs }),
    reasonText: reason.text,
  };
}

async function staged(bytes: Buffer, store: Store): Promise<StagedBlob> {
  const writer = store.blobs.stage();
  try {
    await writer.write(bytes);
    return await writer.finish();
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

async function originalOf(
  submission: SubmissionRow,
  store: Store,
  quotes: Quotes,
): Promise<{ headers: Buffer; full?: AsyncIterable<Buffer> }> {
  if (quotes === 'nothing') return { headers: Buffer.alloc(0) };
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of store.blobs.open(submission.blob)) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= MAX_HEADER_BYTES) break;
  }
  const { header } = splitMessage(Buffer.concat(chunks, length));
  const isFull = quotes === 'as-asked' && submission.envelope.ret === 'full';
  return isFull ? { headers: header, full: store.blobs.open(submission.blob) } : { headers: header };
}
