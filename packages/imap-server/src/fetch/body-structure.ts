import type { DigestPart } from '@stopgap/message';
import { headerString, string, textString } from '../wire/encode.ts';
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
  return `(${inner} ${textString(part.subtype)}${extension})`;
}

function single(part: DigestPart, form: Form): string {
  const { type, message } = part;
  const basic = `${textString(type)} ${textString(part.subtype)} ${parameters(part.parameters)} ${headerString(part.id)} ${headerString(part.description)}`;
  let text = `(${basic} ${textString(part.encoding)} ${part.sizeBytes}`;
  if (message !== undefined) {
    text += ` ${envelopeText(message.envelope, form.isUtf8)} ${bodyStructureText(message.structure, form)} ${part.lines}`;
  } else if (type === 'text') text += ` ${part.lines}`;
  return form.isExtended ? `${text} ${headerString(part.md5)} ${lastExtensions(part)})` : `${text})`;
}

function lastExtensions({ disposition, language, location }: DigestPart): string {
  const where = disposition === undefined ? 'NIL' : `(${textString(disposition.type)} ${parameters(disposition.parameters)})`;
  const tongues = language === undefined || language.length === 0 ? 'NIL' : `(${language.map((tongue) => textString(tongue)).join(' ')})`;
  return `${where} ${tongues} ${headerString(location)}`;
}

function parameters(values: Readonly<Record<string, string>>): string {
  let pairs = '';
  for (const [name, value] of Object.entries(values)) {
    // RFC 2231 4: the form in which it would stand in the header.
    const pair = /^[\x20-\x7e]*$/.test(value)
      ? `${textString(name)} ${string(value)}`
      : `${textString(`${name}*`)} ${string(`utf-8''${encodeURIComponent(value.toWellFormed())}`)}`;
    pairs += pairs === '' ? pair : ` ${pair}`;
  }
  return pairs === '' ? 'NIL' : `(${pairs})`;
}
