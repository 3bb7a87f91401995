import type { MessageId } from '@stopgap/core';
import { looseHash } from '@stopgap/mirror';
import { findMessageView, listMailboxMessages, listRemoteMessagesOf, type MailboxRow } from '@stopgap/store';
import type { Owner } from './deps.ts';

/** The newest in Sent that are compared: the webmail's copy came a moment ago. */
const LATEST = 50;

/**
 * A message in Sent that upstream has put there itself, and that is this one but for the trace fields on top. Only one that came from upstream: what a
 * mail program stores twice is two messages.
 */
export async function findSentTwin(
  { deps: { store } }: Owner,
  mailbox: MailboxRow,
  message: { readonly messageId: string | undefined; readonly open: () => AsyncIterable<Buffer> },
): Promise<MessageId | undefined> {
  const { messageId } = message;
  if (messageId === undefined) return undefined;
  const candidates = store.read((reader) =>
    listMailboxMessages(reader, mailbox.id, { afterUid: Math.max(0, newestUid(mailbox.uidNext) - LATEST), limit: LATEST * 2 }).filter(
      ({ id, blob }) =>
        blob !== undefined && findMessageView(reader, id)?.envelope.messageId === messageId && listRemoteMessagesOf(reader, id).length > 0,
    ),
  );
  const own = candidates.length > 0 ? await looseHash(message.open(), { isBelowTrace: true }) : undefined;
  for (const { id, blob } of candidates) {
    if (blob && (await looseHash(store.blobs.open(blob), { isBelowTrace: true })) === own) return id;
  }
  return undefined;
}

function newestUid(uidNext: number): number {
  return uidNext - 1;
}
