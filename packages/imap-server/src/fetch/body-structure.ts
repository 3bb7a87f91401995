import type { DigestPart } from '@stopgap/message';
import { headerText, nstring, string, utf8Octets } from '../wire/encode.ts';
import { envelopeText } from './envelope.ts';

interface Form {
  readonly isUtf8: boolean;
  /** BODYSTRUCTURE; false: BODY, without the extension data. */
  readonly isExtended: boolean;
}

/** RFC 9051 9 body needs at least one part in a multipart; of one without any this stands for it. */
const EMPTY_PART = '("text" "plain" NIL NIL NIL "7bit" 0 0)';

/** RFC 9051 7.5.2 BODY, BODYSTRUCTURE. As deep as the message was taken apart, which has its bound in package message. */
export function bodyStructureText(part: DigestPart, form: Form): string {
  return part.parts === undefined ? single(part, form) : multipart(part, part.parts, form);
}

function multipart(part: DigestPart, parts: readonly DigestPart[], form: Form): string {
  const inner = parts.length === 0 ? EMPTY_PART : parts.map((one) => bodyStructureText(one, form)).join('');
  const extension = form.isExtended ? ` ${parameters(part.parameters)} ${lastExtensions(part)}` : '';
  return `(${inner} ${text(part.subtype)}${extension})`;
}

function single(part: DigestPart, form: Form): string {
  const fields = [
    text(part.type),
    text(part.subtype),
    parameters(part.parameters),
    nstring(part.id === undefined ? undefined : headerText(part.id)),
    nstring(part.description === undefined ? undefined : headerText(part.description)),
    text(part.encoding),
    String(part.sizeBytes),
  ];
  const { message } = part;
  if (message !== undefined) {
    fields.push(envelopeText(message.envelope, form.isUtf8), bodyStructureText(message.structure, form), String(part.lines));
  } else if (part.type === 'text') fields.push(String(part.lines));
  if (form.isExtended) fields.push(nstring(part.md5 === undefined ? undefined : headerText(part.md5)), lastExtensions(part));
  return `(${fields.join(' ')})`;
}

function lastExtensions({ disposition, language, location }: DigestPart): string {
  const where = disposition === undefined ? 'NIL' : `(${text(disposition.type)} ${parameters(disposition.parameters)})`;
  const tongues = language === undefined || language.length === 0 ? 'NIL' : `(${language.map(text).join(' ')})`;
  return `${where} ${tongues} ${nstring(location === undefined ? undefined : headerText(location))}`;
}

function parameters(values: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(values).map(([name, value]) =>
    // RFC 2231 4: the form in which it would stand in the header.
    /^[\x20-\x7e]*$/.test(value)
      ? `${text(name)} ${string(value)}`
      : `${text(`${name}*`)} ${string(`utf-8''${encodeURIComponent(value.toWellFormed())}`)}`,
  );
  return pairs.length === 0 ? 'NIL' : `(${pairs.join(' ')})`;
}

function text(value: string): string {
  return string(utf8Octets(value));
}
