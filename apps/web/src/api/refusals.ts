import { MethodFailure } from './failures.ts';

/** What the relay means by it is that it never takes it so; anything else may be better later. */
export function isRefusal(error: unknown): error is MethodFailure {
  return error instanceof MethodFailure && REFUSALS.has(error.type);
}
const REFUSALS: ReadonlySet<string> = new Set([
  'invalidProperties',
  'invalidEmail',
  'invalidArguments',
  'blobNotFound',
  'tooLarge',
  'noRecipients',
  'invalidRecipients',
  'tooManyRecipients',
  'forbiddenFrom',
  'forbiddenMailFrom',
]);
