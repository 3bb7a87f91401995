import type { SetError } from '@stopgap/jmap';
import { MethodFailure } from './failures.ts';
import type { Jmap } from './jmap.ts';
import { MEMBER_PROPERTIES, MESSAGE_PROPERTIES, type Filter, type Message } from './methods.ts';

/** Of one part of a message; the rest is to be had as a file. */
const LONGEST_BODY = 1024 * 1024;
/** Messages changed by one request. */
const MOST_AT_ONCE = 500;
export const NEWEST_FIRST = [{ property: 'receivedAt', isAscending: false }];

/** The ids of all of a list, newest first, up to `most`. */
export async function listIds(jmap: Jmap, filter: Filter, most: number): Promise<readonly string[]> {
  const ids: string[] = [];
  while (ids.length < most) {
    const page = { sort: NEWEST_FIRST, position: ids.length, limit: Math.min(MOST_AT_ONCE, most - ids.length), calculateTotal: false };
    const found = await jmap.call('Email/query', { accountId: jmap.accountId, filter, ...page });
    if (found.ids.length === 0) break;
    ids.push(...found.ids);
  }
  return ids;
}

interface FindOptions {
  /** As it was. What it says never changes (RFC 8621 4.1), so only what does is asked for; unless its text had not come here yet. */
  readonly held?: Message | null | undefined;
  readonly signal?: AbortSignal;
}

/** Undefined: it is not there any more. */
export async function findMessage(jmap: Jmap, id: string, { held, signal }: FindOptions = {}): Promise<Message | undefined> {
  if (held !== undefined && held !== null) {
    const properties = [...MEMBER_PROPERTIES, 'blobId'];
    const [now] = (await jmap.call('Email/get', { accountId: jmap.accountId, ids: [id], properties }, signal)).list;
    if (now === undefined || now.blobId === held.blobId) return now && { ...held, ...now };
  }
  return (await findMessages(jmap, [id], signal === undefined ? {} : { signal }))[0];
}

/**
 * Those of them that are there, to be read.
 * @param longest bytes of one of its texts, as UTF-8
 */
export async function findMessages(
  jmap: Jmap,
  ids: readonly string[],
  { signal, longest = LONGEST_BODY }: { readonly signal?: AbortSignal; readonly longest?: number } = {},
): Promise<readonly Message[]> {
  const answer = await jmap.call(
    'Email/get',
    {
      accountId: jmap.accountId,
      ids,
      properties: MESSAGE_PROPERTIES,
      fetchTextBodyValues: true,
      fetchHTMLBodyValues: true,
      maxBodyValueBytes: longest,
    },
    signal,
  );
  return answer.list;
}

export type Patch = Readonly<Record<string, unknown>>;

/** Gives why some were refused, by their ids. */
export async function patchMessages(
  jmap: Jmap,
  patches: ReadonlyMap<string, Patch>,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, SetError>> {
  const entries = [...patches];
  const refused = new Map<string, SetError>();
  for (let from = 0; from < entries.length; from += MOST_AT_ONCE) {
    const update = Object.fromEntries(entries.slice(from, from + MOST_AT_ONCE));
    const { notUpdated } = await jmap.call('Email/set', { accountId: jmap.accountId, update }, signal);
    for (const [id, error] of Object.entries(notUpdated ?? {})) refused.set(id, error);
  }
  return refused;
}

export async function destroyMessages(jmap: Jmap, ids: readonly string[]): Promise<void> {
  for (let from = 0; from < ids.length; from += MOST_AT_ONCE) {
    const { notDestroyed } = await jmap.call('Email/set', { accountId: jmap.accountId, destroy: ids.slice(from, from + MOST_AT_ONCE) });
    const [error] = Object.values(notDestroyed ?? {}).filter(({ type }) => type !== 'notFound');
    if (error !== undefined) throw new MethodFailure(error.type, error.description ?? '');
  }
}
