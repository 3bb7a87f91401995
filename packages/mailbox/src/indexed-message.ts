import type { AccountId, BlobRef, MessageId } from '@stopgap/core';
import type { DigestAttachment, DigestEnvelope, DigestMailbox } from '@stopgap/message';

/** What the search index is told of a message. */
export interface IndexedMessage {
  readonly account: AccountId;
  readonly id: MessageId;
  readonly receivedAtMs: number;
  /** The number of its blob, which is another one when its content is; 0: its bytes are not here. */
  readonly content: number;
  readonly subject: string;
  readonly from: string;
  readonly to: string;
  readonly cc: string;
  readonly bcc: string;
  readonly names: string;
  /** UTF-8. */
  readonly text: Uint8Array;
}

export function indexedMessage(
  message: Pick<IndexedMessage, 'account' | 'id' | 'receivedAtMs'> & { readonly blob?: BlobRef },
  digest: { readonly envelope: DigestEnvelope; readonly attachments: readonly DigestAttachment[]; readonly text: Buffer },
): IndexedMessage {
  const { envelope } = digest;
  return {
    account: message.account,
    id: message.id,
    receivedAtMs: message.receivedAtMs,
    content: message.blob?.id ?? 0,
    subject: envelope.subject,
    from: addressText([...envelope.from, ...envelope.sender, ...envelope.replyTo]),
    to: addressText(envelope.to),
    cc: addressText(envelope.cc),
    bcc: addressText(envelope.bcc),
    names: digest.attachments.map((attachment) => attachment.name).join('\n'),
    text: digest.text,
  };
}

function addressText(mailboxes: readonly DigestMailbox[]): string {
  return [...new Set(mailboxes.map(({ name, address }) => (name === '' ? address : `${name} ${address}`)))].join('\n');
}
