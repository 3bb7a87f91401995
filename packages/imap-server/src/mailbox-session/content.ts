import { MailError, type BlobRef, type MessageId, type Uid } from '@stopgap/core';
import { findMessageByUid, findMessageView, type MailboxRow, type MessageRow } from '@stopgap/store';
import type { MessageContent } from '../session.ts';
import type { Owner } from './deps.ts';

/** Undefined: the message is not there any more. @throws MailError `body-unavailable` */
export async function contentOf(
  { deps, account }: Owner,
  mailbox: Pick<MailboxRow, 'id'>,
  { uid, signal }: { readonly uid: Uid; readonly signal: AbortSignal },
): Promise<MessageContent | undefined> {
  const find = (): MessageRow | undefined => deps.store.read((reader) => findMessageByUid(reader, mailbox.id, uid));
  const row = find();
  if (!row) return undefined;
  if (hasBody(row)) return storedContent(deps, row);
  if (!(await deps.fetchBody?.(account, row.id, signal))) throw unavailable();
  const again = find();
  if (!again) return undefined;
  if (!hasBody(again)) throw unavailable();
  return storedContent(deps, again);
}

type WithBody = MessageRow & { readonly blob: BlobRef };

export function hasBody(row: MessageRow): row is WithBody {
  return row.blob !== undefined && row.completeness !== 'headers';
}

export function storedContent({ store }: Owner['deps'], { id, blob }: WithBody, bytes?: Buffer): MessageContent {
  return {
    sizeBytes: blob.sizeBytes,
    ...(bytes === undefined ? {} : { bytes }),
    structure: () => structureOf(store, id),
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
