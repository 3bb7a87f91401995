import { asId, type BlobId, type MessageId, type SubmissionId } from '@stopgap/core';
import type { MessageRow } from '@stopgap/store';

export interface MessageBlob {
  readonly message: MessageId;
  readonly blob: BlobId;
  /** As IMAP counts (RFC 9051 6.4.5.1), `2.1`; undefined: the whole message. */
  readonly section?: string;
}

const NONE = 0;

/** See `ids.ts`. */
export function messageBlobId({ id, blob }: Pick<MessageRow, 'id' | 'blob'>, section?: string): string {
  return `b${id}_${blob?.id ?? NONE}${section === undefined ? '' : `_${section.replaceAll('.', '-')}`}`;
}

export function messageBlobOf(text: string): MessageBlob | undefined {
  const [, message, blob, section] = /^b([1-9]\d{0,15})_(\d{1,16})(?:_(\d{1,5}(?:-\d{1,5}){0,60}))?$/.exec(text) ?? [];
  if (message === undefined || blob === undefined) return undefined;
  return {
    message: asId.message(Number(message)),
    blob: asId.blob(Number(blob)),
    ...(section === undefined ? {} : { section: section.replaceAll('-', '.') }),
  };
}

/** What leaves of a submission, or a notice of ours. */
export function submissionBlobId(id: SubmissionId): string {
  return `s${id}`;
}
