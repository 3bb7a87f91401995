import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { asId, systemClock, type Flag } from '@stopgap/core';
import { addMessage, createMailbox, openMailboxes } from '@stopgap/mailbox';
import { digestOf } from '@stopgap/message';
import { openStore } from '@stopgap/store';

const CORPUS = join(import.meta.dirname, '../../corpus');

/** Without the one that Dovecot takes for no message at all. */
export const letters: readonly Buffer[] = readdirSync(CORPUS)
  .filter((name) => name.endsWith('.eml') && name !== 'empty.eml')
  .map((name) => readFileSync(join(CORPUS, name)));

export const RECEIVED_MS = Date.UTC(2026, 10, 23, 10, 11, 12);

/** Puts mail into a mailbox as the mirror does, from a process beside `serve`. */
export async function mirrorInto(
  dataDir: string,
  target: { readonly address: string; readonly mailbox: string },
  mail: readonly { readonly bytes: Buffer; readonly flags: readonly Flag[] }[],
): Promise<void> {
  const store = await openStore({ dataDir, clock: systemClock });
  try {
    const account = asId.account(target.address);
    const mailboxes = openMailboxes({ store, dataDir, clock: systemClock, keepExpungedMs: 1000 });
    const mailbox = await mailboxes.write(account, (tx) => createMailbox(tx, { name: target.mailbox, isSubscribed: true, by: 'upstream' }));
    for (const { bytes, flags } of mail) {
      const writer = store.blobs.stage();
      await writer.write(bytes);
      const blob = await writer.finish();
      const message = {
        mailbox: mailbox.id,
        blob,
        digest: digestOf(bytes),
        completeness: 'raw' as const,
        receivedAtMs: RECEIVED_MS,
        flags,
      };
      await mailboxes.write(account, (tx) => addMessage(tx, { ...message, by: 'upstream' }));
    }
  } finally {
    await store.close();
  }
}
