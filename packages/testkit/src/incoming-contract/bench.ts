import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import {
  MailError,
  type FetchedMessage,
  type IncomingSession,
  type Listing,
  type RemoteMailbox,
  type RemoteMailboxId,
  type RemoteMessage,
  type RemoteMessageId,
} from '@stopgap/core';
import type { IncomingCan, IncomingContract, IncomingWorld } from './world.ts';

/** Nobody aborts. */
export const CALM = new AbortController().signal;

/** A world, and the sessions that the tests open in it. */
export interface Bench {
  readonly can: IncomingCan;
  readonly world: IncomingWorld;
  open(): Promise<IncomingSession>;
  /** An empty mailbox for one test; INBOX where there is no other. */
  emptyMailbox(): Promise<readonly string[]>;
  closeSessions(): Promise<void>;
  close(): Promise<void>;
}

export async function openBench(contract: IncomingContract): Promise<Bench> {
  const world = await contract.start();
  const sessions: IncomingSession[] = [];
  const closeSessions = async (): Promise<void> => {
    for (const session of sessions.splice(0)) await session.close();
  };
  return {
    can: contract.can,
    world,
    async open() {
      const session = await world.open();
      sessions.push(session);
      return session;
    },
    async emptyMailbox() {
      if (contract.can.mailboxes) {
        const path = [`test ${randomUUID().slice(0, 8)}`];
        await world.store.createMailbox(path);
        return path;
      }
      const left = await world.store.messages(['INBOX']);
      if (left.length > 0) await world.store.expunge(['INBOX'], [...left.keys()]);
      return ['INBOX'];
    },
    closeSessions,
    async close() {
      await closeSessions();
      await world.close();
    },
  };
}

export async function mailboxAt(session: IncomingSession, path: readonly string[]): Promise<RemoteMailbox> {
  const all = await session.list(CALM);
  const found = all.find((mailbox) => mailbox.path.join('/') === path.join('/'));
  if (found === undefined) throw new Error(`${path.join('/')} is not among ${all.map((one) => one.path.join('/')).join(', ')}`);
  return found;
}

/** What one look at a mailbox told, whichever kind of listing said it. */
export interface Look {
  readonly listing: Listing;
  readonly appeared: readonly RemoteMessage[];
  readonly changed: readonly RemoteMessage[];
  readonly vanished: readonly RemoteMessageId[];
}

/** Looks at one mailbox again and again, as a mirror does. */
export interface Watch {
  readonly path: readonly string[];
  /** Goes on with the same session, or with a new one where a session does not see new mail. */
  look(): Promise<Look>;
  session(): IncomingSession;
  mailbox(): RemoteMailboxId;
  /** Of the messages that are known, newest first where the first listing told it. */
  known(): readonly RemoteMessageId[];
}

export async function watch(bench: Bench, path: readonly string[]): Promise<Watch> {
  let session = await bench.open();
  let { id } = await mailboxAt(session, path);
  let cursor: string | undefined;
  let known = new Set<RemoteMessageId>();
  return {
    path,
    session: () => session,
    mailbox: () => id,
    known: () => [...known],
    async look() {
      if (cursor !== undefined && !bench.can.seesNewMail) {
        await session.close();
        session = await bench.open();
        ({ id } = await mailboxAt(session, path));
      }
      const listing = await session.changes(id, { known, ...(cursor === undefined ? {} : { cursor }) }, CALM);
      const look = compare(listing, known);
      known = new Set([...known, ...look.appeared.map((message) => message.id)].filter((one) => !look.vanished.includes(one)));
      cursor = listing.cursor;
      return look;
    },
  };
}

function compare(listing: Listing, known: ReadonlySet<RemoteMessageId>): Look {
  const said = listing.kind === 'full' ? listing.messages : listing.changed;
  const listed = new Set(said.map((message) => message.id));
  expect(listed.size).toBe(said.length);
  return {
    listing,
    appeared: said.filter((message) => !known.has(message.id)),
    changed: said.filter((message) => known.has(message.id)),
    vanished: listing.kind === 'full' ? [...known].filter((id) => !listed.has(id)) : listing.vanished.filter((id) => known.has(id)),
  };
}

export interface Whole extends Omit<FetchedMessage, 'bytes'> {
  readonly bytes: Buffer;
}

export async function fetchAll(session: IncomingSession, mailbox: RemoteMailboxId, ids: readonly RemoteMessageId[]): Promise<Whole[]> {
  return collect(session.fetch(mailbox, ids, CALM));
}

export async function collect(messages: AsyncIterable<FetchedMessage>): Promise<Whole[]> {
  const whole: Whole[] = [];
  for await (const message of messages) whole.push({ ...message, bytes: await readAll(message.bytes) });
  return whole;
}

export async function readAll(bytes: FetchedMessage['bytes']): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export function sorted(ids: readonly (string | undefined)[]): readonly string[] {
  return ids.filter((id) => id !== undefined).toSorted();
}

/** The MailError, with a reason, that a call must end in. */
export async function failureOf(call: () => Promise<unknown>): Promise<MailError> {
  const error: unknown = await call().then(
    () => new Error('it did not fail'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof MailError)) throw error;
  expect(error.reason).toBeDefined();
  return error;
}
