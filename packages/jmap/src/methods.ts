import { z } from 'zod';
import { idSchema } from './ids.ts';

/** RFC 8620 5.3 and RFC 8621 7.5: why one object was not made, changed or destroyed. */
export const setErrorSchema = z.object({
  type: z.string(),
  description: z.string().nullish(),
  properties: z.array(z.string()).nullish(),
  /** alreadyExists */
  existingId: idSchema.nullish(),
  /** tooManyRecipients */
  maxRecipients: z.number().nullish(),
  /** invalidRecipients */
  invalidRecipients: z.array(z.string()).nullish(),
});
export type SetError = Readonly<z.infer<typeof setErrorSchema>>;

/** RFC 8620 5.1 */
export function getAnswer<T>(item: z.ZodType<T>) {
  return z.object({ state: z.string(), list: z.array(item), notFound: z.array(idSchema).default([]) });
}

/** RFC 8620 5.2 */
export const changesAnswer = z.object({
  newState: z.string(),
  hasMoreChanges: z.boolean(),
  created: z.array(idSchema),
  updated: z.array(idSchema),
  destroyed: z.array(idSchema),
});
export type ChangesAnswer = Readonly<z.infer<typeof changesAnswer>>;

/** RFC 8620 5.5 */
export const queryAnswer = z.object({
  queryState: z.string(),
  position: z.number().int().nonnegative(),
  ids: z.array(idSchema),
  total: z.number().int().nonnegative().nullish(),
});
export type QueryAnswer = Readonly<z.infer<typeof queryAnswer>>;

const setErrors = z.record(z.string(), setErrorSchema).nullish();

/** RFC 8620 5.3 */
export function setAnswer<T>(created: z.ZodType<T>) {
  return z.object({
    newState: z.string().nullish(),
    created: z.record(z.string(), created).nullish(),
    updated: z.record(z.string(), z.unknown()).nullish(),
    destroyed: z.array(idSchema).nullish(),
    notCreated: setErrors,
    notUpdated: setErrors,
    notDestroyed: setErrors,
  });
}

/** What stands under a key of our own making, or of the server's; never what every object has. */
export function entryOf<T>(record: Readonly<Record<string, T>> | null | undefined, key: string): T | undefined {
  return record !== null && record !== undefined && Object.hasOwn(record, key) ? record[key] : undefined;
}
