import type { DigestEnvelope, DigestMailbox } from '../digest-types.ts';
import { decodeWords } from './encoded-words.ts';
import { readHeaderDate } from './header-date.ts';
import { firstValue, type HeaderValues } from './header-values.ts';
import { MAX_MAILBOXES, readMailboxes } from './mailbox-list.ts';

/** Of References; the first and the newest are kept, as RFC 5322 3.6.4 grows the list at its end. */
const MAX_REFERENCES = 100;
/** RFC 5322 2.1.1: a line has no more. */
const LONGEST_MESSAGE_ID = 998;

export function readEnvelope(values: HeaderValues): DigestEnvelope {
  const date = firstValue(values, 'date');
  const sentAtMs = date === undefined ? undefined : readHeaderDate(date);
  const messageId = readMessageIds(firstValue(values, 'message-id'), 1)[0];
  return {
    ...(sentAtMs !== undefined && { sentAtMs }),
    ...(date !== undefined && date !== '' && { date }),
    subject: decodeWords(firstValue(values, 'subject') ?? ''),
    from: mailboxes(values, 'from'),
    sender: mailboxes(values, 'sender'),
    replyTo: mailboxes(values, 'reply-to'),
    to: mailboxes(values, 'to'),
    cc: mailboxes(values, 'cc'),
    bcc: mailboxes(values, 'bcc'),
    ...(messageId !== undefined && { messageId }),
    inReplyTo: readMessageIds(firstValue(values, 'in-reply-to')),
    references: readMessageIds(firstValue(values, 'references')),
  };
}

/** Several fields of one name count as one list: a reader is to see everyone who is named. */
function mailboxes(values: HeaderValues, name: string): readonly DigestMailbox[] {
  const fields = values.get(name);
  if (fields === undefined) return [];
  const all = fields.flatMap(readMailboxes);
  return all.length > MAX_MAILBOXES ? all.slice(0, MAX_MAILBOXES) : all;
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
