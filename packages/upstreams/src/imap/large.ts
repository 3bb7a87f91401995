import type { FetchedMessage } from '@stopgap/core';
import { atom, sequence, type Argument, type ImapConnection } from './connection.ts';
import { voidAnswer } from './errors.ts';
import { bytesOf, fetchedPairs, isWholly, numberOf, textOf } from './response.ts';
import { messageOf, type Row } from './rows.ts';

/** One command each; twice this is the most that is in memory. */
const PART_BYTES = 512_000;

/**
 * A message as a stream of parts (RFC 9051 6.4.5.1). Before the first one it is tried whether the size that the server told is the true one: its last
 * octet is there and none behind it. Then the stream has exactly that size or fails; else the end is where the server gives nothing, twice.
 */
export async function largeMessage(connection: ImapConnection, row: Row, signal: AbortSignal): Promise<FetchedMessage> {
  const told = row.sizeBytes ?? 0;
  const tail = await part(connection, { uid: row.uid, from: told - 1, length: 2, signal });
  const isExact = tail?.length === 1;
  const { sizeBytes, ...message } = messageOf(row);
  return {
    ...message,
    ...(isExact && sizeBytes !== undefined ? { sizeBytes } : {}),
    completeness: 'raw',
    bytes: isExact ? exactly(connection, { row, told, signal }) : toTheEnd(connection, { row, told, signal }),
  };
}

interface Stream {
  readonly row: Row;
  readonly told: number;
  readonly signal: AbortSignal;
}

async function* exactly(connection: ImapConnection, { row, told, signal }: Stream): AsyncGenerator<Buffer> {
  for (let from = 0; from < told;) {
    const bytes = await part(connection, { uid: row.uid, from, length: Math.min(PART_BYTES, told - from), signal });
    if (bytes === undefined || bytes.length === 0) throw voidAnswer(connection.host, 'a message ended before its end');
    from += bytes.length;
    yield bytes;
  }
}

async function* toTheEnd(connection: ImapConnection, { row, told, signal }: Stream): AsyncGenerator<Buffer> {
  let from = 0;
  for (let silences = 0; silences < 2;) {
    const bytes = await part(connection, { uid: row.uid, from, length: PART_BYTES, signal });
    if (bytes === undefined) throw voidAnswer(connection.host, 'a message went away while it was read');
    silences = bytes.length === 0 ? silences + 1 : 0;
    from += bytes.length;
    // No size is so wrong: this one has no end.
    if (from > 2 * told + PART_BYTES) throw voidAnswer(connection.host, 'a message is more than twice as large as it was told');
    if (bytes.length > 0) yield bytes;
  }
  if (from === 0) throw voidAnswer(connection.host, 'a large message is empty');
}

interface PartAsked {
  readonly uid: number;
  readonly from: number;
  readonly length: number;
  readonly signal: AbortSignal;
}

/** Undefined: the message is not given. */
async function part(connection: ImapConnection, { uid, from, length, signal }: PartAsked): Promise<Buffer | undefined> {
  let found: Buffer | undefined;
  const item: Argument = { type: 'ATOM', value: 'BODY.PEEK', section: [], partial: [from, length] };
  await connection.command('UID FETCH', [sequence(String(uid)), [atom('UID'), item]], {
    signal,
    untagged: {
      FETCH(response) {
        const pairs = fetchedPairs(response);
        if (!isWholly(response)) throw voidAnswer(connection.host, 'there is something behind the octets of a message');
        if (numberOf(textOf(pairs.get('UID'))) !== uid || !pairs.has('BODY[]')) return;
        const bytes = bytesOf(pairs.get('BODY[]'));
        if (bytes !== undefined && bytes.length > length)
          throw voidAnswer(connection.host, 'a part of a message is longer than was asked for');
        found = bytes;
      },
    },
  });
  return found;
}
