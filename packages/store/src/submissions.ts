import type { AccountId, BlobId, BlobRef, Envelope, NotifyOn, ProviderName, SubmissionId } from '@stopgap/core';
import type { Reader, Tx } from './tx.ts';

/** How far back a fingerprint is found. */
const FINGERPRINT_WINDOW_MS = 15 * 60 * 1000;

export interface SubmissionRow {
  readonly id: SubmissionId;
  readonly account: AccountId;
  readonly provider: ProviderName;
  /** A `dsn` is a notice of ours to the account's own address: it never causes another one. */
  readonly kind: 'message' | 'dsn';
  readonly envelope: Omit<Envelope, 'recipients'>;
  /** With angle brackets. */
  readonly messageId: string;
  readonly blob: BlobRef;
  readonly helo: string;
  /** RFC 3848 `with` keyword. */
  readonly protocol: string;
  readonly acceptedAtMs: number;
  /** The submission that a dsn tells about. */
  readonly dsnOf?: SubmissionId;
}

interface Stored {
  readonly id: SubmissionId;
  readonly account_id: AccountId;
  readonly provider: ProviderName;
  readonly kind: 'message' | 'dsn';
  readonly envelope_from: string;
  readonly ret: 'full' | 'hdrs' | null;
  readonly envid: string | null;
  readonly smtp_utf8: number;
  readonly eight_bit_mime: number;
  readonly message_id: string;
  readonly blob_id: BlobId;
  readonly size_bytes: number;
  readonly helo: string;
  readonly protocol: string;
  readonly accepted_at_ms: number;
  readonly dsn_of: SubmissionId | null;
}

