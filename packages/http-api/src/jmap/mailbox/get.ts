import { getArguments, MAIL } from '@stopgap/jmap';
import { found, wantedIds, wantedProperties } from '../get.ts';
import { method } from '../method.ts';
import { mailState } from '../states.ts';
import { MAILBOX_PROPERTIES, mailboxObject, MailboxTree } from './mailbox-object.ts';

/** RFC 8621 2.1 */
export const mailboxGet = method(MAIL, getArguments, (args, context) => {
  const wanted = wantedProperties(args.properties, MAILBOX_PROPERTIES);
  const state = mailState(context);
  const tree = new MailboxTree(context);
  const ids = wantedIds(args);
  const { list, notFound } = ids === undefined ? { list: tree.rows, notFound: [] } : found(ids, (id) => tree.byId(id));
  return { state, list: list.map((row) => mailboxObject(row, wanted, { tree, context })), notFound };
});
