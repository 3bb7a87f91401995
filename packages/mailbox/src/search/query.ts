import { MailError, type Flag, type MailboxId, type MessageId, type ModSeq, type ThreadId } from '@stopgap/core';
import type { TextField } from './index-messages.ts';

/** What is looked for. `until` and `before` are never included; an empty `all` is everything, an empty `any` nothing. */
export type SearchQuery =
  | { readonly kind: 'all' | 'any'; readonly of: readonly SearchQuery[] }
  | { readonly kind: 'not'; readonly of: SearchQuery }
  /** A part of the text, see `textMatch`; '' is in all of it. `text`: subject, addresses, names of attachments and body. */
  | { readonly kind: 'text'; readonly field: TextField; readonly value: string }
  /** A header field that holds this, in any case; '' asks only whether it is there. Opens messages for all but the usual ones. */
  | { readonly kind: 'header'; readonly name: string; readonly value: string }
  | { readonly kind: 'flag'; readonly flag: Flag }
  | { readonly kind: 'received' | 'sent'; readonly fromMs?: number; readonly untilMs?: number }
  | { readonly kind: 'size'; readonly fromBytes?: number; readonly untilBytes?: number }
  /** First and last, both included. */
  | { readonly kind: 'uid'; readonly ranges: readonly (readonly [number, number])[] }
  | { readonly kind: 'id'; readonly of: readonly MessageId[] }
  | { readonly kind: 'mailbox'; readonly of: readonly MailboxId[] }
  | { readonly kind: 'thread'; readonly of: readonly ThreadId[] }
  | { readonly kind: 'changed'; readonly since: ModSeq }
  /** An attachment that is not only shown inside the text. */
  | { readonly kind: 'attachment' };

const DEEPEST = 30;
const MOST_CONDITIONS = 500;
/** Of one text. */
const TEXT_CHARACTERS = 1000;

/** @throws MailError `query-too-large` */
export function checkQuery(query: SearchQuery): void {
  let conditions = 0;
  const check = (one: SearchQuery, depth: number): void => {
    conditions += 1;
    if (depth > DEEPEST || conditions > MOST_CONDITIONS || textLength(one) > TEXT_CHARACTERS) {
      throw new MailError('permanent', 'The search asks for too much.', { code: 'query-too-large', reply: 'the search asks for too much' });
    }
    if (one.kind === 'not') check(one.of, depth + 1);
    else if (one.kind === 'all' || one.kind === 'any') for (const part of one.of) check(part, depth + 1);
  };
  check(query, 0);
}

/** The conditions that all must hold. */
export function conjuncts(query: SearchQuery): readonly SearchQuery[] {
  return query.kind === 'all' ? query.of.flatMap(conjuncts) : [query];
}

function textLength(query: SearchQuery): number {
  return query.kind === 'text' || query.kind === 'header' ? query.value.length : 0;
}
