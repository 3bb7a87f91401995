import { z } from 'zod';
import type { Call } from './calls.ts';
import { idSchema } from './ids.ts';
import { getAnswer, setAnswer } from './methods.ts';
import { MAIL } from './session.ts';

/** RFC 8621 2. Of the rights only what we go by. */
export const mailboxSchema = z.object({
  id: idSchema,
  name: z.string(),
  parentId: idSchema.nullable(),
  role: z.string().nullable(),
  sortOrder: z.number().default(0),
  totalEmails: z.number().int().nonnegative(),
  unreadEmails: z.number().int().nonnegative(),
  isSubscribed: z.boolean(),
  myRights: z.object({ mayReadItems: z.boolean() }),
});
export type JmapMailbox = Readonly<z.infer<typeof mailboxSchema>>;

const listed = mailboxSchema.omit({ sortOrder: true, unreadEmails: true });
export type ListedMailbox = Readonly<z.infer<typeof listed>>;

/** All of them, as far as a list needs. */
export function getMailboxes(accountId: string) {
  const answer = getAnswer(listed);
  return mailCall('Mailbox/get', { accountId, ids: null, properties: Object.keys(listed.shape) }, answer);
}

/** Is it there? */
export function getMailboxIds(accountId: string, ids: readonly string[]) {
  return mailCall('Mailbox/get', { accountId, ids, properties: ['id'] }, getAnswer(z.object({ id: idSchema })));
}

export interface MailboxSet {
  readonly create?: Readonly<Record<string, { name: string; parentId?: string | null; isSubscribed?: boolean; role?: string }>>;
  readonly update?: Readonly<Record<string, { name?: string; parentId?: string | null; isSubscribed?: boolean }>>;
  readonly destroy?: readonly string[];
  /** RFC 8621 2.5: mail that is in no other mailbox goes with it. */
  readonly onDestroyRemoveEmails?: boolean;
}

export function setMailboxes(accountId: string, changes: MailboxSet) {
  return mailCall('Mailbox/set', { accountId, ...changes }, setAnswer(z.object({ id: idSchema })));
}

export function mailCall<T>(name: string, args: Readonly<Record<string, unknown>>, answer: z.ZodType<T>): Call<T> {
  return { name, args, using: [MAIL], answer };
}
