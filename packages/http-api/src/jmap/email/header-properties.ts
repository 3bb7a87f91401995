import { MAX_HEADER_BYTES, parseHeader, type HeaderField } from '@stopgap/message';
import { MethodError } from '../method-error.ts';
import { headerValue, type HeaderForm } from './header-forms.ts';

/** Each is looked for in all fields of each message. */
export const MOST_HEADER_PROPERTIES = 100;

/** RFC 8621 4.1.2 `header:{name}[:as{form}][:all]` */
export interface HeaderProperty {
  /** As it was asked for. */
  readonly property: string;
  /** Lower case. */
  readonly name: string;
  readonly form: HeaderForm;
  readonly isAll: boolean;
}

const FORMS: readonly HeaderForm[] = ['Raw', 'Text', 'Addresses', 'GroupedAddresses', 'MessageIds', 'Date', 'URLs'];
const words = (text: string): readonly string[] => text.split(' ');
/** The forms of fields that an RFC defines; any other may be read in each form (RFC 8621 4.1.2). */
const FORMS_OF: ReadonlyMap<string, readonly HeaderForm[]> = new Map<string, readonly HeaderForm[]>([
  ...words('subject comments keywords list-id').map((name) => [name, ['Raw', 'Text']] as const),
  ...words('from sender reply-to to cc bcc resent-from resent-sender resent-reply-to resent-to resent-cc resent-bcc').map(
    (name) => [name, ['Raw', 'Addresses', 'GroupedAddresses']] as const,
  ),
  ...words('message-id in-reply-to references resent-message-id').map((name) => [name, ['Raw', 'MessageIds']] as const),
  ...words('date resent-date').map((name) => [name, ['Raw', 'Date']] as const),
  ...words('list-help list-unsubscribe list-subscribe list-post list-owner list-archive').map((name) => [name, ['Raw', 'URLs']] as const),
  ...words('return-path received').map((name) => [name, ['Raw']] as const),
]);

/** Undefined: no header property at all. @throws MethodError invalidArguments */
export function headerProperty(property: string): HeaderProperty | undefined {
  if (!property.startsWith('header:')) return undefined;
  const [, name, as, all] = /^header:([!-9;-~]{1,200})(?::as([A-Za-z]{1,20}))?(:all)?$/.exec(property) ?? [];
  const form = as === undefined ? 'Raw' : FORMS.find((one) => one === as);
  const known = FORMS_OF.get(name?.toLowerCase() ?? '') ?? FORMS;
  if (name === undefined || form === undefined || !known.includes(form)) {
    throw new MethodError('invalidArguments', `${property.slice(0, 100)} can not be had.`);
  }
  return { property, name: name.toLowerCase(), form, isAll: all !== undefined };
}

/** The last field of the name counts; null: there is none. `all`: each of them. */
export function headerPropertyValue({ name, form, isAll }: HeaderProperty, fields: readonly HeaderField[]): unknown {
  const values = fields.filter((field) => field.name === name).map((field) => headerValue(bodyOf(field), form));
  return isAll ? values : (values.at(-1) ?? null);
}

/** RFC 8621 4.1.2.1, in their order. */
export function rawHeaders(fields: readonly HeaderField[]): readonly { readonly name: string; readonly value: unknown }[] {
  return fields
    .filter(({ name }) => name !== '')
    .map((field) => ({ name: field.raw.slice(0, field.raw.indexOf(':')).trimEnd(), value: headerValue(bodyOf(field), 'Raw') }));
}

/** Of a part or the message. Bare LF ends a line, too: mail that came by another way has them. */
export function fieldsOf(block: Buffer): readonly HeaderField[] {
  const text = block.subarray(0, MAX_HEADER_BYTES).toString('latin1');
  const lines = /(?<!\r)\n/.test(text) ? text.replaceAll(/\r?\n/g, '\r\n') : text;
  return parseHeader(Buffer.from(lines.slice(0, MAX_HEADER_BYTES), 'latin1'));
}

function bodyOf({ raw }: HeaderField): string {
  return raw.slice(raw.indexOf(':') + 1).replace(/\r\n$/, '');
}
