/*
 * The mail that was seen last, for when there is no connection: every answer that a window gets is kept, and a window that has none yet begins with what
 * was kept. What the relay says afterwards takes its place.
 */
import type { Query, QueryClient, QueryKey } from '@tanstack/react-query';
import { isKeptFor, type Database, type KeptAnswer, type Keeping } from './database.ts';

/** How many of each kind, the newest; what is not named is not kept. Searches count as lists. */
const MOST: Readonly<Record<string, number>> = { mailboxes: 1, identities: 1, outbox: 1, list: 40, message: 200, thread: 200 };
/** Of one answer, as text. A letter that is longer has to be asked for again. */
const LONGEST = 600_000;

/** @param first what it asks about before anything else; resolves when what is kept of that is there */
export async function keepAnswers(client: QueryClient, first: readonly QueryKey[], { database, mayKeep, address }: Keeping): Promise<void> {
  // What is known to be kept as it is: most answers are the same again.
  const same = new Map<string, unknown>();

  const restore = async ({ queryHash, queryKey }: Query): Promise<void> => {
    const kept = await keptFor(database, { address, key: queryHash });
    if (kept === undefined || client.getQueryData(queryKey) !== undefined) return;
    same.set(queryHash, client.setQueryData(queryKey, kept.data, { updatedAt: kept.atMs }));
  };
  const keep = async ({ queryHash, queryKey, state: { data, dataUpdatedAt } }: Query): Promise<void> => {
    if (same.get(queryHash) === data || !mayKeep()) return;
    same.set(queryHash, data);
    const kind = String(queryKey[0]);
    // Null: it is not there any more.
    if (data === null || data === undefined) await database.delete('answers', queryHash);
    else if (JSON.stringify(data).length <= LONGEST)
      await putBounded(database, address, { key: queryHash, kind, atMs: dataUpdatedAt, data });
  };

  await Promise.all(first.map((queryKey) => restore(client.getQueryCache().build(client, { queryKey })))).catch(() => undefined);
  client.getQueryCache().subscribe((event) => {
    if (MOST[String(event.query.queryKey[0])] === undefined) return;
    // Without it everything works but for the next time without a connection.
    if (event.type === 'added') restore(event.query).catch(() => undefined);
    if (event.type === 'updated' && event.action.type === 'success') keep(event.query).catch(() => undefined);
  });
}

async function keptFor(
  database: Database,
  { address, key }: { readonly address: string; readonly key: string },
): Promise<KeptAnswer | undefined> {
  const transaction = database.transaction(['owner', 'answers']);
  return (await isKeptFor(address, transaction)) ? transaction.objectStore('answers').get(key) : undefined;
}

async function putBounded(database: Database, address: string, answer: KeptAnswer): Promise<void> {
  const transaction = database.transaction(['owner', 'answers'], 'readwrite');
  const { done } = transaction;
  const store = transaction.objectStore('answers');
  if (!(await isKeptFor(address, transaction))) return done;
  await store.put(answer);
  const ofKind = IDBKeyRange.bound([answer.kind], [answer.kind, []]);
  const surplus = (await store.index('age').count(ofKind)) - (MOST[answer.kind] ?? 0);
  if (surplus > 0) for (const key of await store.index('age').getAllKeys(ofKind, surplus)) await store.delete(key);
  await done;
}
