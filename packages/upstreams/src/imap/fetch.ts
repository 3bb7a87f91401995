import type { FetchedMessage, RemoteMailboxId, RemoteMessageId } from '@stopgap/core';
import { atom, sequence, type Argument, type ImapConnection, type Selected } from './connection.ts';
import { voidAnswer } from './errors.ts';
import { HandOver } from './hand-over.ts';
import { largeMessage } from './large.ts';
import { bytesOf, fetchedPairs, isWholly, numberOf, textOf } from './response.ts';
import { fetchRows, messageOf, searchUids, type Row } from './rows.ts';
import { setsOf, uidsBelow } from './uid-set.ts';

/** One command; what is left of it must be read when a loop is left early. */
const MOST_MESSAGES_PER_BATCH = 250;
const MOST_BYTES_PER_BATCH = 4_000_000;
const MOST_UIDS_PER_LOOK = 500;
/** Up to here a message comes as one chunk, above as a stream of parts. */
const LARGEST_WHOLE_BYTES = 1_000_000;
/** Read ahead of who takes them. */
const AHEAD_BYTES = 500_000;
/** A server may be wrong about a size, within reason. */
export const LARGEST_LITERAL_BYTES = 8_000_000;

export interface FetchAsked {
  readonly mailbox: RemoteMailboxId;
  readonly ids: readonly RemoteMessageId[];
  readonly signal: AbortSignal;
}

/** Whole messages. Batches follow the order of `ids`; inside of one the server's own order holds, oldest first. */
export async function* fetchMessages(connection: ImapConnection, { mailbox, ids, signal }: FetchAsked): AsyncGenerator<FetchedMessage> {
  if (ids.length === 0) return;
  const box = await connection.select(mailbox, 'read', signal);
  for await (const rows of looks(connection, { box, uids: uidsBelow(box.uidNext, ids), signal })) {
    for (const batch of batchesOf(rows)) {
      const [first] = batch;
      if (first !== undefined && batch.length === 1 && isLarge(first)) yield await largeMessage(connection, first, signal);
      else yield* wholeMessages(connection, batch, signal);
    }
  }
}

interface Looked {
  readonly box: Selected;
  readonly uids: readonly number[];
  readonly signal: AbortSignal;
}

/** What the server says of the messages, in the order asked for. Those that are not told must be gone, or the answer is void. */
async function* looks(connection: ImapConnection, { box, uids, signal }: Looked): AsyncGenerator<readonly Row[]> {
  for (let start = 0; start < uids.length; start += MOST_UIDS_PER_LOOK) {
    const wanted = uids.slice(start, start + MOST_UIDS_PER_LOOK);
    const found = new Map<number, Row>();
    for (const set of setsOf(wanted))
      for (const [uid, row] of (await fetchRows(connection, { set, messages: box.messages, signal })).rows) found.set(uid, row);
    await checkGone(
      connection,
      wanted.filter((uid) => !found.has(uid)),
      signal,
    );
    yield wanted.flatMap((uid) => found.get(uid) ?? []);
  }
}

async function checkGone(connection: ImapConnection, uids: readonly number[], signal: AbortSignal): Promise<void> {
  for (const set of setsOf(uids)) {
    const there = await searchUids(connection, { criteria: [atom('UID'), sequence(set)], signal });
    if (uids.some((uid) => there.has(uid))) throw voidAnswer(connection.host, 'a message that is there was not given');
  }
}

function isLarge(row: Row): boolean {
  return (row.sizeBytes ?? 0) > LARGEST_WHOLE_BYTES;
}

function batchesOf(rows: readonly Row[]): readonly (readonly Row[])[] {
  const batches: Row[][] = [];
  let batch: Row[] = [];
  let bytes = 0;
  for (const row of rows) {
    const size = row.sizeBytes ?? 0;
    if (batch.length > 0 && (isLarge(row) || batch.length >= MOST_MESSAGES_PER_BATCH || bytes + size > MOST_BYTES_PER_BATCH)) {
      batches.push(batch);
      batch = [];
      bytes = 0;
    }
    batch.push(row);
    bytes += size;
    if (!isLarge(row)) continue;
    batches.push(batch);
    batch = [];
    bytes = 0;
  }
  return batch.length === 0 ? batches : [...batches, batch];
}

/**
 * A size that is not the one the server told before is asked for once more: some servers (Exchange, those that store other line ends) are wrong about
 * sizes and right about messages. Two answers that do not agree with each other are void.
 */
async function* wholeMessages(connection: ImapConnection, batch: readonly Row[], signal: AbortSignal): AsyncGenerator<FetchedMessage> {
  const missing = new Map(batch.map((row) => [row.uid, row]));
  const doubtful: { readonly row: Row; readonly bytes: Buffer }[] = [];
  for await (const { uid, bytes } of bodies(connection, { uids: [...missing.keys()], signal })) {
    const row = missing.get(uid);
    if (row === undefined) continue;
    missing.delete(uid);
    if (row.sizeBytes === undefined || row.sizeBytes === bytes.length) yield inOneChunk(row, bytes);
    else doubtful.push({ row, bytes });
  }
  await checkGone(connection, [...missing.keys()], signal);
  for (const { row, bytes } of doubtful) {
    const again: Buffer[] = [];
    for await (const body of bodies(connection, { uids: [row.uid], signal })) if (body.uid === row.uid) again.push(body.bytes);
    if (again[0] === undefined) await checkGone(connection, [row.uid], signal);
    else if (again[0].equals(bytes)) yield inOneChunk(row, bytes);
    else throw voidAnswer(connection.host, 'a message has another size each time');
  }
}

const WHOLE: Argument = { type: 'ATOM', value: 'BODY.PEEK', section: [] };

function inOneChunk(row: Row, bytes: Buffer): FetchedMessage {
  return { ...messageOf(row), sizeBytes: bytes.length, completeness: 'raw', bytes: [bytes] };
}

interface Body {
  readonly uid: number;
  readonly bytes: Buffer;
}

interface BodiesAsked {
  readonly uids: readonly number[];
  readonly signal: AbortSignal;
}

/** Leaving the loop early reads and drops what is left of the command. */
async function* bodies(connection: ImapConnection, { uids, signal }: BodiesAsked): AsyncGenerator<Body> {
  for (const set of setsOf(uids)) {
    const handOver = new HandOver<Body>(AHEAD_BYTES);
    const command = connection.command('UID FETCH', [sequence(set), [atom('UID'), WHOLE]], {
      signal,
      untagged: {
        async FETCH(response) {
          const pairs = fetchedPairs(response);
          if (!isWholly(response)) throw voidAnswer(connection.host, 'there is something behind the octets of a message');
          const uid = numberOf(textOf(pairs.get('UID')));
          const bytes = bytesOf(pairs.get('BODY[]'));
          if (uid !== undefined && bytes !== undefined) await handOver.put({ uid, bytes }, bytes.length);
        },
      },
    });
    const ended = command.then(
      () => handOver.end(),
      (error: unknown) => handOver.end(error),
    );
    try {
      yield* handOver.taken();
    } finally {
      handOver.abandon();
      await ended;
    }
  }
}
