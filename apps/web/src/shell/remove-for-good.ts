/* Folders that are deleted for good. Of the messages in them only those go that were there when it was asked about; with others the folder stays. */
import { allDone, type Jmap } from '../api/jmap.ts';
import { destroyMessages, listIds } from '../api/mail.ts';

/** In each folder; of one with more the rest stays, and so does the folder. */
const MOST_REMOVED = 20_000;

interface Removing {
  readonly jmap: Jmap;
  /** What was brought to safety from there must have left it. @throws that it has not */
  readonly untilCarried: () => Promise<void>;
  /** @param count of messages */
  readonly isMeant: (count: number) => Promise<boolean>;
}

/**
 * @param mailboxIds those below before those above
 * @returns what became of them; `stays`: something is in them that was not asked about
 */
export async function removeForGood(
  mailboxIds: readonly string[],
  { jmap, untilCarried, isMeant }: Removing,
): Promise<'unwanted' | 'removed' | 'stays'> {
  const list = async (): Promise<readonly string[]> => {
    await untilCarried();
    const lists: (readonly string[])[] = [];
    for (const inMailbox of mailboxIds) lists.push(await listIds(jmap, { inMailbox }, MOST_REMOVED));
    return lists.flat();
  };
  const asked = await list();
  if (!(await isMeant(asked.length))) return 'unwanted';
  const there = new Set(await list());
  await destroyMessages(
    jmap,
    asked.filter((id) => there.has(id)),
  );
  return (await destroyMailboxes(jmap, mailboxIds)) ? 'removed' : 'stays';
}

/** RFC 8621 2.5: not with messages in it, or with folders. False: one of them stays so. */
async function destroyMailboxes(jmap: Jmap, ids: readonly string[]): Promise<boolean> {
  const answer = await jmap.call('Mailbox/set', { accountId: jmap.accountId, destroy: ids });
  const refused = Object.entries(answer.notDestroyed ?? {}).filter(([, { type }]) => type !== 'notFound');
  if (refused.some(([, { type }]) => ['mailboxHasEmail', 'mailboxHasChild'].includes(type))) return false;
  allDone({ ...answer, notDestroyed: Object.fromEntries(refused) });
  return true;
}
