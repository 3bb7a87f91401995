import { z } from 'zod';
import { MAIL } from '@stopgap/jmap';
import { MethodError } from '../method-error.ts';
import { method } from '../method.ts';

const schema = z.strictObject({
  fromAccountId: z.string(),
  ifFromInState: z.string().nullish(),
  accountId: z.string(),
  ifInState: z.string().nullish(),
  create: z.record(z.string(), z.record(z.string(), z.unknown())),
  onSuccessDestroyOriginal: z.boolean().default(false),
  destroyFromIfInState: z.string().nullish(),
});

/** RFC 8621 4.7 is between accounts, and a person has one here. */
export const emailCopy = method(MAIL, schema, ({ fromAccountId, accountId }) => {
  throw fromAccountId === accountId
    ? new MethodError('invalidArguments', 'From an account into itself nothing is copied.')
    : new MethodError('fromAccountNotFound');
});
