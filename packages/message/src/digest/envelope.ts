import type { DigestAddressField, DigestEnvelope, EmptyField } from '../digest-types.ts';
import { decodeWords } from './encoded-words.ts';
import { readHeaderDate } from './header-date.ts';
import { firstValue, type HeaderValues } from './header-values.ts';
import { MAX_MAILBOXES, readAddressField, type AddressField } from './mailbox-list.ts';

/** Of References; the first and the newest are kept, as RFC 5322 3.6.4 grows the list at its end. */
const MAX_REFERENCES = 100;
/** RFC 5322 2.1.1: a line has no more. */
const LONGEST_MESSAGE_ID = 998;
const FIELDS: readonly EmptyField[] = ['subject', 'from', 'sender', 'replyTo', 'to', 'cc', 'bcc'];

export function readEnvelope(values: HeaderValues): DigestEnvelope {
  const date = firstValue(values, 'date');
  const sentAtMs = date === undefined ? undefined : readHeaderDate(date);
  const messageId = readMessageIds(firstValue(values, 'message-id'), 1)[0];
  const fields = {
    from: addressField(values, 'from'),
    sender: addressField(values, 'sender'),
    replyTo: addressField(values, 'reply-to'),
    to: addressField(values, 'to'),
    cc: addressField(values, 'cc'),
    bcc: addressField(values, 'bcc'),
  };
  const groups = groupsOf(fields);
  const named = {
    subject: decodeWords(firstValue(values, 'subject') ?? ''),
    from: fields.from.mailboxes,
    sender: fields.sender.mailboxes,
    replyTo: fields.replyTo.mailboxes,
    to: fields.to.mailboxes,
    cc: fields.cc.mailboxes,
    bcc: fields.bcc.mailboxes,
  };
  const emptyFields = FIELDS.filter((name) => named[name].length === 0 && values.has(name === 'replyTo' ? 'reply-to' : name));
  return {
    ...(sentAtMs !== undefined && { sentAtMs }),
    ...(date !== undefined && date !== '' && { date }),
    ...named,
    ...(groups && { groups }),
    ...(emptyFields.length > 0 && { emptyFields }),
    ...(messageId !== undefined && { messageId }),
    inReplyTo: readMessageIds(firstValue(values, 'in-reply-to')),
    references: readMessageIds(firstValue(values, 'references')),
  };
}

/** Several fields of one name count as one list: a reader is to see everyone who is named. */
function addressField(values: HeaderValues, name: string): AddressField {
  const all: AddressField = { mailboxes: [], groups: [] };
  return (values.get(name) ?? []).reduce(({ mailboxes, groups }, text) => {
    const more = readAddressField(text, MAX_MAILBOXES - mailboxes.length - groups.length);
    const shifted = more.groups.map((group) => ({ ...group, start: group.start + mailboxes.length, end: group.end + mailboxes.length }));
    return { mailboxes: [...mailboxes, ...more.mailboxes], groups: [...groups, ...shifted] };
  }, all);
}

function groupsOf(fields: Readonly<Record<DigestAddressField, AddressField>>): DigestEnvelope['groups'] {
  const grouped = Object.entries(fields).filter(([, { groups }]) => groups.length > 0);
  return grouped.length === 0 ? undefined : Object.fromEntries(grouped.map(([field, { groups }]) => [field, groups]));
}

/** What stands in angle brackets. A field with nothing in brackets and no blank is an id whose brackets were forgotten. */
function readMessageIds(text: string | undefined, most: number = Infinity): readonly string[] {
  if (text === undefined || text === '') return [];
  const ids: string[] = [];
  for (let open = text.indexOf('<'); open >= 0 && ids.length < most;) {
    const close = text.indexOf('>', open);
    if (close < 0) break;
    const id = text.slice(text.lastIndexOf('<', close), close + 1).replaceAll(/\s/g, '');
    if (id.length > 2 && id.length <= LONGEST_MESSAGE_ID) ids.push(id);
    open = text.indexOf('<', close);
  }
  if (ids.length === 0 && !/[\s<>]/.test(text) && text.length < LONGEST_MESSAGE_ID) return [`<${text}>`];
  return ids.length > MAX_REFERENCES ? [...ids.slice(0, 1), ...ids.slice(1 - MAX_REFERENCES)] : ids;
}
