import { formatAddress, parseAddress, type EnvelopeRecipient } from '@stopgap/core';
import { parseAddressList, readMailboxes, unfoldedValue, utf8Value, type AddressList, type HeaderField } from '@stopgap/message';
import { SetProblem } from '../method-error.ts';
import { fieldsOf } from '../email/header-properties.ts';
import { headerOf } from '../email/header-block.ts';

const FIELDS = ['to', 'cc', 'bcc'];
const SHOWN_CHARACTERS = 200;
const MOST_SHOWN = 100;

/**
 * Who is to get a message that comes without an envelope (RFC 8621 7): everybody in To, Cc and Bcc. From the header itself, by the strict reader: what is kept of it
 * for lists is bounded, and leaves out what can not be read.
 * @throws SetProblem invalidRecipients
 */
export async function namedRecipients(message: AsyncIterable<Buffer>): Promise<readonly EnvelopeRecipient[]> {
  const fields = fieldsOf(await headerOf(message));
  const lists = FIELDS.flatMap((name) => fields.filter((field) => field.name === name).map(listIn));
  const invalid = lists.flatMap(({ text, isClean }) => (isClean ? [] : doubtfulIn(text)));
  if (invalid.length > 0) {
    const invalidRecipients = invalid.slice(0, MOST_SHOWN);
    throw new SetProblem('invalidRecipients', 'It can not be said for certain who is to get it.', { invalidRecipients });
  }
  return lists.flatMap(({ addresses }) => addresses.map((address) => ({ address: formatAddress(address) })));
}

/** RFC 6532: where its bytes are no UTF-8 nobody can tell whom they name. */
function listIn(field: HeaderField): AddressList & { readonly text: string } {
  const text = utf8Value(field);
  return text === undefined ? { text: unfoldedValue(field), addresses: [], isClean: false } : { text, ...parseAddressList(text) };
}

/** What is no address by itself; else all of it. */
function doubtfulIn(text: string): readonly string[] {
  const bad = readMailboxes(text)
    .map(({ address }) => address)
    .filter((address) => parseAddress(address) === undefined);
  return (bad.length > 0 ? bad : [text]).map((one) => one.slice(0, SHOWN_CHARACTERS));
}
