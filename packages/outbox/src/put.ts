import { createHash, randomUUID } from 'node:crypto';
import {
  asId,
  MailError,
  type AccountId,
  type Clock,
  type Envelope,
  type ProviderName,
  type StagedBlob,
  type SubmissionId,
} from '@stopgap/core';
import {
  findStandingByFingerprint,
  insertRecipients,
  insertSendLater,
  insertSubmission,
  isStaying,
  keepBlob,
  removeUnusedFiles,
  type Store,
  type SubmissionRow,
  type Tx,
} from '@stopgap/store';
import type { FutureRelease } from './future-release.ts';

/** A client that lost our 250 comes back within minutes; the same message after that is meant to go once more. */
const SAME_SUBMISSION_MS = 15 * 60 * 1000;

export interface PutRequest {
  readonly account: AccountId;
  readonly provider: ProviderName;
  readonly envelope: Envelope;
  /** With angle brackets. */
  readonly messageId: string;
  readonly blob: StagedBlob;
  /** SHA-256, in hex, of the content just as the client sent it. */
  readonly clientHash: string;
  /** The client gave none: then nothing tells a repetition from a second message. */
  readonly generatedMessageId: boolean;
  readonly helo: string;
  /** RFC 3848 `with` keyword. */
  readonly protocol: string;
  /** It is held until then. Undefined: it may leave at once. */
  readonly sendLater?: FutureRelease;
}

export interface PutResult {
  readonly id: SubmissionId;
  /** The same submission stands here already: nothing was added. */
  readonly repeated: boolean;
}

/** What its caller knows it by, in the same commit: after a crash there is both or neither. */
export interface KeptBeside {
  /** It stands here already. */
  find(tx: Tx): SubmissionId | undefined;
  /** Also of what stands here already, however it was found. */
  keep(tx: Tx, id: SubmissionId): void;
}

export type Put = (request: PutRequest, beside?: KeptBeside) => Promise<PutResult>;

/**
 * Law 1: when the promise resolves, message and envelope are on disk, in one commit.
 * @throws MailError `account-gone` when the account was removed or is being erased, else as Store.write; then nothing was kept
 */
export function createPut(options: {
  readonly store: Store;
  readonly dataDir: string;
  readonly clock: Clock;
  readonly onPut: () => void;
}): Put {
  const { store, dataDir, clock, onPut } = options;
  return async (request, beside) => {
    const fingerprint = fingerprintOf(request);
    const writing = store.write((tx): PutResult => {
      const nowMs = clock.nowMs();
      // It could never leave, and an erasure would leave it behind.
      if (!isStaying(tx, request.account)) throw new MailError('transient', 'The account is no longer here.', { code: 'account-gone' });
      const known =
        beside?.find(tx) ??
        (request.generatedMessageId ? undefined : findStandingByFingerprint(tx, fingerprint, nowMs - SAME_SUBMISSION_MS));
      if (known) {
        beside?.keep(tx, known);
        return { id: known, repeated: true };
      }
      const id = newSubmissionId(nowMs);
      const { recipients, ...envelope } = request.envelope;
      const { blob, account, provider, messageId, helo, protocol, sendLater } = request;
      const sendAtMs = sendLater !== undefined && sendLater.atMs > nowMs ? sendLater.atMs : undefined;
      insertWithBlob(
        tx,
        { id, account, provider, kind: 'message', envelope, messageId, helo, protocol, acceptedAtMs: nowMs },
        {
          blob,
          recipients,
          fingerprint,
          isHeld: sendAtMs !== undefined,
        },
      );
      if (sendAtMs !== undefined) insertSendLater(tx, id, sendAtMs);
      beside?.keep(tx, id);
      return { id, repeated: false };
    });
    let isKept = false;
    try {
      const result = await writing;
      isKept = !result.repeated;
      if (isKept) onPut();
      return result;
    } finally {
      if (!isKept) await releaseStaged(request.blob, { store, dataDir });
    }
  };
}

/** What is large and not kept gives its room back at once: who tries again and again would fill the disk. */
export async function releaseStaged(
  { hash, file }: StagedBlob,
  { store, dataDir }: { readonly store: Store; readonly dataDir: string },
): Promise<void> {
  if (file === undefined) return;
  try {
    await store.write((tx) => removeUnusedFiles(tx, dataDir, [hash]));
  } catch {
    // While the store can not write it stays, until the next start sweeps it away.
    return;
  }
}

/** The one way a submission comes into the store. */
export function insertWithBlob(
  tx: Tx,
  facts: Omit<SubmissionRow, 'blob'>,
  parts: {
    readonly blob: StagedBlob;
    readonly recipients: Envelope['recipients'];
    readonly fingerprint: string;
    readonly isHeld?: boolean;
  },
): void {
  const submission = { ...facts, blob: keepBlob(tx, parts.blob) };
  insertSubmission(tx, submission, parts.fingerprint);
  insertRecipients(tx, submission, parts.recipients, parts.isHeld);
}

/** 26 characters of [0-9a-v]: the time in front, so ids sort as they were accepted; then 80 random bits. */
export function newSubmissionId(nowMs: number): SubmissionId {
  // A UUID comes from a pool of random bits, `randomBytes` asks the system each time. Its fixed bits are in the middle.
  const hex = randomUUID().replaceAll('-', '');
  return asId.submission(
    Math.max(0, nowMs).toString(32).padStart(10, '0') +
      BigInt(`0x${hex.slice(0, 12)}${hex.slice(-8)}`)
        .toString(32)
        .padStart(16, '0'),
  );
}

/** Account, Message-ID, envelope, content and the time to leave as it was asked for: everything that a repetition has in common with its original. */
function fingerprintOf(request: PutRequest): string {
  const { account, messageId, envelope, clientHash, sendLater } = request;
  const recipients = envelope.recipients.map((one) => [one.address, one.orcpt ?? '', one.notify?.join(',') ?? '-']);
  const parts = [
    account,
    messageId,
    envelope.from,
    envelope.ret ?? '',
    envelope.envid ?? '',
    recipients,
    clientHash,
    ...(sendLater ? [sendLater.asSaid] : []),
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64');
}
