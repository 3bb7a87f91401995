import { accountIdOf, MailError, parseAddress, systemClock } from '@stopgap/core';
import { openMailboxes } from '@stopgap/mailbox';
import { listFilesOf, removeAccount, removeUnusedFiles, type Store } from '@stopgap/store';

/** In one transaction. */
const FILES_AT_ONCE = 200;

/** The account with its credential and what is here of its mail. A running `serve` sees it within a second. @throws when there is no such account */
export async function removeOne(text: string, { store, dataDir }: { readonly store: Store; readonly dataDir: string }): Promise<void> {
  const address = parseAddress(text);
  const id = address && accountIdOf(address);
  const files = id === undefined ? [] : store.read((reader) => listFilesOf(reader, id));
  const isRemoved = id !== undefined && (await store.write((tx) => removeAccount(tx, id)));
  if (!isRemoved)
    throw new MailError('permanent', `There is no account ${text}. "stopgap account list" shows them.`, { code: 'not-there' });
  for (let start = 0; start < files.length; start += FILES_AT_ONCE) {
    await store.write((tx) => removeUnusedFiles(tx, dataDir, files.slice(start, start + FILES_AT_ONCE)));
  }
  const mail = openMailboxes({ store, dataDir, clock: systemClock, keepExpungedMs: 0 });
  try {
    // The words of its mail stand in the search index, a file of its own.
    await mail.forget(id);
  } finally {
    await mail.close();
  }
}
