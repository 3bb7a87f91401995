import type { DigestEnvelope, DigestMailbox } from '@stopgap/message';
import { headerText, nstring, string, utf8Octets } from '../wire/encode.ts';

/** RFC 9051 7.5.2 ENVELOPE. */
export function envelopeText(envelope: DigestEnvelope, isUtf8: boolean): string {
  const { from, sender, replyTo, to, cc, bcc } = envelope;
  const addresses = (list: readonly DigestMailbox[]): string => addressList(list, isUtf8);
  return `(${[
    nstring(envelope.date === undefined ? undefined : headerText(envelope.date)),
    nstring(envelope.subject === '' ? undefined : headerText(envelope.subject)),
    addresses(from),
    // RFC 9051 7.5.2: where they are missing they are what From says.
    addresses(sender.length > 0 ? sender : from),
    addresses(replyTo.length > 0 ? replyTo : from),
    addresses(to),
    addresses(cc),
    addresses(bcc),
    envelope.inReplyTo.length === 0 ? 'NIL' : string(utf8Octets(envelope.inReplyTo.join(' ')), isUtf8),
    envelope.messageId === undefined ? 'NIL' : string(utf8Octets(envelope.messageId), isUtf8),
  ].join(' ')})`;
}

function addressList(list: readonly DigestMailbox[], isUtf8: boolean): string {
  return list.length === 0 ? 'NIL' : `(${list.map((mailbox) => addressText(mailbox, isUtf8)).join('')})`;
}

function addressText({ name, address }: DigestMailbox, isUtf8: boolean): string {
  const at = address.lastIndexOf('@');
  const local = at < 0 ? address : address.slice(0, at);
  // A NIL here would begin or end a group (RFC 9051 7.5.2): what has no domain has an empty one.
  const host = at < 0 ? '' : address.slice(at + 1);
  const part = (text: string): string => string(utf8Octets(text), isUtf8);
  return `(${nstring(name === '' ? undefined : headerText(name))} NIL ${part(local)} ${part(host)})`;
}
