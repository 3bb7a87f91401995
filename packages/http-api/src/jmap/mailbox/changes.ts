import { changesArguments, MAIL } from '@stopgap/jmap';
import { changesMethod, mailChanges } from '../changes.ts';
import { wire } from '../ids.ts';
import { method } from '../method.ts';

const COUNTS = ['totalEmails', 'unreadEmails', 'totalThreads', 'unreadThreads'];

/** RFC 8621 2.2 */
export const mailboxChanges = method(MAIL, changesArguments, (args, context) => {
  const recounted = new Set<number>();
  const { answer, page } = changesMethod(args, (point) => {
    const { modSeq, mailboxes } = mailChanges(point, context);
    for (const { id } of mailboxes.recounted) recounted.add(id);
    const changed = {
      created: mailboxes.created,
      updated: [...mailboxes.updated, ...mailboxes.recounted],
      destroyed: mailboxes.deleted,
    };
    return { modSeq, changed, wire: wire.mailbox };
  });
  const isOnlyCounts = page.updated.length > 0 && page.updated.every(({ id }) => recounted.has(id));
  return { ...answer, updatedProperties: isOnlyCounts ? COUNTS : null };
});
