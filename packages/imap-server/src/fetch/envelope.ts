import type { DigestEnvelope, DigestMailbox } from '@stopgap/message';
import { headerString, textString } from '../wire/encode.ts';

/** RFC 9051 7.5.2 ENVELOPE. */
export function envelopeText(envelope: DigestEnvelope, isUtf8: boolean): string {
  const { date, subject, sender, replyTo, to, cc, bcc, inReplyTo, messageId } = envelope;
  const from = addressList(envelope.from, isUtf8);
  const head = `${headerString(date)} ${headerString(subject || undefined)}`;
  // RFC 9051 7.5.2: where they are missing they are what From says.
  const senders = `${from} ${sender.length > 0 ? addressList(sender, isUtf8) : from} ${replyTo.length > 0 ? addressList(replyTo, isUtf8) : from}`;
  const recipients = `${addressList(to, isUtf8)} ${addressList(cc, isUtf8)} ${addressList(bcc, isUtf8)}`;
  const answered = inReplyTo.length === 0 ? undefined : inReplyTo.join(' ');
  return `(${head} ${senders} ${recipients} ${textString(answered, isUtf8)} ${textString(messageId, isUtf8)})`;
}

function addressList(list: readonly DigestMailbox[], isUtf8: boolean): string {
  if (list.length === 0) return 'NIL';
  let all = '';
  for (const mailbox of list) all += addressText(mailbox, isUtf8);
  return `(${all})`;
}

function addressText({ name, address }: DigestMailbox, isUtf8: boolean): string {
  const at = address.lastIndexOf('@');
  const local = at < 0 ? address : address.slice(0, at);
  // A NIL here would begin or end a group (RFC 9051 7.5.2): what has no domain has an empty one.
  const host = at < 0 ? '' : address.slice(at + 1);
  return `(${headerString(name || undefined)} NIL ${textString(local, isUtf8)} ${textString(host, isUtf8)})`;
}
