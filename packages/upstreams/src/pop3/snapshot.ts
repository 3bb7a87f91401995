/*
 * What a POP3 session shows: the messages as they were at the log-in, by numbers that hold for this session only. STAT, UIDL and LIST speak of the same
 * state, so they must agree; if they do not, nothing may follow from any of them.
 */
import { createHash } from 'node:crypto';
import { asId, MailError, type RemoteMessageId } from '@stopgap/core';
import type { Pop3Connection } from './connection.ts';
import { voidAnswer } from './failures.ts';
import { refusalOf } from './reply.ts';

/** A listing of more is no mailbox. */
const MOST_MESSAGES = 200_000;
/** RFC 1939 allows 70 octets; some servers make longer ones, and they are as good. */
const LONGEST_ID = 1000;

export interface Snapshot {
  /** In the order of their numbers, oldest first. */
  readonly numbers: ReadonlyMap<RemoteMessageId, number>;
  /** The same text: the same messages. Made of the ids, because STAT says the same of two mailboxes that hold other messages of the same size. */
  readonly state: string;
}

/** STAT and UIDL. */
export async function takeSnapshot(connection: Pop3Connection, host: string, isUidlOffered: boolean): Promise<Snapshot> {
  const stat = await connection.say('STAT');
  if (!stat.isOk) throw refused(refusalOf(stat, host));
  const [, messages] = /^(\d{1,9}) \d/.exec(stat.text) ?? [];
  if (messages === undefined) throw voidAnswer(host, 'did not say how many messages there are');
  const uidl = await connection.say('UIDL');
  if (!uidl.isOk && !isUidlOffered && uidl.code === '') throw withoutIds(host);
  if (!uidl.isOk) throw refused(refusalOf(uidl, host));
  const ids = await readNumbered(connection, host, (text) => (text.length > 0 && text.length <= LONGEST_ID ? printable(text) : undefined));
  if (ids.length !== Number(messages)) throw voidAnswer(host, `counts ${messages} messages and names ${ids.length}`);
  const numbers = toldApart(ids);
  return {
    numbers,
    state: createHash('sha256')
      .update([...numbers.keys()].join('\n'))
      .digest('base64url'),
  };
}

/** LIST: the octets of each message by its number, as far as the server is to be believed. */
export async function readSizes(connection: Pop3Connection, host: string, expected: number): Promise<ReadonlyMap<number, number>> {
  const list = await connection.say('LIST');
  if (!list.isOk) throw refused(refusalOf(list, host));
  const sizes = await readNumbered(connection, host, (text) => {
    const [, octets] = /^(\d{1,15})(?: |$)/.exec(text) ?? [];
    return octets === undefined ? undefined : Number(octets);
  });
  if (sizes.length !== expected) throw voidAnswer(host, `names ${expected} messages and has sizes of ${sizes.length}`);
  return new Map(sizes);
}

/** `number value` lines, sorted by their numbers. */
async function readNumbered<T>(
  connection: Pop3Connection,
  host: string,
  read: (text: string) => T | undefined,
): Promise<(readonly [number, T])[]> {
  const found = new Map<number, T>();
  for await (const line of connection.lines(MOST_MESSAGES)) {
    const [, digits = '', text = ''] = /^ *(\d{1,9}) +(.*?) *$/.exec(line) ?? [];
    const value = digits === '' ? undefined : read(text);
    const number = Number(digits);
    if (value === undefined || number === 0 || found.has(number))
      throw connection.drop(voidAnswer(host, `has a message without a name of its own (line ${found.size + 1})`));
    found.set(number, value);
  }
  return [...found].sort(([one], [other]) => one - other);
}

/**
 * RFC 1939 7: a server may make the id out of the content, so two copies of a message can have the same one. The second is told apart by its place
 * among them; a blank is in no id.
 */
function toldApart(ids: readonly (readonly [number, string])[]): ReadonlyMap<RemoteMessageId, number> {
  const copies = new Map<string, number>();
  const numbers = new Map<RemoteMessageId, number>();
  for (const [number, id] of ids) {
    const copy = (copies.get(id) ?? 0) + 1;
    copies.set(id, copy);
    numbers.set(asId.remoteMessage(copy === 1 ? id : `${id} ${copy}`), number);
  }
  return numbers;
}

/** RFC 1939 7 wants 0x21 to 0x7e; ids end up in logs and on terminals. */
function printable(id: string): string {
  return id.replaceAll(/[^\x21-\x7e]/g, (octet) => `%${octet.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

function refused(reason: ReturnType<typeof refusalOf>): MailError {
  return new MailError('transient', reason.text, { code: reason.class === 'greylist' ? 'busy' : 'refused', reason });
}

/**
 * Numbers change from session to session, and a hash of each header would cost a round trip for each message each time, and change where a server
 * writes a Status field into it. Rather not at all than with messages taken for each other.
 */
function withoutIds(host: string): MailError {
  const text = `${host} can not tell its messages apart (no UIDL), so they can not be mirrored this way`;
  return new MailError('permanent', text, { code: 'no-ids', reason: { class: 'route', text, host } });
}
