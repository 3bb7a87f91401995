import { z } from 'zod';
import type { ResultReference } from './calls.ts';
import { idSchema } from './ids.ts';
import { mailCall } from './mailbox.ts';
import { changesAnswer, getAnswer, queryAnswer, setAnswer } from './methods.ts';

/** RFC 8621 4.1.2.3 */
export const emailAddressSchema = z.object({ name: z.string().nullish(), email: z.string() });
export type EmailAddress = Readonly<z.infer<typeof emailAddressSchema>>;

const addresses = z.array(emailAddressSchema).nullable();
const messageIds = z.array(z.string()).nullable();
const trueOnly = z.record(z.string(), z.boolean());

/** RFC 8621 4.1, without the body. */
export const emailSchema = z.object({
  id: idSchema,
  blobId: idSchema,
  threadId: idSchema,
  mailboxIds: trueOnly,
  keywords: trueOnly,
  size: z.number().int().nonnegative(),
  /** RFC 3339; not checked, as one bad date must not hide all others. */
  receivedAt: z.string(),
  messageId: messageIds,
  inReplyTo: messageIds,
  references: messageIds,
  from: addresses,
  to: addresses,
  cc: addresses,
  bcc: addresses,
  replyTo: addresses,
  subject: z.string().nullable(),
  sentAt: z.string().nullable(),
  hasAttachment: z.boolean(),
  preview: z.string(),
  /** RFC 8621 4.1.2.1: raw, with the folding, without the line end. */
  headers: z.array(z.object({ name: z.string(), value: z.string() })),
});
export type Email = Readonly<z.infer<typeof emailSchema>>;
export type EmailProperty = keyof Email;

/** RFC 8621 4.2. Every property that is asked for must be in the answer. */
export function getEmails<const Property extends EmailProperty>(
  accountId: string,
  ids: readonly string[] | ResultReference,
  properties: readonly Property[],
) {
  const mask = Object.fromEntries(['id', ...properties].map((property) => [property, true])) as Record<EmailProperty, true>;
  const item = emailSchema.pick(mask) as unknown as z.ZodType<Pick<Email, Property | 'id'>>;
  const source = 'resultOf' in ids ? { '#ids': ids } : { ids };
  return mailCall('Email/get', { accountId, ...source, properties: ['id', ...properties] }, getAnswer(item));
}

/** The state of all mail of the account, and nothing else. */
export function getEmailState(accountId: string) {
  return getEmails(accountId, [], []);
}

export interface EmailFilter {
  readonly inMailbox?: string;
  /** Name, and text that the value must hold. */
  readonly header?: readonly [string, string];
  readonly after?: string;
}

export interface EmailQuery {
  readonly filter: EmailFilter;
  readonly limit: number;
  readonly calculateTotal?: boolean;
  /** Begin behind this one. */
  readonly anchor?: string;
}

/** RFC 8621 4.4, newest first; what belongs to one thread is not collapsed. */
export function queryEmails(accountId: string, query: EmailQuery) {
  const { anchor, ...rest } = query;
  const place = anchor === undefined ? { position: 0 } : { anchor, anchorOffset: 1 };
  const sort = [{ property: 'receivedAt', isAscending: false }];
  return mailCall('Email/query', { accountId, ...rest, ...place, sort, collapseThreads: false }, queryAnswer);
}

/** RFC 8621 4.3 */
export function getEmailChanges(accountId: string, sinceState: string, maxChanges: number) {
  return mailCall('Email/changes', { accountId, sinceState, maxChanges }, changesAnswer);
}

export interface EmailSet {
  readonly ifInState?: string;
  /** Patches (RFC 8620 5.3); steps of their paths are made by `patchStep`. */
  readonly update?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly destroy?: readonly string[];
}

export const emailSetAnswer = setAnswer(z.object({ id: idSchema }));

/** RFC 8621 4.6 */
export function setEmails(accountId: string, changes: EmailSet) {
  return mailCall('Email/set', { accountId, ...changes }, emailSetAnswer);
}

export interface EmailImport {
  readonly blobId: string;
  readonly mailboxIds: Readonly<Record<string, true>>;
  readonly keywords: Readonly<Record<string, true>>;
  readonly receivedAt: string;
}

/** RFC 8621 4.8 */
export function importEmails(accountId: string, emails: Readonly<Record<string, EmailImport>>) {
  const created = z.object({ id: idSchema, blobId: idSchema.optional(), size: z.number().optional() });
  return mailCall('Email/import', { accountId, emails }, setAnswer(created));
}
