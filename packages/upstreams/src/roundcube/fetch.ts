/*
 * Whole messages. Where the plugin zipdownload is there, many in one download and the next download under way meanwhile; what can not be had so, and
 * everything where it is not, by the raw source, some side by side. Order is kept. Nothing is ever given that is not known to be whole.
 */
import type { FetchedMessage, Flag, RemoteMessageId } from '@stopgap/core';
import { hasCode } from './errors.ts';
import { downloadZip, LARGEST_ZIP } from './folder-zip.ts';
import { estimateReceivedAt } from './received-at.ts';
import { openSource, type Source } from './raw-source.ts';
import { searchMailbox } from './search.ts';
import type { RoundcubeSession } from './session.ts';

/** Raw sources asked for at a time; each keeps a process of the webmail busy. */
export const SOURCES_AT_ONCE = 4;
const FIRST_ZIP = 25;
const MOST_IN_ZIP = 200;
/** Fewer are not worth an archive. */
const LEAST_IN_ZIP = 3;
/** Where so little came of an archive, the next one may hold more messages. */
const SMALL_CONTENT = LARGEST_ZIP / 4;

/** What is known about a session's way to whole messages. */
export interface FetchMemory {
  hasZip: boolean;
  zipSize: number;
}

export interface Fetch {
  readonly session: RoundcubeSession;
  readonly mbox: string;
  readonly ids: readonly { readonly id: RemoteMessageId; readonly uid: number; readonly flags: readonly Flag[] | undefined }[];
  readonly memory: FetchMemory;
  readonly signal: AbortSignal;
}

export function freshMemory(): FetchMemory {
  return { hasZip: true, zipSize: FIRST_ZIP };
}

type Wanted = Fetch['ids'][number];
/** A batch as it came: by archive, or each to be opened. */
interface Batch {
  readonly wanted: readonly Wanted[];
  readonly contents: ReadonlyMap<number, Buffer>;
}

export async function* fetchMessages(fetch: Fetch): AsyncGenerator<FetchedMessage> {
  const leaving = new AbortController();
  const signal = AbortSignal.any([fetch.signal, leaving.signal]);
  const inner = { ...fetch, signal };
  const rest = [...fetch.ids];
  let coming: Promise<Batch> | undefined;
  try {
    coming = rest.length === 0 ? undefined : nextBatch(inner, rest);
    while (coming !== undefined) {
      const batch: Batch = await coming;
      coming = rest.length === 0 ? undefined : nextBatch(inner, rest);
      coming?.catch(ignore);
      yield* oneByOne(inner, batch);
    }
  } finally {
    leaving.abort();
    await coming?.catch(ignore);
  }
}

/** Takes what it gets from the front of `rest`. */
async function nextBatch(fetch: Fetch, rest: Wanted[]): Promise<Batch> {
  const { memory } = fetch;
  const wanted = rest.splice(0, memory.zipSize);
  if (!memory.hasZip || wanted.length < LEAST_IN_ZIP) return { wanted, contents: new Map() };
  const answer = await downloadZip(fetch.session, { mbox: fetch.mbox, uids: wanted.map(({ uid }) => uid) }, fetch.signal).catch(unlessVoid);
  if (answer === undefined) return { wanted, contents: new Map() };
  switch (answer.kind) {
    case 'unavailable':
      memory.hasZip = false;
      return { wanted, contents: new Map() };
    case 'too-big':
      memory.zipSize = Math.max(1, Math.floor(wanted.length / 4));
      if (wanted.length <= LEAST_IN_ZIP) return { wanted, contents: new Map() };
      rest.unshift(...wanted);
      return nextBatch(fetch, rest);
    case 'messages': {
      let bytes = 0;
      for (const content of answer.contents.values()) bytes += content.length;
      if (bytes < SMALL_CONTENT) memory.zipSize = Math.min(MOST_IN_ZIP, Math.max(LEAST_IN_ZIP, memory.zipSize * 2));
      return { wanted, contents: answer.contents };
    }
  }
}

/** An archive that is not one: its messages are read one by one, where each failure is told from the others. */
function unlessVoid(error: unknown): undefined {
  if (hasCode(error, 'void', 'lost')) return undefined;
  throw error;
}

async function* oneByOne(fetch: Fetch, batch: Batch): AsyncGenerator<FetchedMessage> {
  const single = batch.wanted.filter(({ uid }) => !batch.contents.has(uid));
  const opening = new Map<number, Promise<Source | undefined>>();
  let ahead = 0;
  const openAhead = (): void => {
    for (; ahead < single.length && opening.size < SOURCES_AT_ONCE; ahead++) {
      const uid = single[ahead]?.uid ?? 0;
      const source = openSource(fetch.session, { mbox: fetch.mbox, uid }, fetch.signal);
      source.catch(ignore);
      opening.set(uid, source);
    }
  };
  try {
    for (const wanted of batch.wanted) {
      fetch.signal.throwIfAborted();
      const content = batch.contents.get(wanted.uid);
      if (content !== undefined) {
        yield fetched(wanted, content, slices(content), content.length);
        continue;
      }
      openAhead();
      const first = await opening.get(wanted.uid);
      const source = first ?? (await sourceAgain(fetch, wanted.uid));
      if (source !== undefined) yield fetched(wanted, source.begin, source.bytes(), source.sizeBytes);
      await source?.close();
      opening.delete(wanted.uid);
    }
  } finally {
    for (const source of opening.values()) await source.then((one) => one?.close()).catch(ignore);
  }
}

/** An empty source is a message that is gone, or a storage that is down: only a sound search tells which. */
async function sourceAgain(fetch: Fetch, uid: number): Promise<Source | undefined> {
  if ((await searchMailbox(fetch.session, fetch.mbox, `UID ${uid}`, fetch.signal)).length === 0) return undefined;
  return openSource(fetch.session, { mbox: fetch.mbox, uid }, fetch.signal, { mustBeThere: true });
}

function fetched(wanted: Wanted, begin: Buffer, bytes: AsyncIterable<Buffer>, sizeBytes: number | undefined): FetchedMessage {
  const receivedAtMs = estimateReceivedAt(begin);
  return {
    id: wanted.id,
    ...(wanted.flags === undefined ? {} : { flags: wanted.flags }),
    ...(sizeBytes === undefined ? {} : { sizeBytes }),
    ...(receivedAtMs === undefined ? {} : { receivedAtMs }),
    completeness: 'raw',
    bytes,
  };
}

const SLICE_BYTES = 256 * 1024;

async function* slices(content: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < content.length; at += SLICE_BYTES) yield content.subarray(at, at + SLICE_BYTES);
}

function ignore(): void {}
