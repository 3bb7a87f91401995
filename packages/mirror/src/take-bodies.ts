/*
 * What is new in a mailbox, newest first: while one batch is committed the next is being read. A batch is one transaction with its mappings, so that a
 * crash costs only what has not been committed; a new listing finds the rest.
 */
import { MailError, type RemoteMessage, type RemoteMessageId } from '@stopgap/core';
import { findMailbox, hasMissed, listUnmapped, type UnmappedRow } from '@stopgap/store';
import { readArrival, type Arrival } from './arrival.ts';
import { isHere, type Look } from './look.ts';
import type { Round } from './round.ts';
import { takeOver, type TakeOverPlace, type TakenOver } from './take-over.ts';
import { withTwins } from './twins.ts';

/** The newest are to be read at once: asked for alone, for a server may give what is asked for together in its own order. */
const FIRST_BATCH = 100;
const BATCH_MESSAGES = 200;
const BATCH_BYTES = 2 * 1024 * 1024;
/** Asked for in one call. */
const FETCHED_AT_ONCE = 1000;
/** A message that failed so often is left out, and said to be unreadable; until then it comes last. */
const MOST_TRIES = 3;

/** True: all of it is here. False: some could not be read. */
export async function takeBodies(
  round: Round,
  look: Look,
  { spaceRows, onBatch }: { readonly spaceRows: ReadonlySet<number>; readonly onBatch: (taken: TakenOver) => Promise<void> },
): Promise<boolean> {
  const { calls, left } = inCalls(round, look);
  if (calls.length === 0) return left === 0;
  const unmapped = round.deps.store.read((reader) => listUnmapped(reader, look.place.mailbox, look.row.id));
  const batches = new Batches(round, look, { spaceRows, unmapped, onBatch });
  try {
    for (const wanted of calls) await fetchSome(round, look, { wanted, batches });
  } finally {
    // What was read is kept, whatever ended the reading.
    await batches.finish();
  }
  return left === 0;
}

async function fetchSome(
  round: Round,
  look: Look,
  { wanted, batches }: { readonly wanted: readonly RemoteMessage[]; readonly batches: Batches },
): Promise<void> {
  const told = new Map(wanted.map((message) => [message.id, message]));
  const seen = new Set<RemoteMessageId>();
  try {
    for await (const fetched of round.session.fetch(look.place.remote.id, [...told.keys()], round.signal)) {
      const listed = told.get(fetched.id);
      // An answer to something else: whoever mixes up ids is not to be believed.
      if (!listed) throw mixedUp();
      // What came can not vouch for itself: whether nothing at all is a message is the listing's to say.
      const size = listed.sizeBytes === undefined ? {} : { sizeBytes: listed.sizeBytes };
      const arrival = await readArrival({ ...listed, ...fetched, ...size }, round.deps.store);
      seen.add(fetched.id);
      round.memory.trouble.delete(troubleKey(look, fetched.id));
      await batches.add(arrival);
    }
  } catch (error) {
    if (isAboutOne(error)) blame(round, look, { unread: wanted.filter((message) => !seen.has(message.id)), isAlone: wanted.length === 1 });
    throw error;
  }
}

/**
 * Which of many was the trouble is not known, for they are given in an order of the server's own; of one it is. So each of those that were asked for
 * together is asked for alone from then on, and only those.
 */
function blame(
  { memory: { trouble } }: Round,
  look: Look,
  { unread, isAlone }: { readonly unread: readonly RemoteMessage[]; readonly isAlone: boolean },
): void {
  for (const { id } of unread) {
    const key = troubleKey(look, id);
    trouble.set(key, (trouble.get(key) ?? 0) + (isAlone ? 1 : 0));
  }
}

/** What is asked for together. Those that made trouble come last; those that made too much not at all. */
function inCalls(round: Round, look: Look): { readonly calls: readonly (readonly RemoteMessage[])[]; readonly left: number } {
  const {
    calm = [],
    suspected = [],
    guilty = [],
    left = [],
  } = Object.groupBy(look.toFetch, (message) => {
    const tries = round.memory.trouble.get(troubleKey(look, message.id));
    if (tries === undefined) return 'calm';
    return tries === 0 ? 'suspected' : tries < MOST_TRIES ? 'guilty' : 'left';
  });
  for (const message of left) {
    round.report.unreadable({
      what: `message ${message.id} in ${look.place.remote.path.join('/')}`,
      why: 'the provider does not give its bytes',
    });
  }
  const calls = [
    ...suspected.map((message) => [message]),
    calm.slice(0, FIRST_BATCH),
    ...chunked(calm.slice(FIRST_BATCH)),
    ...guilty.map((message) => [message]),
  ];
  return { calls: calls.filter((wanted) => wanted.length > 0), left: left.length };
}

