import type { AccountId, MessageId, ModSeq } from '@stopgap/core';
import type { DigestAttachment, DigestEnvelope, DigestMailbox } from '@stopgap/message';

/** What the search index is told of a message. */
export interface IndexedMessage {
  readonly account: AccountId;
  readonly id: MessageId;
  readonly receivedAtMs: number;
  readonly modSeq: ModSeq;
  readonly subject: string;
  readonly from: string;
  readonly to: string;
  readonly cc: string;
  readonly bcc: string;
  readonly names: string;
  readonly text: string;
}

export function indexedMessage(
  message: Pick<IndexedMessage, 'account' | 'id' | 'receivedAtMs' | 'modSeq'>,
  digest: { readonly envelope: DigestEnvelope; readonly attachments: readonly DigestAttachment[]; readonly text: string },
): IndexedMessage {
  const { envelope } = digest;
  return {
    account: message.account,
    id: message.id,
    receivedAtMs: message.receivedAtMs,
    modSeq: message.modSeq,
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
