import type { DigestAddressField, DigestEnvelope, DigestGroup, DigestMailbox, DigestPart } from '@stopgap/message';
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

/** RFC 9051 7.5.2 ENVELOPE, decoded where IMAP has encoded words. */
export function envelopeOf(envelope: DigestEnvelope): ImapValue {
  const valueOf = (field: DigestAddressField) => mailboxesOf(envelope[field], envelope.groups?.[field] ?? []);
  const from = valueOf('from');
  return [
    envelope.date ?? null,
    envelope.subject,
    from,
    valueOf('sender') ?? from,
    valueOf('replyTo') ?? from,
    valueOf('to'),
    valueOf('cc'),
    valueOf('bcc'),
    envelope.inReplyTo.join(' ') || null,
    envelope.messageId ?? null,
  ];
}

function mailboxesOf(mailboxes: readonly DigestMailbox[], groups: readonly DigestGroup[]): ImapValue {
  const values: ImapValue[] = mailboxes.map(({ name, address }) => {
    const at = address.lastIndexOf('@');
    return at < 0 ? [name || null, null, address, 'MISSING_DOMAIN'] : [name || null, null, address.slice(0, at), address.slice(at + 1)];
  });
  // From the last one on, so that the places of the earlier ones stay.
  for (const { name, start, end } of groups.toReversed()) {
    values.splice(end, 0, [null, null, null, null]);
    values.splice(start, 0, [null, null, name, null]);
  }
  return values.length === 0 ? null : values;
}

function parametersOf(parameters: Readonly<Record<string, string>>): ImapValue {
  const entries = Object.entries(parameters);
  return entries.length === 0 ? null : entries.flat();
}

function dispositionOf({ disposition }: DigestPart): ImapValue {
  return disposition === undefined ? null : [disposition.type, parametersOf(disposition.parameters)];
}
