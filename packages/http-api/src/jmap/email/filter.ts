/* RFC 8621 4.4.1 as a search of package mailbox. */
import type { MailboxId } from '@stopgap/core';
import { z } from 'zod';
import type { SearchQuery, TextField } from '@stopgap/mailbox';
import { countFlagInThreads, type ThreadFlagCount } from '@stopgap/store';
import { readFilter, type Filter, type FilterForm } from '../filters.ts';
import { unwire } from '../ids.ts';
import { MethodError, SetProblem } from '../method-error.ts';
import type { CallContext } from '../method.ts';
import { flagOf } from './keywords.ts';

/** Threads that a condition on threads may name: it is looked up for each message. */
const MOST_THREADS = 5000;

const date = z.iso.datetime({ offset: true });
const size = z.number().int().nonnegative();
const text = z.string().max(1000);
const conditionSchema = z.strictObject({
  inMailbox: z.string().nullish(),
  inMailboxOtherThan: z.array(z.string()).nullish(),
  before: date.nullish(),
  after: date.nullish(),
  minSize: size.nullish(),
  maxSize: size.nullish(),
  allInThreadHaveKeyword: z.string().nullish(),
  someInThreadHaveKeyword: z.string().nullish(),
  noneInThreadHaveKeyword: z.string().nullish(),
  hasKeyword: z.string().nullish(),
  notKeyword: z.string().nullish(),
  hasAttachment: z.boolean().nullish(),
  text: text.nullish(),
  from: text.nullish(),
  to: text.nullish(),
  cc: text.nullish(),
  bcc: text.nullish(),
  subject: text.nullish(),
  body: text.nullish(),
  header: z.array(text).min(1).max(2).nullish(),
});
type Condition = z.infer<typeof conditionSchema>;

/** @throws MethodError unsupportedFilter, invalidArguments */
export function searchOf(filter: Filter | null | undefined, context: CallContext): SearchQuery {
  // What a mail program marked as deleted is gone for JMAP (RFC 8621 4.1.1).
  const isThere: SearchQuery = { kind: 'not', of: { kind: 'flag', flag: '$deleted' } };
  return { kind: 'all', of: [isThere, ...(filter === null || filter === undefined ? [] : [readFilter(filter, formOf(context))])] };
}

function formOf(context: CallContext): FilterForm<Condition, SearchQuery> {
  return {
    schema: conditionSchema,
    one: (condition) => ({
      kind: 'all',
      of: [...placeOf(condition), ...rangesOf(condition), ...keywordsOf(condition, context), ...textsOf(condition)],
    }),
    all: (of) => ({ kind: 'all', of }),
    any: (of) => ({ kind: 'any', of }),
    not: (of) => ({ kind: 'not', of }),
  };
}

function placeOf({ inMailbox, inMailboxOtherThan }: Condition): SearchQuery[] {
  const of = (ids: readonly string[]): MailboxId[] => ids.flatMap((id) => unwire.mailbox(id) ?? []);
  return [
    ...(isGiven(inMailbox) ? [{ kind: 'mailbox', of: of([inMailbox]) } as const] : []),
    ...(isGiven(inMailboxOtherThan) ? [{ kind: 'not', of: { kind: 'mailbox', of: of(inMailboxOtherThan) } } as const] : []),
  ];
}

function rangesOf({ before, after, minSize, maxSize, hasAttachment }: Condition): SearchQuery[] {
  const received = {
    ...(isGiven(after) ? { fromMs: Date.parse(after) } : {}),
    ...(isGiven(before) ? { untilMs: Date.parse(before) } : {}),
  };
  const sizes = { ...(isGiven(minSize) ? { fromBytes: minSize } : {}), ...(isGiven(maxSize) ? { untilBytes: maxSize } : {}) };
  return [
    ...(isGiven(before) || isGiven(after) ? [{ kind: 'received', ...received } as const] : []),
    ...(isGiven(minSize) || isGiven(maxSize) ? [{ kind: 'size', ...sizes } as const] : []),
    ...(isGiven(hasAttachment)
      ? [hasAttachment ? ({ kind: 'attachment' } as const) : ({ kind: 'not', of: { kind: 'attachment' } } as const)]
      : []),
  ];
}

function keywordsOf(condition: Condition, context: CallContext): SearchQuery[] {
  const { hasKeyword, notKeyword } = condition;
  const inThread = (keyword: string | null | undefined, holds: (count: ThreadFlagCount) => boolean): SearchQuery[] =>
    isGiven(keyword) ? [threadsWith(keyword, context, holds)] : [];
  return [
    ...(isGiven(hasKeyword) ? [{ kind: 'flag', flag: keyword(hasKeyword) } as const] : []),
    ...(isGiven(notKeyword) ? [{ kind: 'not', of: { kind: 'flag', flag: keyword(notKeyword) } } as const] : []),
    ...inThread(condition.allInThreadHaveKeyword, ({ messages, flagged }) => flagged === messages),
    ...inThread(condition.someInThreadHaveKeyword, ({ flagged }) => flagged > 0),
    ...inThread(condition.noneInThreadHaveKeyword, ({ flagged }) => flagged === 0),
  ];
}

/** The few threads for which it holds, or all but the few for which it does not. */
function threadsWith(text: string, { deps, account }: CallContext, holds: (count: ThreadFlagCount) => boolean): SearchQuery {
  const counts = deps.store.read((reader) => countFlagInThreads(reader, account, keyword(text)));
  const some = counts.filter(holds);
  const isFew = some.length * 2 <= counts.length;
  const of = (isFew ? some : counts.filter((count) => !holds(count))).map(({ thread }) => thread);
  if (of.length > MOST_THREADS) throw new MethodError('unsupportedFilter', 'That is true of too many threads, and false of too many.');
  return isFew ? { kind: 'thread', of } : { kind: 'not', of: { kind: 'thread', of } };
}

function keyword(text: string) {
  try {
    return flagOf(text);
  } catch (error) {
    if (error instanceof SetProblem) throw new MethodError('invalidArguments', 'filter: that is no keyword.');
    throw error;
  }
}

const TEXT_FIELDS = ['text', 'from', 'to', 'cc', 'bcc', 'subject', 'body'] as const satisfies readonly TextField[];

function textsOf(condition: Condition): SearchQuery[] {
  const { header } = condition;
  const [name = '', value = ''] = header ?? [];
  return [
    ...TEXT_FIELDS.flatMap((field) => phrasesOf(condition[field] ?? '').map((phrase) => ({ kind: 'text', field, value: phrase }) as const)),
    ...(isGiven(header) ? [{ kind: 'header', name, value } as const] : []),
  ];
}

/** RFC 8621 4.4.1: what stands in quotes is looked for as it is, else each word by itself. */
export function phrasesOf(text: string): readonly string[] {
  const found = text.matchAll(/"((?:[^"\\]|\\.)*)"?|'((?:[^'\\]|\\.)*)'(?=\s|$)|(\S+)/g);
  return [...found]
    .map(([, double, single, word]) => (double ?? single ?? word ?? '').replaceAll(/\\(["'\\])/g, '$1'))
    .filter((one) => one !== '');
}

function isGiven<T>(value: T | null | undefined): value is T {
  return value !== null && value !== undefined;
}
