import { getArguments, MAIL } from '@stopgap/jmap';
import { listThread } from '@stopgap/store';
import { found, picked, wantedIds, wantedProperties } from '../get.ts';
import { unwire, wire } from '../ids.ts';
import { MethodError } from '../method-error.ts';
import { method } from '../method.ts';
import { mailState } from '../states.ts';

/** RFC 8621 3.1, by the time of receipt, without what is marked as deleted (4.1.1). Of all there are too many for one answer. */
export const threadGet = method(MAIL, getArguments, (args, context) => {
  const { deps, account } = context;
  const wanted = wantedProperties(args.properties, ['id', 'emailIds'] as const);
  const ids = wantedIds(args);
  if (ids === undefined) throw new MethodError('requestTooLarge', 'Ask for some threads.');
  const state = mailState(context);
  const { list, notFound } = found(ids, (id) => {
    const thread = unwire.thread(id);
    if (thread === undefined) return undefined;
    const messages = deps.store.read((reader) => listThread(reader, account, thread)).filter(({ flags }) => !flags.includes('$deleted'));
    return messages.length === 0 ? undefined : picked(id, wanted, { emailIds: () => messages.map((message) => wire.email(message.id)) });
  });
  return { state, list, notFound };
});
