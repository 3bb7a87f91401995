import { restoreMessage, type Mailboxes } from '@stopgap/mailbox';
import { listKept, openIntentsOfMessage, type Store } from '@stopgap/store';
import type { MemoryAccount } from '@stopgap/testkit';
import { ALICE, hashOf, mailHere } from './test-bench.ts';

export interface BroughtBack {
  readonly hash: string;
  /** All that was to become of it had: only another deletion takes it away. */
  readonly isToStay: boolean;
}

/** What was deleted last but so many here, by whomever. Undefined: nothing was. */
export async function bringBack(
  { store, mailboxes, there }: { readonly store: Store; readonly mailboxes: Mailboxes; readonly there: MemoryAccount },
  at: number,
): Promise<BroughtBack | undefined> {
  const deleted = store.read((reader) => listKept(reader, ALICE, { limit: 1 + at })).at(-1);
  const hash = deleted?.kept.view.hash;
  if (!deleted || hash === undefined) return undefined;
  const isThere = there.mailboxes.some(({ messages }) => messages.some(({ bytes }) => hashOf(bytes) === hash));
  const isHere = Object.values(mailHere(store)).some((messages) => messages.some((one) => one.hash === hash));
  const isAwaited = store.read((reader) => openIntentsOfMessage(reader, deleted.message)).length > 0;
  await mailboxes.write(ALICE, (mail) => restoreMessage(mail, deleted.message, { by: 'here' }));
  return { hash, isToStay: !isThere && !isHere && !isAwaited };
}
