import type { MessageId } from '@stopgap/core';
import { MailError } from '@stopgap/core';
import type { Comparator } from '@stopgap/jmap';
import { tableBounds, type SearchQuery } from '@stopgap/mailbox';
import { findMailbox, threadsOfMessages, type MessageBounds } from '@stopgap/store';
import { MethodError } from '../method-error.ts';
import type { CallContext } from '../method.ts';
import { mailState } from '../states.ts';
import { searchOf } from './filter.ts';
import { listOf, type QueryList } from '../query-lists.ts';
import { checkSort, isNewestFirst, sorted } from './sort.ts';

/** Of one that looks into texts. */
const MOST_SEARCHED = 100_000;
const PAGE = 10_000;

export interface EmailQuery {
  readonly filter?: Readonly<Record<string, unknown>> | null | undefined;
  readonly sort?: readonly Comparator[] | null | undefined;
  readonly collapseThreads: boolean;
}

/** The whole result, from the lists that are kept or made now. @throws MethodError unsupportedFilter, unsupportedSort, invalidArguments */
export async function runQuery(query: EmailQuery, context: CallContext): Promise<QueryList<MessageId>> {
  const queries = context.queries.emails;
  const key = keyOf(query);
  checkSort(query.sort);
  const search = searchOf(query.filter, context);
  const state = stateOf(search, query, context);
  const known = queries.get(context.account, key, state);
  if (known !== undefined) return known;
  const { ids, sawAll } = await resultOf(search, query, context);
  // By the name of this state a part, or what came meanwhile, would be all there is: for the next who asks, and for whoever follows another result of it.
  const list = sawAll && stateOf(search, query, context) === state ? { state, ids } : listOf(ids);
  queries.put(context.account, key, list);
  return list;
}

/** The same for the same query, whatever the order of its arguments. */
export function keyOf({ filter, sort, collapseThreads }: EmailQuery): string {
  return JSON.stringify([filter ?? null, sort ?? [], collapseThreads]);
}

/** Of one mailbox alone its own last change is enough, so that what happens elsewhere makes nothing anew. */
function stateOf(search: SearchQuery, { sort }: EmailQuery, context: CallContext): string {
  const hangsOnThreads = sort?.some(({ property }) => property.includes('InThread')) === true;
  const mailbox = hangsOnThreads ? undefined : wholeBounds(search)?.mailbox;
  const row = mailbox === undefined ? undefined : context.deps.store.read((reader) => findMailbox(reader, mailbox));
  return row === undefined || row.account !== context.account ? mailState(context) : String(row.highestModSeq);
}

interface Result {
  readonly ids: readonly MessageId[];
  readonly sawAll: boolean;
}

async function resultOf(search: SearchQuery, query: EmailQuery, context: CallContext): Promise<Result> {
  const { deps, account } = context;
  const bounds = wholeBounds(search);
  const base = bounds && context.bases.get(deps, account, bounds);
  if (base !== undefined && isNewestFirst(query.sort)) {
    return { ids: query.collapseThreads ? firstOfThreads(base.ids, base.threads) : base.ids, sawAll: true };
  }
  const { ids: found, sawAll } = base === undefined ? await searched(search, context) : { ids: base.ids, sawAll: true };
  const ids = await sorted(found, query.sort, context);
  if (!query.collapseThreads) return { ids, sawAll };
  const threads = deps.store.read((reader) => threadsOfMessages(reader, ids));
  return { ids: firstOfThreads(ids, threads), sawAll };
}

/** Undefined: the table can not answer it by itself. */
function wholeBounds(search: SearchQuery): MessageBounds | undefined {
  const { bounds, isWhole } = tableBounds(search);
  return isWhole ? bounds : undefined;
}

/** Newest first. */
async function searched(search: SearchQuery, { deps, account, signal }: CallContext): Promise<Result> {
  const ids: MessageId[] = [];
  let isBehind = false;
  let cursor: string | undefined;
  try {
    do {
      const page = await deps.mailboxes.search(account, search, { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
      ids.push(...page.ids);
      isBehind ||= page.isBehind === true;
      ({ cursor } = page);
    } while (cursor !== undefined && ids.length < MOST_SEARCHED && !signal.aborted);
  } catch (error) {
    if (error instanceof MailError && error.code === 'query-too-large') throw new MethodError('unsupportedFilter', error.reply);
    throw error;
  }
  return { ids, sawAll: !isBehind && !signal.aborted };
}

function firstOfThreads(ids: readonly MessageId[], threads: readonly number[]): readonly MessageId[] {
  let greatest = 0;
  for (const thread of threads) if (thread > greatest) greatest = thread;
  // Threads of an account are numbered from 1, so there are no more than it ever had messages: marks by number cost a fraction of a set of 30,000.
  const seen = new Uint8Array(greatest + 1);
  const first: MessageId[] = [];
  for (const [index, thread] of threads.entries()) {
    const id = ids[index];
    if (id === undefined || seen[thread] === 1) continue;
    seen[thread] = 1;
    first.push(id);
  }
  return first;
}
