import type { DigestAddressField, DigestEnvelope, DigestGroup, DigestMailbox } from '@stopgap/message';
import { headerString, textString } from '../wire/encode.ts';

const NIL = 'NIL';

/** RFC 9051 7.5.2 ENVELOPE. */
export function envelopeText(envelope: DigestEnvelope, isUtf8: boolean): string {
  const { date, subject, inReplyTo, messageId } = envelope;
  const from = addressList(envelope, 'from', isUtf8);
  const sender = addressList(envelope, 'sender', isUtf8);
  const replyTo = addressList(envelope, 'replyTo', isUtf8);
  const head = `${headerString(date)} ${headerString(subject || undefined)}`;
  // RFC 9051 7.5.2: where they are missing they are what From says.
  const senders = `${from} ${sender === NIL ? from : sender} ${replyTo === NIL ? from : replyTo}`;
  const recipients = `${addressList(envelope, 'to', isUtf8)} ${addressList(envelope, 'cc', isUtf8)} ${addressList(envelope, 'bcc', isUtf8)}`;
  const answered = inReplyTo.length === 0 ? undefined : inReplyTo.join(' ');
  return `(${head} ${senders} ${recipients} ${textString(answered, isUtf8)} ${textString(messageId, isUtf8)})`;
}

function addressList(envelope: DigestEnvelope, field: DigestAddressField, isUtf8: boolean): string {
  const list = envelope[field];
  const groups = envelope.groups?.[field];
  if (groups !== undefined) return groupedList(list, groups, isUtf8);
  return list.length === 0 ? NIL : `(${addressTexts(list, isUtf8)})`;
}

/** RFC 9051 7.5.2: a group begins with its name and no host, and ends with neither. */
function groupedList(list: readonly DigestMailbox[], groups: readonly DigestGroup[], isUtf8: boolean): string {
  let all = '';
  let next = 0;
  for (const { name, start, end } of groups) {
    all += `${addressTexts(list.slice(next, start), isUtf8)}(NIL NIL ${headerString(name)} NIL)`;
    all += `${addressTexts(list.slice(start, end), isUtf8)}(NIL NIL NIL NIL)`;
    next = end;
  }
  return `(${all}${addressTexts(list.slice(next), isUtf8)})`;
}

function addressTexts(list: readonly DigestMailbox[], isUtf8: boolean): string {
  let all = '';
  for (const mailbox of list) all += addressText(mailbox, isUtf8);
  return all;
}

function addressText({ name, address }: DigestMailbox, isUtf8: boolean): string {
  const at = address.lastIndexOf('@');
  const local = at < 0 ? address : address.slice(0, at);
  // A NIL here would begin or end a group (RFC 9051 7.5.2): what has no domain has an empty one.
  const host = at < 0 ? '' : address.slice(at + 1);
  return `(${headerString(name || undefined)} NIL ${textString(local, isUtf8)} ${textString(host, isUtf8)})`;
}
