import { createHash } from 'node:crypto';
import { asId, normalFlags, systemClock, type Flag } from '@stopgap/core';
import { findMessageView, listMailboxes, listMailboxMessages, openStore, type Reader } from '@stopgap/store';
import type { BackDoor } from '@stopgap/testkit/incoming-contract';
import { until } from '../lab/index.ts';
import type { Relay } from './relay.ts';

const EVERYTHING = 1_000_000;
const LIMIT_MS = 60_000;

/** A message as one side has it. */
export interface Copy {
  readonly mailbox: string;
  readonly hash: string;
  /** Joined by blanks. */
  readonly flags: string;
}

export interface CopyHere extends Copy {
  readonly uid: number;
  readonly completeness: string;
}

/** As `mirror status --json` prints it, as far as tests ask. */
export interface MirrorStatus {
  readonly address: string;
  readonly path: string | null;
  readonly state: string;
  readonly messages: number;
  readonly total: number;
  readonly pendingIntents: number;
  readonly mailboxes: readonly { readonly name: string; readonly messages: number; readonly total: number }[];
  readonly held: readonly { readonly mailbox: string; readonly gone: number; readonly of: number }[];
}

/** What the relay's store holds of an account; it may run meanwhile. */
export function mirrored({ dataDir }: Pick<Relay, 'dataDir'>, address: string): Promise<readonly CopyHere[]> {
  const account = asId.account(address);
  return readStore(dataDir, (reader) =>
    listMailboxes(reader, account).flatMap((mailbox) =>
      listMailboxMessages(reader, mailbox.id, { afterUid: 0, limit: EVERYTHING }).map((message) => ({
        mailbox: mailbox.name,
        uid: message.uid,
        hash: findMessageView(reader, message.id)?.hash ?? '',
        flags: wordsOf(message.flags),
        completeness: message.completeness,
      })),
    ),
  );
}

/** How many UIDs each mailbox has given out, to whatever is still there or not. */
export async function uidsIssued({ dataDir }: Pick<Relay, 'dataDir'>, address: string): Promise<ReadonlyMap<string, number>> {
  const rows = await readStore(dataDir, (reader) => listMailboxes(reader, asId.account(address)));
  return new Map(rows.map((mailbox) => [mailbox.name, mailbox.uidNext - 1]));
}

/** Looks into the store of a relay, which may run meanwhile. */
export async function readStore<T>(dataDir: string, job: (reader: Reader) => T): Promise<T> {
  const store = await openStore({ dataDir, clock: systemClock });
  try {
    return store.read(job);
  } finally {
    await store.close();
  }
}

/** What the provider's store holds, as another mail program sees it. */
export async function provided(door: BackDoor): Promise<readonly Copy[]> {
  const copies: Copy[] = [];
  for (const mailbox of await door.mailboxes()) {
    for (const { bytes, flags } of await door.messages(mailbox.split('/'))) {
      copies.push({ mailbox, hash: hashOf(bytes), flags: wordsOf(flags) });
    }
  }
  return copies;
}

export async function statusOf(relay: Relay, address: string): Promise<MirrorStatus> {
  const [status] = await relay.json<MirrorStatus[]>(['mirror', 'status', address]);
  if (!status) throw new Error(`no mirror of ${address}`);
  return status;
}

export interface Equality {
  /** Only these mailboxes; default all. */
  readonly mailboxes?: readonly string[];
  /** False where a path can not tell them. */
  readonly withFlags?: boolean;
  readonly limitMs?: number;
}

/** Waits until the relay has what the provider has, no more and no less; gives what it has. Nothing may change there meanwhile. */
export async function untilEqual(
  { relay, door, address }: { readonly relay: Pick<Relay, 'dataDir'>; readonly door: BackDoor; readonly address: string },
  { mailboxes, withFlags = true, limitMs = LIMIT_MS }: Equality = {},
): Promise<readonly CopyHere[]> {
  const chosen = <T extends Copy>(copies: readonly T[]): readonly T[] =>
    mailboxes ? copies.filter((copy) => mailboxes.includes(copy.mailbox)) : copies;
  const print = (copies: readonly Copy[]): readonly string[] =>
    chosen(copies)
      .map(({ mailbox, hash, flags }) => `${mailbox} ${hash} ${withFlags ? flags : ''}`.trimEnd())
      .toSorted();
  let wanted: readonly string[] = [];
  let found: readonly CopyHere[] = [];
  await until(
    'the mirror is equal',
    async () => {
      found = await mirrored(relay, address);
      // Read anew: a route that tidies what it sent may be at work there.
      wanted = print(await provided(door));
      return print(found).join('\n') === wanted.join('\n');
    },
    limitMs,
  ).catch((error: unknown) => {
    const here = print(found);
    const [more, less] = [without(here, wanted), without(wanted, here)];
    throw new Error(
      `${String(error)}\n${more.length} only here: ${more.slice(0, 20).join('\n  ')}\n${less.length} only there: ${less.slice(0, 20).join('\n  ')}`,
      { cause: error },
    );
  });
  return found;
}

/** What is in `all` more often than in `some`. */
function without(all: readonly string[], some: readonly string[]): readonly string[] {
  const left = [...some];
  return all.filter((one) => {
    const at = left.indexOf(one);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

export function hashOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function wordsOf(flags: readonly Flag[]): string {
  return normalFlags(flags).join(' ');
}
