import { getArguments, setArguments, VACATION } from '@stopgap/jmap';
import { MethodError } from '../method-error.ts';
import { method } from '../method.ts';

/** RFC 8621 8. Who answers for an absent person is the provider: this account has none of it (RFC 8620 3.6.2). */
function unsupported(): never {
  throw new MethodError('accountNotSupportedByMethod');
}

export const vacationGet = method(VACATION, getArguments, unsupported);
export const vacationSet = method(VACATION, setArguments, unsupported);
