import { z } from 'zod';
import { getArguments, MAIL } from '@stopgap/jmap';
import type { MessageId } from '@stopgap/core';
import { listMessages, listMessageViews } from '@stopgap/store';
import { wantedIds } from '../get.ts';
import { unwire } from '../ids.ts';
import { MethodError } from '../method-error.ts';
import { method, type CallContext } from '../method.ts';
import { mailState } from '../states.ts';
import { emailObject, emailProperties, type EmailProperties } from './email-object.ts';
import { partProperties } from './part-object.ts';
import { MessageOpener, storedEmail, type StoredEmail } from './source.ts';

/** What Email/get and Email/parse take alike. */
export const bodyArguments = {
  bodyProperties: z.array(z.string()).nullish(),
  fetchTextBodyValues: z.boolean().default(false),
  fetchHTMLBodyValues: z.boolean().default(false),
  fetchAllBodyValues: z.boolean().default(false),
  maxBodyValueBytes: z.number().int().nonnegative().default(0),
};

const schema = getArguments.extend(bodyArguments);

/** RFC 8621 4.2. Of all there are too many for one answer. */
export const emailGet = method(MAIL, schema, async (args, context) => {
  const wanted: EmailProperties = { ...emailProperties(args.properties), ...args, parts: partProperties(args.bodyProperties) };
  const ids = wantedIds(args);
  if (ids === undefined) throw new MethodError('requestTooLarge', 'Ask for some messages.');
  const state = mailState(context);
  const emails = storedEmails(
    ids.flatMap((id) => unwire.email(id) ?? []),
    context,
  );
  const list = [];
  const notFound: string[] = [];
  for (const id of ids) {
    const message = unwire.email(id);
    const email = message === undefined ? undefined : emails.get(message);
    if (email === undefined) notFound.push(id);
    else list.push(await emailObject(email, wanted));
  }
  return { state, list, notFound };
});

/** The messages of this account among them. One that a mail program marked as deleted is as good as gone (RFC 8621 4.1.1). */
export function storedEmails(ids: readonly MessageId[], { deps, account }: CallContext): ReadonlyMap<MessageId, StoredEmail> {
  const opener = new MessageOpener(deps.store);
  const rows = deps.store
    .read((reader) => listMessages(reader, ids))
    .filter((row) => row.account === account && !row.flags.includes('$deleted'));
  const views = deps.store.read((reader) =>
    listMessageViews(
      reader,
      rows.map(({ id }) => id),
    ),
  );
  return new Map(
    rows.flatMap((row) => {
      const view = views.get(row.id);
      return view === undefined ? [] : [[row.id, storedEmail(row, view, opener)] as const];
    }),
  );
}