function chunked(messages: readonly RemoteMessage[]): readonly (readonly RemoteMessage[])[] {
  return Array.from({ length: Math.ceil(messages.length / FETCHED_AT_ONCE) }, (_, at) =>
    messages.slice(at * FETCHED_AT_ONCE, (at + 1) * FETCHED_AT_ONCE),
  );
}

function troubleKey({ row }: Look, id: RemoteMessageId): string {
  return `${row.id} ${id}`;
}

/** A broken connection says nothing about the message that was under way; an answer that can not be believed does. */
function isAboutOne(error: unknown): boolean {
  return error instanceof MailError && error.code === 'void';
}

function mixedUp(): MailError {
  const text = 'the provider gave a message that was not asked for';
  return new MailError('protocol', text, { code: 'void', reason: { class: 'protocol', text } });
}

/** Gathers arrivals; commits one batch while the next is gathered. */
class Batches {
  readonly #round: Round;
  readonly #look: Look;
  readonly #unmapped: readonly UnmappedRow[];
  readonly #place: TakeOverPlace;
  readonly #onBatch: (taken: TakenOver) => Promise<void>;
  /** Place of each in the listing, newest first. */
  readonly #places: ReadonlyMap<RemoteMessageId, number>;
  #arrivals: Arrival[] = [];
  #sizeBytes = 0;
  #limit = FIRST_BATCH;
  #committing: Promise<void> = Promise.resolve();

  constructor(
    round: Round,
    look: Look,
    options: {
      readonly spaceRows: ReadonlySet<number>;
      readonly unmapped: readonly UnmappedRow[];
      readonly onBatch: (taken: TakenOver) => Promise<void>;
    },
  ) {
    this.#round = round;
    this.#look = look;
    this.#unmapped = options.unmapped;
    this.#onBatch = options.onBatch;
    this.#places = new Map(look.toFetch.map(({ id }, index) => [id, index]));
    const { id: rowId } = look.row;
    const { role, isMissed } = round.deps.store.read((reader) => ({
      role: findMailbox(reader, look.place.mailbox)?.role,
      isMissed: hasMissed(reader, rowId),
    }));
    this.#place = {
      rowId,
      mailbox: look.place.mailbox,
      role,
      hasUnmapped: options.unmapped.length > 0 || isMissed,
      spaceRows: options.spaceRows,
    };
  }

  async add(arrival: Arrival): Promise<void> {
    this.#arrivals.push(this.#unmapped.length === 0 ? arrival : await withTwins(arrival, this.#round, this.#unmapped));
    this.#sizeBytes += arrival.blob.inline?.length ?? 0;
    if (this.#arrivals.length >= this.#limit || this.#sizeBytes >= BATCH_BYTES) await this.#commit();
  }

  async finish(): Promise<void> {
    await this.#commit();
    await this.#committing;
  }

  async #commit(): Promise<void> {
    await this.#committing;
    // Servers give what was asked for in an order of their own.
    const arrivals = this.#arrivals.toSorted((one, other) => this.#placeOf(one) - this.#placeOf(other));
    if (arrivals.length === 0) return;
    this.#arrivals = [];
    this.#sizeBytes = 0;
    this.#limit = BATCH_MESSAGES;
    this.#committing = this.#write(arrivals);
    // Whoever waits for it next hears of a failure; until then it is nobody's unhandled one.
    this.#committing.catch(() => undefined);
  }

  #placeOf({ remote }: Arrival): number {
    return this.#places.get(remote.id) ?? 0;
  }

  async #write(arrivals: readonly Arrival[]): Promise<void> {
    const { deps, account, path, report } = this.#round;
    // Deleted here while its messages were on their way.
    if (!isHere(this.#round, this.#look.place)) return;
    const taken = await deps.mailboxes.write(account, (mail) => takeOver(mail, this.#place, arrivals));
    report.found({ messages: taken.isNew });
    deps.events.mirrored({ account, path: path.id, ...taken });
    await this.#onBatch(taken);
  }
}
