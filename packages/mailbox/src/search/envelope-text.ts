/* The fields of a header that the envelope holds, as text to look into. */
import type { DigestAddressField, DigestEnvelope, DigestMailbox } from '@stopgap/message';
import { foldLetters } from './words.ts';

const FIELDS: ReadonlyMap<string, (envelope: DigestEnvelope) => readonly string[]> = new Map([
  ['subject', ({ subject }: DigestEnvelope) => (subject === '' ? [] : [subject])],
  ['message-id', ({ messageId }: DigestEnvelope) => (messageId === undefined ? [] : [messageId])],
  ['in-reply-to', ({ inReplyTo }: DigestEnvelope) => inReplyTo],
  ['references', ({ references }: DigestEnvelope) => references],
  ['date', ({ date }: DigestEnvelope) => (date === undefined ? [] : [date])],
  ['from', addressTexts('from')],
  ['to', addressTexts('to')],
  ['cc', addressTexts('cc')],
  ['bcc', addressTexts('bcc')],
]);

/**
 * Is this field of an envelope there, and does it hold the value: a substring, in any case; '' is in every field. Who writes no accents looks for letters with
 * and without them, who writes them for these alone (RFC 5051 does it so, the marks standing behind their letters).
 * Undefined: the envelope does not have such a field, the header has to be asked. @param name in lower case
 */
export function envelopeLook(name: string, value: string): ((envelope: DigestEnvelope) => boolean) | undefined {
  const textsOf = FIELDS.get(name);
  const folded = foldLetters(value);
  const fold = folded === withMarks(value) ? foldLetters : withMarks;
  const wanted = fold(value);
  return textsOf && ((envelope) => textsOf(envelope).some((text) => fold(text).includes(wanted)));
}

/**
 * The longest run of ASCII in a value that has to stand in an envelope's text one for one, if that is ASCII: what names and addresses are put together with is
 * no part of it.
 */
export function envelopeNeedle(value: string): string {
  const runs = foldLetters(value).match(/[\x21-\x3b=\x3f-\x7e]+/g) ?? [];
  return runs.reduce((longest, run) => (run.length > longest.length ? run : longest), '');
}

function withMarks(text: string): string {
  return text.normalize('NFKC').toLowerCase().replaceAll('ß', 'ss');
}

/** The names of groups are text of the field, too. */
function addressTexts(field: DigestAddressField) {
  return (envelope: DigestEnvelope): readonly string[] => [
    ...envelope[field].map(mailboxText),
    ...(envelope.groups?.[field] ?? []).map(({ name }) => `${name}:`),
  ];
}

function mailboxText({ name, address }: DigestMailbox): string {
  return name === '' ? address : `${name} <${address}>`;
}
