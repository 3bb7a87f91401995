/*
 * Messages here that upstream may have given back a little changed: Roundcube trims what it stores, POP3 can not but end a message with a line end.
 * Message-ID, or else size, only name candidates; the bytes decide.
 */
import { createReadStream } from 'node:fs';
import type { MessageId } from '@stopgap/core';
import { findMessage, findMessageView, type UnmappedRow } from '@stopgap/store';
import type { Arrival } from './arrival.ts';
import { looseHash } from './content.ts';
import type { Round } from './round.ts';

/** White space that may have been trimmed. */
const TRIMMED_BYTES = 1024;
/** Candidates compared for one message. */
const MOST_COMPARED = 20;

export async function withTwins(arrival: Arrival, round: Pick<Round, 'deps'>, unmapped: readonly UnmappedRow[]): Promise<Arrival> {
  const { store } = round.deps;
  const distance = (one: UnmappedRow): number => Math.abs(one.sizeBytes - arrival.blob.sizeBytes);
  const near = unmapped
    .filter((one) => one.hash !== arrival.blob.hash && distance(one) <= TRIMMED_BYTES)
    .toSorted((one, other) => distance(one) - distance(other));
  if (near.length === 0 || arrival.completeness !== 'raw') return arrival;
  const { messageId } = arrival.digest.envelope;
  const twins: MessageId[] = [];
  let compared = 0;
  let own: string | undefined;
  for (const { message } of near) {
    const found = store.read((reader) => ({ row: findMessage(reader, message), view: findMessageView(reader, message) }));
    if (!found.row?.blob || found.row.completeness !== 'raw' || found.view?.envelope.messageId !== messageId) continue;
    if (compared === MOST_COMPARED) break;
    compared += 1;
    own ??= await looseHash(bytesOf(arrival), { isBelowTrace: false });
    if ((await looseHash(store.blobs.open(found.row.blob), { isBelowTrace: false })) === own) twins.push(message);
  }
  return { ...arrival, twins };
}

async function* bytesOf({ blob }: Arrival): AsyncGenerator<Buffer> {
  if (blob.inline) yield blob.inline;
  else if (blob.file !== undefined) for await (const chunk of createReadStream(blob.file)) yield chunk as Buffer;
}
