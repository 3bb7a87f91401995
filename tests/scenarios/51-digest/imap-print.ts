import type { DigestEnvelope, DigestMailbox, DigestPart } from '@stopgap/message';
import type { ImapValue } from '../../lab/index.ts';

/** RFC 9051 7.5.2 BODYSTRUCTURE, with what Dovecot adds: the default charset of a text, and an empty text in a multipart without parts. */
export function bodyStructureOf(part: DigestPart): ImapValue {
  const extension = [dispositionOf(part), part.language ?? null, part.location ?? null];
  if (part.parts !== undefined) {
    const parts = part.parts.length > 0 ? part.parts.map(bodyStructureOf) : [EMPTY_TEXT];
    return [...parts, part.subtype, parametersOf(part.parameters), ...extension];
  }
  const isText = part.type === 'text';
  const parameters = isText && part.parameters.charset === undefined ? { ...part.parameters, charset: 'us-ascii' } : part.parameters;
  const fields = [part.type, part.subtype, parametersOf(parameters), part.id ?? null, part.description ?? null, part.encoding];
  const { message } = part;
  return [
    ...fields,
    String(part.sizeBytes),
    ...(message === undefined ? [] : [envelopeOf(message.envelope), bodyStructureOf(message.structure)]),
    ...(isText || message !== undefined ? [String(part.lines)] : []),
    part.md5 ?? null,
    ...extension,
  ];
}

const EMPTY_TEXT: ImapValue = ['text', 'plain', ['charset', 'us-ascii'], null, null, '7bit', '0', '0'];

/** RFC 9051 7.5.2 ENVELOPE, decoded where IMAP has encoded words; a group is given by its members. */
export function envelopeOf(envelope: DigestEnvelope): ImapValue {
  const { from } = envelope;
  return [
    envelope.date ?? null,
    envelope.subject,
    mailboxesOf(from),
    mailboxesOf(envelope.sender.length > 0 ? envelope.sender : from),
    mailboxesOf(envelope.replyTo.length > 0 ? envelope.replyTo : from),
    mailboxesOf(envelope.to),
    mailboxesOf(envelope.cc),
    mailboxesOf(envelope.bcc),
    envelope.inReplyTo.join(' ') || null,
    envelope.messageId ?? null,
  ];
}

function mailboxesOf(mailboxes: readonly DigestMailbox[]): ImapValue {
  if (mailboxes.length === 0) return null;
  return mailboxes.map(({ name, address }) => {
    const at = address.lastIndexOf('@');
    return at < 0 ? [name || null, null, address, 'MISSING_DOMAIN'] : [name || null, null, address.slice(0, at), address.slice(at + 1)];
  });
}

function parametersOf(parameters: Readonly<Record<string, string>>): ImapValue {
  const entries = Object.entries(parameters);
  return entries.length === 0 ? null : entries.flat();
}

function dispositionOf({ disposition }: DigestPart): ImapValue {
  return disposition === undefined ? null : [disposition.type, parametersOf(disposition.parameters)];
}
