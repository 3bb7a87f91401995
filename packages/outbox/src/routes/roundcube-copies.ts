import { formatAddress } from '@stopgap/core';
import { MAX_HEADER_BYTES, parseAddressList, parseHeader, unfoldedValue, type HeaderField } from '@stopgap/message';
import { messageIdCriterion, readHead, roundcubeError, searchMailbox, type RoundcubeSession } from '@stopgap/upstreams/web';
import { carries, submissionOf } from './witness.ts';

/** A mailbox with more copies of one Message-ID than this is nothing we can judge. */
const MOST_COPIES = 60;

/** A stored message, as far as its header tells. */
export interface Copy {
  readonly uid: number;
  readonly messageId: string;
  /** Resent-* fields on top: what Roundcube stored of a resending, not the message itself. */
  readonly isResent: boolean;
  /** A Received field on top: it came from this program. Somebody's draft has none. */
  readonly isOurs: boolean;
  /** Written in Roundcube's editor: it adds X-Sender. */
  readonly isComposed: boolean;
  readonly dateMs: number | undefined;
  /** To, Cc and Bcc, in lower case; undefined: none, or not to be read without doubt. */
  readonly addressees: ReadonlySet<string> | undefined;
  /** Its Received fields, unfolded, topmost first. What arrived by SMTP has those of its journey above ours. */
  readonly traces: readonly string[];
}

export interface CopyQuery {
  readonly messageId: string;
  readonly witness: string;
}

/** The copies of one attempt in a mailbox. Throws when the webmail can not be believed just now; an empty list means "none". */
export async function findCopies(session: RoundcubeSession, mbox: string, query: CopyQuery, signal: AbortSignal): Promise<Copy[]> {
  // A Message-ID that can not be searched for is made up for by the witness; slower, as servers do not index Received.
  const criterion = messageIdCriterion(query.messageId) ?? `HEADER RECEIVED ${query.witness}`;
  const copies = await readCopies(session, mbox, criterion, signal);
  return copies.filter((copy) => carries(copy, query.witness));
}

/** Finds at least the copies of all attempts at this attempt's message. */
export function attemptsCriterion(query: CopyQuery): string {
  return messageIdCriterion(query.messageId) ?? `HEADER RECEIVED ${submissionOf(query.witness)}`;
}

/** What is found by a criterion, looked into. */
export async function readCopies(session: RoundcubeSession, mbox: string, criterion: string, signal: AbortSignal): Promise<Copy[]> {
  const uids = await searchMailbox(session, mbox, criterion, signal);
  if (uids.length > MOST_COPIES)
    throw roundcubeError('void', `There are ${uids.length} copies of this message in ${mbox}.`, { host: session.host });
  const copies: Copy[] = [];
  for (const uid of uids) copies.push(copyOf(uid, await readHead(session, { mbox, uid }, signal)));
  return copies;
}

export function copyOf(uid: number, head: string): Copy {
  const fields = parseHeader(Buffer.from(head, 'latin1').subarray(0, MAX_HEADER_BYTES));
  const firstOwn = fields.findIndex((field) => !field.name.startsWith('resent-'));
  const valueOf = (name: string) => {
    const field = fields.find((one) => one.name === name);
    return field === undefined ? undefined : unfoldedValue(field);
  };
  const dateMs = Date.parse(valueOf('date') ?? '');
  return {
    uid,
    messageId: valueOf('message-id') ?? '',
    isResent: firstOwn !== 0,
    isOurs: fields[firstOwn]?.name === 'received',
    isComposed: valueOf('x-sender') !== undefined,
    dateMs: Number.isNaN(dateMs) ? undefined : dateMs,
    addressees: addresseesOf(fields),
    traces: fields.filter((field) => field.name === 'received').map(unfoldedValue),
  };
}

function addresseesOf(fields: readonly HeaderField[]): ReadonlySet<string> | undefined {
  const lists = fields
    .filter((field) => field.name === 'to' || field.name === 'cc' || field.name === 'bcc')
    .map((field) => parseAddressList(unfoldedValue(field)));
  const addresses = lists.flatMap((list) => list.addresses.map((address) => formatAddress(address).toLowerCase()));
  return addresses.length === 0 || lists.some((list) => !list.isClean) ? undefined : new Set(addresses);
}
