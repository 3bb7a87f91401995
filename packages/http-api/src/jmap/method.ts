import type { AccountId, MailboxId, MessageId, SubmissionId } from '@stopgap/core';
import type { z } from 'zod';
import type { HttpApiDeps } from '../deps.ts';
import type { Person } from '../sessions/authenticate.ts';
import type { BaseLists } from './email/base-lists.ts';
import type { QueryLists } from './query-lists.ts';
import type { SubmissionStates } from './submission/submission-states.ts';
import { MethodError } from './method-error.ts';

export type Json = Readonly<Record<string, unknown>>;

/** So that what changed since an older result can be told. */
export interface RememberedQueries {
  readonly emails: QueryLists<MessageId>;
  readonly mailboxes: QueryLists<MailboxId>;
  readonly submissions: QueryLists<SubmissionId>;
}

/** Who calls, and what the calls of one request share. */
export interface CallContext {
  readonly deps: HttpApiDeps;
  readonly person: Person;
  readonly account: AccountId;
  /** As it stands in arguments. */
  readonly accountId: string;
  readonly remoteAddress: string;
  readonly using: ReadonlySet<string>;
  /** RFC 8620 5.3: creation ids of this request, and what was made. */
  readonly createdIds: Map<string, string>;
  readonly bases: BaseLists;
  readonly queries: RememberedQueries;
  readonly submissions: SubmissionStates;
  readonly signal: AbortSignal;
}

/** `further`: responses beside the method's own (RFC 8621 7.5). */
export interface MethodAnswer {
  readonly value: Json;
  readonly further?: readonly (readonly [string, Json])[];
}

export interface Method {
  /** Without it in `using` the method is not known. */
  readonly capability: string;
  run(args: Json, context: CallContext): Promise<MethodAnswer> | MethodAnswer;
}

/** A method whose arguments have a schema and an account. */
export function method<Args extends { readonly accountId: string }>(
  capability: string,
  schema: z.ZodType<Args>,
  run: (args: Args, context: CallContext) => Promise<Json | MethodAnswer> | Json | MethodAnswer,
): Method {
  return {
    capability,
    async run(args, context) {
      const parsed = argumentsOf(schema, args);
      if (parsed.accountId !== context.accountId) throw new MethodError('accountNotFound');
      const answer = await run(parsed, context);
      const { value, further } = isAnswer(answer) ? answer : { value: answer };
      return { value: { accountId: parsed.accountId, ...value }, ...(further === undefined ? {} : { further }) };
    },
  };
}

/** @throws MethodError invalidArguments, with the first argument that is wrong */
export function argumentsOf<T>(schema: z.ZodType<T>, args: unknown): T {
  const result = schema.safeParse(args);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? '' : `${issue.path.join('/')}: `;
  throw new MethodError('invalidArguments', `${where}${issue?.message ?? 'not understood'}`.slice(0, 300));
}

/** The answer of a set that says more than its own. */
class AnswerWithMore implements MethodAnswer {
  readonly value: Json;
  readonly further: readonly (readonly [string, Json])[];

  constructor(value: Json, further: readonly (readonly [string, Json])[]) {
    this.value = value;
    this.further = further;
  }
}

export function answerWith(value: Json, further: readonly (readonly [string, Json])[]): MethodAnswer {
  return new AnswerWithMore(value, further);
}

function isAnswer(answer: Json | MethodAnswer): answer is AnswerWithMore {
  return answer instanceof AnswerWithMore;
}