export function insertSubmission(tx: Tx, submission: SubmissionRow, fingerprint: string): void {
  const { envelope, blob } = submission;
  tx.run(
    `INSERT INTO submission (id, account_id, provider, kind, envelope_from, ret, envid, smtp_utf8, eight_bit_mime, message_id, blob_id, size_bytes,
       helo, protocol, fingerprint, accepted_at_ms, dsn_of) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    submission.id,
    submission.account,
    submission.provider,
    submission.kind,
    envelope.from,
    envelope.ret ?? null,
    envelope.envid ?? null,
    envelope.smtpUtf8 ? 1 : 0,
    envelope.eightBitMime ? 1 : 0,
    submission.messageId,
    blob.id,
    blob.sizeBytes,
    submission.helo,
    submission.protocol,
    fingerprintKey(fingerprint, submission.acceptedAtMs),
    submission.acceptedAtMs,
    submission.dsnOf ?? null,
  );
}

/** They start queued and due at once, unless they are held. A dsn gets no delay notice of its own. */
export function insertRecipients(tx: Tx, submission: SubmissionRow, recipients: Envelope['recipients'], isHeld = false): void {
  for (const recipient of recipients) {
    tx.run(
      `INSERT INTO recipient (submission_id, account_id, provider, address, orcpt, notify, state, held, accepted_at_ms, not_before_ms, delay_noticed)
       VALUES (?, ?, ?, ?, ?, ?, 'queued', ?, ?, ?, ?)`,
      submission.id,
      submission.account,
      submission.provider,
      recipient.address,
      recipient.orcpt ?? null,
      recipient.notify ? recipient.notify.join(',') : null,
      isHeld ? 1 : 0,
      submission.acceptedAtMs,
      submission.acceptedAtMs,
      submission.kind === 'dsn' || (recipient.notify && !recipient.notify.includes('delay')) ? 1 : 0,
    );
  }
}

export function findSubmission(reader: Reader, id: SubmissionId): SubmissionRow | undefined {
  const row = reader.get<Stored>('SELECT * FROM submission WHERE id = ?', id);
  return row && submissionFrom(row);
}

/** Of this Message-ID, with its brackets. Index submission_account. */
export function submissionsOfMessage(reader: Reader, account: AccountId, messageId: string): SubmissionRow[] {
  return reader.all<Stored>('SELECT * FROM submission WHERE account_id = ? AND message_id = ?', account, messageId).map(submissionFrom);
}

/**
 * The newest submission with this fingerprint since then, for at most FINGERPRINT_WINDOW_MS, that still stands: not every recipient of it was refused,
 * expired or cancelled, or is to be cancelled. Index submission_fingerprint.
 */
export function findStandingByFingerprint(reader: Reader, fingerprint: string, sinceMs: number): SubmissionId | undefined {
  return reader.get<{ id: SubmissionId }>(
    `SELECT id FROM submission s WHERE fingerprint IN (?, ?) AND accepted_at_ms >= ?
       AND EXISTS (SELECT 1 FROM recipient r WHERE r.submission_id = s.id AND r.state NOT IN ('rejected', 'expired', 'cancelled')
         AND (r.cancel_asked = 0 OR r.state = 'delivered'))
     ORDER BY accepted_at_ms DESC LIMIT 1`,
    fingerprintKey(fingerprint, sinceMs),
    fingerprintKey(fingerprint, sinceMs + FINGERPRINT_WINDOW_MS),
    sinceMs,
  )?.id;
}

/** The window in front keeps the index growing at its end: what random keys dirty in each commit are a few warm pages, however many messages wait. */
function fingerprintKey(fingerprint: string, atMs: number): string {
  return `${Math.floor(atMs / FINGERPRINT_WINDOW_MS)} ${fingerprint}`;
}

/** Our notices about it, the oldest first. Index submission_notice. */
export function listNoticesAbout(reader: Reader, id: SubmissionId): SubmissionRow[] {
  return reader.all<Stored>('SELECT * FROM submission WHERE dsn_of = ? ORDER BY accepted_at_ms, id', id).map(submissionFrom);
}

/** Notes the end of a submission whose last recipient became final; its bytes are kept until `finalBefore` comes by. */
export function finishIfAllFinal(tx: Tx, id: SubmissionId, nowMs: number): void {
  tx.run(
    `UPDATE submission SET final_at_ms = ? WHERE id = ? AND final_at_ms IS NULL
       AND NOT EXISTS (SELECT 1 FROM recipient WHERE submission_id = submission.id AND state IN ('queued', 'leased', 'unsure'))`,
    nowMs,
    id,
  );
}

/** Index submission_final. */
export function finalBefore(reader: Reader, beforeMs: number, limit: number): { readonly id: SubmissionId; readonly blob: BlobId }[] {
  return reader.all(
    'SELECT id, blob_id AS blob FROM submission WHERE final_at_ms IS NOT NULL AND final_at_ms < ? ORDER BY final_at_ms LIMIT ?',
    beforeMs,
    limit,
  );
}

/** Everything an account has sent, and our notices to it. Index submission_account. */
export function listSubmissionsOf(
  reader: Reader,
  account: AccountId,
): { readonly id: SubmissionId; readonly blob: BlobId; readonly isFinal: boolean }[] {
  return reader
    .all<{ id: SubmissionId; blob: BlobId; isFinal: number }>(
      'SELECT id, blob_id AS blob, final_at_ms IS NOT NULL AS isFinal FROM submission WHERE account_id = ? ORDER BY accepted_at_ms',
      account,
    )
    .map((row) => ({ ...row, isFinal: row.isFinal === 1 }));
}

/** Recipients and attempts go with it. */
export function deleteSubmission(tx: Tx, id: SubmissionId): void {
  tx.run('DELETE FROM submission WHERE id = ?', id);
}

function submissionFrom(row: Stored): SubmissionRow {
  return {
    id: row.id,
    account: row.account_id,
    provider: row.provider,
    kind: row.kind,
    envelope: {
      from: row.envelope_from,
      ...(row.ret === null ? {} : { ret: row.ret }),
      ...(row.envid === null ? {} : { envid: row.envid }),
      smtpUtf8: row.smtp_utf8 === 1,
      eightBitMime: row.eight_bit_mime === 1,
    },
    messageId: row.message_id,
    blob: { id: row.blob_id, sizeBytes: row.size_bytes },
    helo: row.helo,
    protocol: row.protocol,
    acceptedAtMs: row.accepted_at_ms,
    ...(row.dsn_of === null ? {} : { dsnOf: row.dsn_of }),
  };
}

/** NOTIFY as it is stored: `NEVER` is the empty text. */
export function notifyFrom(text: string | null): readonly NotifyOn[] | undefined {
  if (text === null) return undefined;
  return text === '' ? [] : (text.split(',') as NotifyOn[]);
}
