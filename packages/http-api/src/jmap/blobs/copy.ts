import { z } from 'zod';
import { CORE } from '@stopgap/jmap';
import { MethodError } from '../method-error.ts';
import { method } from '../method.ts';

const schema = z.strictObject({ fromAccountId: z.string(), accountId: z.string(), blobIds: z.array(z.string()) });

/** RFC 8620 6.3. A person has one account here: there is no other one to copy from. */
export const blobCopy = method(CORE, schema, ({ fromAccountId, accountId }) => {
  throw fromAccountId === accountId
    ? new MethodError('invalidArguments', 'From an account into itself nothing is copied.')
    : new MethodError('fromAccountNotFound');
});
