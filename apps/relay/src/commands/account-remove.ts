import { accountIdOf, MailError, parseAddress, systemClock } from '@stopgap/core';
import { openMailboxes } from '@stopgap/mailbox';
import { removeAccount } from '@stopgap/store';
import type { CommandSession } from '../session.ts';

/** The account with its credential and what is here of its mail. A running `serve` sees it within a second. @throws when there is no such account */
export async function removeOne(text: string, { config, store }: CommandSession): Promise<void> {
  const address = parseAddress(text);
  const id = address && accountIdOf(address);
  const isRemoved = id !== undefined && (await store.write((tx) => removeAccount(tx, id)));
  if (!isRemoved)
    throw new MailError('permanent', `There is no account ${text}. "stopgap account list" shows them.`, { code: 'not-there' });
  const mail = openMailboxes({ store, dataDir: config.dataDir, clock: systemClock, keepExpungedMs: config.mirror.keepExpungedMs });
  try {
    // The words of its mail stand in the search index, a file of its own.
    await mail.forget(id);
  } finally {
    await mail.close();
  }
}
