import { isAscii } from 'node:buffer';
import type { Address } from '@stopgap/core';
import { type AddressList, parseAddressList } from './addresses.ts';
import { type HeaderField, MAX_HEADER_BYTES, parseHeader, unfoldedValue, utf8Value } from './header-block.ts';
import { isReceivedBy } from './received.ts';
import { type HeaderProblem, refusalOf } from './refusals.ts';
import { rfc5322Date } from './rfc5322-date.ts';

/** RFC 5322 2.1.1: it stands on one line with its field name, and in our log, rows and searches. */
const MAX_MESSAGE_ID_OCTETS = 998 - 'Message-ID: '.length;

/** What we add here and the Received that delivery puts on top must not make a header that our own reader refuses. */
const MAX_SUBMITTED_HEADER_BYTES = MAX_HEADER_BYTES - 4 * 1024;

export interface HeaderFacts {
  /** As in the header, unfolded; with angle brackets where the client wrote them, always where it was added. */
  readonly messageId: string;
  readonly addedMessageId: boolean;
  readonly addedDate: boolean;
  readonly hadBcc: boolean;
  /** Every address a reader could take for an author. */
  readonly from: readonly Address[];
  /** Undefined: no Sender field, or one that can not be read (then `sender-malformed` is among the problems). */
  readonly sender: Address | undefined;
  /** Number of Received fields (RFC 5321 6.3). */
  readonly hops: number;
  /** Did the message come through a host of this name before? */
  readonly ownReceived: (hostname: string) => boolean;
  readonly hasEightBitHeader: boolean;
  /** In no order; empty for what proper clients send. */
  readonly problems: readonly HeaderProblem[];
}

export interface AdjustedHeader {
  /** The very buffer that was given when nothing had to change. */
  readonly bytes: Buffer;
  readonly facts: HeaderFacts;
}

export interface AdjustOptions {
  readonly nowMs: number;
  /** ASCII, with angle brackets. */
  readonly newMessageId: () => string;
}

/**
 * What a submission server may and must do to a header (RFC 6409 8.1-8.3; RFC 5322 3.6.3 for Bcc): adds Date and Message-ID where they are missing
 * or empty, takes out Bcc, Resent-Bcc and Return-Path (RFC 5321 4.4: it is the last hop's to write). Nothing else moves by a byte.
 */
export function adjustHeader(block: Buffer, options: AdjustOptions): AdjustedHeader {
  const fields = parseHeader(block);
  const kept = fields.filter((field) => !isDropped(field));
  const named = (name: string) => kept.filter((field) => field.name === name);
  const messageIds = named('message-id');
  const addedMessageId = messageIds[0] === undefined;
  const messageId = messageIds[0] === undefined ? options.newMessageId() : (utf8Value(messageIds[0]) ?? unfoldedValue(messageIds[0]));
  if (messageId.length > MAX_MESSAGE_ID_OCTETS) throw refusalOf('message-id-too-long');
  const dates = named('date');
  const addedDate = dates.length === 0;

  let added = addedDate ? `Date: ${rfc5322Date(options.nowMs)}\r\n` : '';
  if (addedMessageId) added += `Message-ID: ${messageId}\r\n`;
  const isChanged = added !== '' || kept.length !== fields.length;
  const bytes = isChanged ? Buffer.from(withAdded(kept, added), 'latin1') : block;
  if (bytes.length > MAX_SUBMITTED_HEADER_BYTES) throw refusalOf('header-too-long');

  const received = named('received');
  return {
    bytes,
    facts: {
      messageId,
      addedMessageId,
      addedDate,
      hadBcc: fields.some((field) => isBcc(field.name)),
      ...readAuthors(named('from'), named('sender'), {
        'message-id-repeated': messageIds.length > 1,
        'date-repeated': dates.length > 1,
        'line-malformed': named('').length > 0,
      }),
      hops: received.length,
      ownReceived: (hostname) => received.some((field) => isReceivedBy(unfoldedValue(field), hostname)),
      hasEightBitHeader: !isAscii(block),
    },
  };
}

/** Before the first real field: a fold at the very top of a broken header must not become part of ours. */
function withAdded(kept: readonly HeaderField[], added: string): string {
  const first = kept.findIndex((field) => field.name !== '');
  const at = first < 0 ? kept.length : first;
  const raw = (part: readonly HeaderField[]) => part.map((field) => field.raw).join('');
  return raw(kept.slice(0, at)) + added + raw(kept.slice(at));
}

function isDropped(field: HeaderField): boolean {
  switch (field.name) {
    case 'return-path':
      return true;
    case 'date':
    case 'message-id':
      return unfoldedValue(field) === '';
    default:
      return isBcc(field.name);
  }
}

function isBcc(name: string): boolean {
  return name === 'bcc' || name === 'resent-bcc';
}

function readAuthors(
  froms: readonly HeaderField[],
  senders: readonly HeaderField[],
  others: Readonly<Partial<Record<HeaderProblem, boolean>>>,
): Pick<HeaderFacts, 'from' | 'sender' | 'problems'> {
  const from = froms.map(readAddresses);
  const sender = senders.map(readAddresses);
  const found: Readonly<Partial<Record<HeaderProblem, boolean>>> = {
    ...others,
    'from-missing': from.length === 0,
    'from-repeated': from.length > 1,
    'from-malformed': from.some((list) => !list.isClean || list.addresses.length === 0),
    'sender-repeated': sender.length > 1,
    'sender-malformed': sender.some((list) => !list.isClean || list.addresses.length !== 1),
  };
  return {
    from: from.flatMap((list) => list.addresses),
    sender: found['sender-malformed'] === true ? undefined : sender[0]?.addresses[0],
    problems: (Object.keys(found) as HeaderProblem[]).filter((problem) => found[problem]),
  };
}

function readAddresses(field: HeaderField): AddressList {
  const value = utf8Value(field);
  return value === undefined ? { addresses: [], isClean: false } : parseAddressList(value);
}
