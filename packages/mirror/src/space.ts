/*
 * Which remote ids mean the same. Every path has a space of its own, except that paths with IMAP UIDs of one store may share one: for each mailbox this is
 * proven by samples, once after each switch to the path, and again whenever a path without UIDVALIDITY could have missed that the UIDs changed.
 */
import { createHash } from 'node:crypto';
import type { BlobHash, BlobRef, Listing, MessageId, RemoteMailboxId, RemoteMessageId } from '@stopgap/core';
import {
  findKept,
  findMailbox,
  findMessage,
  findMessageView,
  findRemoteMailbox,
  listRemoteMessages,
  type Reader,
  type RemoteMailboxRow,
  type RemoteMessageRow,
} from '@stopgap/store';
import { looseHash } from './content.ts';
import type { Place, Round } from './round.ts';

/** Newest, oldest and some between. */
const SAMPLES = 5;

export type Proof = 'same' | 'other' | 'nothing-to-compare';

/** Are the ids that this path lists those of the row? */
export async function proveSpace(round: Round, place: Pick<Place, 'remote'>, row: RemoteMailboxRow, listing: Listing): Promise<Proof> {
  const known = new Map(round.deps.store.read((reader) => listRemoteMessages(reader, row.id)).map((one) => [one.remoteId, one]));
  const listed = listing.kind === 'full' ? listing.messages.map((message) => message.id) : [];
  if (known.size === 0 || listed.length === 0) return 'nothing-to-compare';
  const shared = listed.flatMap((id) => known.get(id) ?? []);
  if (shared.length === 0) return 'other';
  return compare(round, place.remote.id, samplesOf(shared, round));
}

/** Do these ids in that mailbox have the content that is known of them? */
export async function compare(
  round: Round,
  mailbox: RemoteMailboxId,
  samples: ReadonlyMap<RemoteMessageId, { readonly hash: BlobHash; readonly row: RemoteMessageRow }>,
): Promise<Proof> {
  let same = 0;
  for await (const fetched of round.session.fetch(mailbox, [...samples.keys()], round.signal)) {
    const sample = samples.get(fetched.id);
    const chunks: Buffer[] = [];
    for await (const chunk of fetched.bytes) chunks.push(chunk);
    if (!sample || fetched.completeness !== 'raw') continue;
    const hash = createHash('sha256');
    for (const chunk of chunks) hash.update(chunk);
    if (hash.digest('hex') !== sample.hash && !(await isLooselySame(round, sample.row, chunks))) return 'other';
    same += 1;
  }
  return same > 0 ? 'same' : 'nothing-to-compare';
}

/** Also what was expunged here and upstream does not know yet. Only what is here in full, and as different as can be: equal messages would prove little. */
export function samplesOf(
  rows: readonly RemoteMessageRow[],
  { deps }: Pick<Round, 'deps'>,
): ReadonlyMap<RemoteMessageId, { readonly hash: BlobHash; readonly row: RemoteMessageRow }> {
  const samples = new Map<RemoteMessageId, { readonly hash: BlobHash; readonly row: RemoteMessageRow }>();
  const hashes = new Set<BlobHash>();
  for (const row of spread(rows)) {
    if (samples.size === SAMPLES) break;
    const hash = deps.store.read((reader) => contentOf(reader, row.message))?.hash;
    if (hash === undefined || hashes.has(hash)) continue;
    hashes.add(hash);
    samples.set(row.remoteId, { hash, row });
  }
  return samples;
}

/** First, last, middle, the middles of the halves, and so on; at most so many as are worth looking at. */
function spread<T>(items: readonly T[]): readonly T[] {
  const last = items.length - 1;
  const places = [0, 1, 0.5, 0.25, 0.75, 0.125, 0.375, 0.625, 0.875].map((share) => Math.round(share * last));
  return [...new Set([...places, ...items.keys()].slice(0, 40))].flatMap((at) => items[at] ?? []);
}

/** What is here of a message, also of one that was expunged and is still kept. Undefined: not all of it, or nothing any more. */
export function contentOf(reader: Reader, id: MessageId): { readonly hash: BlobHash; readonly blob: BlobRef } | undefined {
  const kept = findKept(reader, id)?.kept;
  const message = findMessage(reader, id) ?? kept?.message;
  const hash = (findMessageView(reader, id) ?? kept?.view)?.hash;
  return message?.completeness === 'raw' && message.blob && hash !== undefined ? { hash, blob: message.blob } : undefined;
}

async function isLooselySame({ deps }: Round, row: RemoteMessageRow, bytes: readonly Buffer[]): Promise<boolean> {
  const { content, isSent } = deps.store.read((reader) => ({ content: contentOf(reader, row.message), isSent: isInSent(reader, row) }));
  if (!content) return false;
  // Earlier versions gave what the user's program had stored here the id of the webmail's copy, which has our trace fields on top.
  const rules = { isBelowTrace: isSent };
  return (await looseHash(deps.store.blobs.open(content.blob), rules)) === (await looseHash(bytes, rules));
}

function isInSent(reader: Reader, { remoteMailbox }: RemoteMessageRow): boolean {
  const mailbox = findRemoteMailbox(reader, remoteMailbox)?.mailbox;
  return mailbox !== undefined && findMailbox(reader, mailbox)?.role === 'sent';
}
