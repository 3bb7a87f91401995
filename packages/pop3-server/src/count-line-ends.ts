import type { AccountId, BlobId, MessageId } from '@stopgap/core';
import { LineEnds } from '@stopgap/message';
import { listHeldMessages, listUncounted, updateMissingLineEnds, type HeldMessage } from '@stopgap/store';
import { inboxOf, MOST_MESSAGES } from './maildrop.ts';
import type { Settings } from './settings.ts';

/** Of one log-in. What is not counted by then is left to the next one; so long it has the size that it is stored with. */
const WITHIN_MS = 5_000;
/** Small ones, up to 128 KB each, are in memory together. */
const AT_ONCE = 100;

/**
 * What came since schema 11 was counted at its arrival. What is older is counted by the first log-ins that show it, and kept: so it is read once, and not all
 * of it before the first start is done.
 */
export async function countLineEnds(
  account: AccountId,
  { store, mailboxes, clock }: Pick<Settings, 'store' | 'mailboxes' | 'clock'>,
  gone: AbortSignal,
): Promise<void> {
  const ids = store.read((reader) => {
    const inbox = inboxOf(reader, account);
    return inbox ? listUncounted(reader, inbox.id, MOST_MESSAGES) : [];
  });
  if (ids.length === 0) return;
  const over = new AbortController();
  void clock.wait(WITHIN_MS, AbortSignal.any([gone, over.signal])).then(() => over.abort());
  try {
    for (let from = 0; from < ids.length && !over.signal.aborted; from += AT_ONCE) {
      const counted: { readonly id: MessageId; readonly blob: BlobId; readonly bytes: number }[] = [];
      for (const message of store.read((reader) => listHeldMessages(reader, ids.slice(from, from + AT_ONCE)))) {
        const bytes = over.signal.aborted ? undefined : await missingBytes(message, store);
        if (bytes !== undefined) counted.push({ id: message.id, blob: message.blob.id, bytes });
      }
      await mailboxes.write(account, ({ tx }) => {
        for (const message of counted) updateMissingLineEnds(tx, message);
      });
    }
  } finally {
    over.abort();
  }
}

/** Undefined: its bytes can not be read. That is said when they are asked for, and is no reason to count no others. */
async function missingBytes(message: HeldMessage, { blobs }: Pick<Settings['store'], 'blobs'>): Promise<number | undefined> {
  const lineEnds = new LineEnds();
  try {
    for await (const chunk of message.bytes ? [message.bytes] : blobs.open(message.blob)) lineEnds.push(chunk);
  } catch {
    return undefined;
  }
  return lineEnds.missingBytes;
}
