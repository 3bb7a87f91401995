import { MailError, type AccountId } from '@stopgap/core';
import { findMailboxByName, listRestoreRequests, refuseRestore, type RestoreRequest, type Store } from '@stopgap/store';
import { restoreMessage } from './expunge-messages.ts';
import { createMailbox } from './mailbox-operations.ts';
import type { MailTx } from './mail-tx.ts';

/** In one transaction. */
const AT_ONCE = 100;

export interface RestoredCount {
  readonly account: AccountId;
  readonly restored: number;
  /** They stay expunged; `whyNotRestored` says why. */
  readonly refused: number;
}

/**
 * Does what was asked for by `askForRestore`, one account after the other, and tells what it did, a transaction at a time. A request is done in the transaction
 * that ends it, so it is done once, whenever the process dies.
 * @throws what `write` does; the requests that are left stay
 */
export async function* restoreWanted(options: {
  readonly store: Store;
  readonly write: <T>(account: AccountId, job: (mail: MailTx) => T) => Promise<T>;
  readonly signal: AbortSignal;
}): AsyncGenerator<RestoredCount> {
  const { store, write, signal } = options;
  while (!signal.aborted) {
    const requests = store.read((reader) => listRestoreRequests(reader, AT_ONCE));
    if (requests.length === 0) return;
    for (const [account, some] of Map.groupBy(requests, (one) => one.account)) {
      const restored = await restoreSome(some, { account, store, write });
      yield { account, restored, refused: some.length - restored };
    }
  }
}

/** All together, or one by one where one of them can not be. */
async function restoreSome(
  requests: readonly RestoreRequest[],
  to: Pick<Parameters<typeof restoreWanted>[0], 'store' | 'write'> & { readonly account: AccountId },
): Promise<number> {
  try {
    await to.write(to.account, (mail) => requests.forEach((one) => restoreOne(mail, one)));
    return requests.length;
  } catch (error) {
    if (!(error instanceof MailError) || error.kind !== 'permanent') throw error;
    const [first, ...others] = requests;
    if (first && others.length === 0) {
      await to.store.write((tx) => refuseRestore(tx, first.message, error.message));
      return 0;
    }
    let restored = 0;
    for (const one of requests) restored += await restoreSome([one], to);
    return restored;
  }
}

function restoreOne(mail: MailTx, { message, mailbox: name }: RestoreRequest): void {
  const mailbox = name === undefined ? undefined : (findMailboxByName(mail.tx, mail.account, name) ?? made(mail, name)).id;
  const restored = restoreMessage(mail, message, { by: 'here', ...(mailbox === undefined ? {} : { mailbox }) });
  if (!restored) throw new MailError('permanent', 'It is not kept any more.', { code: 'not-kept' });
}

function made(mail: MailTx, name: string) {
  return createMailbox(mail, { name, isSubscribed: true, by: 'here' });
}
