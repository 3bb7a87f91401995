/*
 * Lists of messages or of conversations (RFC 8621 3, 4.4.3), by windows, and what belongs to one conversation.
 */
import { MethodFailure } from './failures.ts';
import type { Jmap } from './jmap.ts';
import { NEWEST_FIRST } from './mail.ts';
import { call, MEMBER_PROPERTIES, SUMMARY_PROPERTIES, type Filter, type Member, type Message, type Summary } from './methods.ts';

/** Lines of a list that are asked for at once. */
export const PAGE = 50;
/** Of one conversation, the newest; of those that have more, nobody reads the others in one go. */
const MOST_OF_THREAD = 500;
/** Messages that are asked for at once. */
const MOST_AT_ONCE = 500;

/** A line of a list: a message, and those that it stands for. */
export interface Line extends Summary {
  /** The same for as long as it is the same line, even when a new message stands for it. */
  readonly key: string;
  /** All of its conversation, wherever they are, oldest first; itself alone where messages are listed. */
  readonly conversation: readonly Member[];
}

/** It is a conversation by itself, and nothing more is to be asked about that. */
export function isAlone({ conversation }: Pick<Line, 'conversation'>): boolean {
  return conversation.length === 1;
}

export interface Page {
  readonly total: number;
  readonly messages: readonly Line[];
}

export interface ListQuery {
  readonly filter: Filter;
  /** One line for all messages of a conversation that are found. */
  readonly isCollapsed: boolean;
}

/** One window of a list, newest first. */
export async function listPage(jmap: Jmap, { filter, isCollapsed }: ListQuery, number: number, signal?: AbortSignal): Promise<Page> {
  const { accountId } = jmap;
  const window = { position: number * PAGE, limit: PAGE, calculateTotal: true, collapseThreads: isCollapsed };
  const calls = [
    call('Email/query', { accountId, filter, sort: NEWEST_FIRST, ...window }),
    call('Email/get', { accountId, '#ids': { resultOf: 'c0', name: 'Email/query', path: '/ids' }, properties: SUMMARY_PROPERTIES }),
  ] as const;
  if (!isCollapsed) {
    const [found, got] = await jmap.batch(calls, signal);
    return { total: found.total ?? 0, messages: inOrder(found.ids, got.list).map((one) => ({ ...one, key: one.id, conversation: [one] })) };
  }
  const threads = call('Thread/get', { accountId, '#ids': { resultOf: 'c1', name: 'Email/get', path: '/list/*/threadId' } });
  const { found, got, threadsGot, members } = await withMembers(
    async () => {
      const [found, got, threadsGot, { list }] = await jmap.batch([...calls, threads, membersOf(accountId)], signal);
      return { found, got, threadsGot, members: list };
    },
    async () => {
      const [found, got, threadsGot] = await jmap.batch([...calls, threads], signal);
      const ids = threadsGot.list.flatMap(({ emailIds }) => emailIds.slice(-MOST_OF_THREAD));
      return { found, got, threadsGot, members: await getInParts(jmap, ids, MEMBER_PROPERTIES, signal) };
    },
  );
  const byId = new Map<string, Member>(members.map((one) => [one.id, one]));
  const ofThread = new Map(threadsGot.list.map(({ id, emailIds }) => [id, inOrderOf(emailIds, byId)]));
  return {
    total: found.total ?? 0,
    messages: inOrder(found.ids, got.list).map((one) => ({ ...one, key: one.threadId, conversation: ofThread.get(one.threadId) ?? [one] })),
  };
}

/** What belongs to one conversation, oldest first. */
export async function listThread(jmap: Jmap, threadId: string, signal?: AbortSignal): Promise<readonly Summary[]> {
  const { accountId } = jmap;
  const threads = call('Thread/get', { accountId, ids: [threadId] });
  const ids = { resultOf: 'c0', name: 'Thread/get', path: '/list/*/emailIds' };
  const list = await withMembers<readonly Summary[]>(
    async () => {
      const [, got] = await jmap.batch([threads, call('Email/get', { accountId, '#ids': ids, properties: SUMMARY_PROPERTIES })], signal);
      return got.list;
    },
    async () => {
      const [found] = await jmap.batch([threads], signal);
      return getInParts(jmap, found.list[0]?.emailIds.slice(-MOST_OF_THREAD) ?? [], SUMMARY_PROPERTIES, signal);
    },
  );
  return list.toSorted((one, other) => one.receivedAt.localeCompare(other.receivedAt));
}

function membersOf(accountId: string) {
  return call('Email/get', {
    accountId,
    '#ids': { resultOf: 'c2', name: 'Thread/get', path: '/list/*/emailIds' },
    properties: MEMBER_PROPERTIES,
  });
}

/** Nearly always all messages of all conversations come with one request; else, what is too much for it comes in parts. */
async function withMembers<Answer>(atOnce: () => Promise<Answer>, inParts: () => Promise<Answer>): Promise<Answer> {
  try {
    return await atOnce();
  } catch (error) {
    if (error instanceof MethodFailure && error.type === 'requestTooLarge') return inParts();
    throw error;
  }
}

async function getInParts(
  jmap: Jmap,
  ids: readonly string[],
  properties: readonly string[],
  signal: AbortSignal | undefined,
): Promise<readonly Message[]> {
  const list: Message[] = [];
  for (let from = 0; from < ids.length; from += MOST_AT_ONCE) {
    const part = ids.slice(from, from + MOST_AT_ONCE);
    list.push(...(await jmap.call('Email/get', { accountId: jmap.accountId, ids: part, properties }, signal)).list);
  }
  return list;
}

function inOrder(ids: readonly string[], list: readonly Summary[]): readonly Summary[] {
  return inOrderOf(ids, new Map(list.map((one) => [one.id, one])));
}

/** What is gone since it was listed is left out. */
function inOrderOf<T>(ids: readonly string[], byId: ReadonlyMap<string, T>): readonly T[] {
  return ids.flatMap((id) => byId.get(id) ?? []);
}
