import { changesArguments, MAIL } from '@stopgap/jmap';
import { changesMethod } from '../changes.ts';
import { wire } from '../ids.ts';
import { method } from '../method.ts';

const COUNTS = ['totalEmails', 'unreadEmails', 'totalThreads', 'unreadThreads'];

/** RFC 8621 2.2 */
export const mailboxChanges = method(MAIL, changesArguments, (args, context) =>
  changesMethod(args, context, ({ mailboxes: { created, updated, recounted, deleted } }) => ({
    created: created.map(wire.mailbox),
    updated: [...updated, ...recounted].map(wire.mailbox),
    destroyed: deleted.map(wire.mailbox),
    more: { updatedProperties: updated.length === 0 && recounted.length > 0 ? COUNTS : null },
  })),
);
