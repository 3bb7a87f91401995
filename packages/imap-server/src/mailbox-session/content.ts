import { MailError, type BlobRef, type MessageId, type Uid } from '@stopgap/core';
import type { DigestPart } from '@stopgap/message';
import { findMessageByUid, findMessageView, type MailboxRow, type MessageRow } from '@stopgap/store';
import type { ContentWanted, MessageContent } from '../session.ts';
import type { Owner } from './deps.ts';

/** Undefined: the message is not there any more. @throws MailError `body-unavailable` */
export async function contentOf(
  { deps, account }: Owner,
  mailbox: Pick<MailboxRow, 'id'>,
  { uid, wanted, signal }: { readonly uid: Uid; readonly wanted: ContentWanted; readonly signal: AbortSignal },
): Promise<MessageContent | undefined> {
  const find = (): MessageRow | undefined => deps.store.read((reader) => findMessageByUid(reader, mailbox.id, uid));
  const row = find();
  if (!row) return undefined;
  if (has(row, wanted)) return storedContent(deps, row);
  if (!(await deps.fetchBody?.(account, row.id, signal))) throw unavailable();
  const again = find();
  if (!again) return undefined;
  if (!has(again, wanted)) throw unavailable();
  return storedContent(deps, again);
}

type WithOctets<Row> = Row & { readonly blob: BlobRef };

/** Of a message whose body is not here, its header may be. */
export function has<Row extends Pick<MessageRow, 'blob' | 'completeness'>>(row: Row, wanted: ContentWanted): row is WithOctets<Row> {
  return row.blob !== undefined && (row.completeness !== 'headers' || wanted === 'header');
}

export interface AtHand {
  readonly bytes: Buffer;
  /** Undefined: it is read when it is needed. */
  readonly structure?: (() => DigestPart) | undefined;
}

export function storedContent(
  { store }: Owner['deps'],
  { id, blob }: WithOctets<Pick<MessageRow, 'id'>>,
  { bytes, structure }: Partial<AtHand> = {},
): MessageContent {
  return {
    sizeBytes: blob.sizeBytes,
    ...(bytes === undefined ? {} : { bytes }),
    structure: structure ?? (() => structureOf(store, id)),
    open: (start, end) => (bytes === undefined ? store.blobs.open(blob, { start, end }) : oneChunk(bytes.subarray(start, end))),
  };
}

function structureOf(store: Owner['deps']['store'], id: MessageId) {
  const view = store.read((reader) => findMessageView(reader, id));
  if (!view) throw new MailError('transient', 'The message is gone.', { code: 'message-missing', reply: 'the message is gone' });
  return view.structure;
}

async function* oneChunk(bytes: Buffer): AsyncGenerator<Buffer> {
  if (bytes.length > 0) yield bytes;
}

function unavailable(): MailError {
  return new MailError('transient', 'The body is not here.', {
    code: 'body-unavailable',
    reply: 'the body of this message is not here yet, and the provider can not be reached now',
  });
}
