/* What every method takes (RFC 8620 5), as a server reads it: an argument that is not here is a mistake of the client's, and it is told so. */
import { z } from 'zod';

const ids = z.array(z.string());
const accountId = z.string();
const unsigned = z.number().int().nonnegative();

/** RFC 8620 5.1 */
export const getArguments = z.strictObject({ accountId, ids: ids.nullish(), properties: z.array(z.string()).nullish() });
export type GetArguments = Readonly<z.infer<typeof getArguments>>;

/** RFC 8620 5.2 */
export const changesArguments = z.strictObject({ accountId, sinceState: z.string(), maxChanges: z.number().int().positive().nullish() });
export type ChangesArguments = Readonly<z.infer<typeof changesArguments>>;

/** RFC 8620 5.3; what is created and changed is read object by object, so that one bad one does not spoil the others. */
export const setArguments = z.strictObject({
  accountId,
  ifInState: z.string().nullish(),
  create: z.record(z.string(), z.record(z.string(), z.unknown())).nullish(),
  update: z.record(z.string(), z.record(z.string(), z.unknown())).nullish(),
  destroy: ids.nullish(),
});
export type SetArguments = Readonly<z.infer<typeof setArguments>>;

/** RFC 8620 5.5 */
export const comparatorSchema = z.strictObject({
  property: z.string(),
  isAscending: z.boolean().default(true),
  collation: z.string().optional(),
  /** RFC 8621 4.4.2: of hasKeyword and its kin. */
  keyword: z.string().optional(),
});
export type Comparator = Readonly<z.infer<typeof comparatorSchema>>;

const filter = z.record(z.string(), z.unknown());

export const queryArguments = z.strictObject({
  accountId,
  filter: filter.nullish(),
  sort: z.array(comparatorSchema).nullish(),
  position: z.number().int().default(0),
  anchor: z.string().nullish(),
  anchorOffset: z.number().int().nullish(),
  limit: unsigned.nullish(),
  calculateTotal: z.boolean().default(false),
});
export type QueryArguments = Readonly<z.infer<typeof queryArguments>>;

/** RFC 8620 5.6 */
export const queryChangesArguments = z.strictObject({
  accountId,
  filter: filter.nullish(),
  sort: z.array(comparatorSchema).nullish(),
  sinceQueryState: z.string(),
  maxChanges: z.number().int().positive().nullish(),
  upToId: z.string().nullish(),
  calculateTotal: z.boolean().default(false),
});
export type QueryChangesArguments = Readonly<z.infer<typeof queryChangesArguments>>;
