import { allDone, type Jmap } from './jmap.ts';
import type { Mailbox } from './methods.ts';
import { withDeadline } from './with-deadline.ts';

/** Not the counts of threads: for each of them the relay would look at every message. */
const PROPERTIES = [
  'id',
  'name',
  'parentId',
  'role',
  'sortOrder',
  'totalEmails',
  'unreadEmails',
] as const satisfies readonly (keyof Mailbox)[];

export async function listMailboxes(jmap: Jmap, signal?: AbortSignal): Promise<readonly Mailbox[]> {
  const { list } = await withDeadline(jmap).call('Mailbox/get', { accountId: jmap.accountId, ids: null, properties: PROPERTIES }, signal);
  return list;
}

export type MailboxPlace = Pick<Mailbox, 'name' | 'parentId'>;

/** Gives its id. */
export async function createMailbox(jmap: Jmap, { name, parentId }: MailboxPlace): Promise<string> {
  const answer = allDone(await jmap.call('Mailbox/set', { accountId: jmap.accountId, create: { made: { name, parentId } } }));
  return answer.created?.['made']?.id ?? '';
}

/** With everything in it and below it. */
export async function placeMailbox(jmap: Jmap, id: string, { name, parentId }: MailboxPlace): Promise<void> {
  allDone(await jmap.call('Mailbox/set', { accountId: jmap.accountId, update: { [id]: { name, parentId } } }));
}
