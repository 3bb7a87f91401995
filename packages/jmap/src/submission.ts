import { z } from 'zod';
import type { Call, ResultReference } from './calls.ts';
import { idSchema } from './ids.ts';
import { getAnswer, setAnswer } from './methods.ts';
import { MAIL, SUBMISSION } from './session.ts';

/** RFC 8621 6 */
export const identitySchema = z.object({ id: idSchema, name: z.string().default(''), email: z.string().default('') });
export type Identity = Readonly<z.infer<typeof identitySchema>>;

export function getIdentities(accountId: string) {
  return submissionCall('Identity/get', { accountId, ids: null, properties: ['id', 'name', 'email'] }, getAnswer(identitySchema));
}

/** RFC 8621 7 */
export interface EnvelopeAddress {
  readonly email: string;
  /** SMTP's own: `{ SMTPUTF8: null }`. */
  readonly parameters?: Readonly<Record<string, string | null>>;
}

export interface EmailSubmission {
  readonly emailId: string;
  readonly identityId: string;
  readonly envelope: { readonly mailFrom: EnvelopeAddress; readonly rcptTo: readonly EnvelopeAddress[] };
}

export interface SubmissionSet {
  readonly create: Readonly<Record<string, EmailSubmission>>;
  /** By `#` and the creation id: what is done to the e-mail when it was sent. */
  readonly onSuccessUpdateEmail?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** To a null in an earlier answer of the same request. Where none is there, the method fails, and nothing is done. */
  readonly onlyIf?: ResultReference;
}

export function setSubmissions(accountId: string, { onlyIf, ...changes }: SubmissionSet) {
  // RFC 8620 3.7: a reference that can not be resolved fails its method, in whatever argument. This one destroys nothing.
  const condition = onlyIf === undefined ? {} : { '#destroy': onlyIf };
  return submissionCall('EmailSubmission/set', { accountId, ...changes, ...condition }, setAnswer(z.object({ id: idSchema })));
}

function submissionCall<T>(name: string, args: Readonly<Record<string, unknown>>, answer: z.ZodType<T>): Call<T> {
  return { name, args, using: [MAIL, SUBMISSION], answer };
}
