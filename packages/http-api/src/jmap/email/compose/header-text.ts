import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { addressField, messageIdField, rawField, rfc5322Date, textField, type AddressGroup } from '@stopgap/message';
import { SetProblem } from '../../method-error.ts';
import type { CallContext, Json } from '../../method.ts';
import { invalidProperties } from '../../set.ts';
import { headerProperty, type HeaderProperty } from '../header-properties.ts';
import { MethodError } from '../../method-error.ts';

/** RFC 8621 4.1.3: what they stand for. */
const CONVENIENT: ReadonlyMap<string, string> = new Map([
  ['messageId', 'header:Message-ID:asMessageIds'],
  ['inReplyTo', 'header:In-Reply-To:asMessageIds'],
  ['references', 'header:References:asMessageIds'],
  ['sender', 'header:Sender:asAddresses'],
  ['from', 'header:From:asAddresses'],
  ['to', 'header:To:asAddresses'],
  ['cc', 'header:Cc:asAddresses'],
  ['bcc', 'header:Bcc:asAddresses'],
  ['replyTo', 'header:Reply-To:asAddresses'],
  ['subject', 'header:Subject:asText'],
  ['sentAt', 'header:Date:asDate'],
]);

const MOST_ADDRESSES = 2000;
const text = z.string().max(100_000);
const address = z.strictObject({ name: z.string().max(1000).nullish(), email: z.string().min(1).max(1000) });
const addresses = z.array(address).max(MOST_ADDRESSES);
const VALUES = {
  Raw: text,
  Text: text,
  Addresses: addresses,
  GroupedAddresses: z.array(z.strictObject({ name: z.string().nullable(), addresses })),
  MessageIds: z.array(z.string().regex(/^[^\s<>\x00-\x1f]{1,990}$/)).max(1000),
  Date: z.iso.datetime({ offset: true }),
  URLs: z.array(z.string().regex(/^[^\s<>\x00-\x1f]{1,990}$/)).max(100),
} as const;

const LISTS: ReadonlySet<HeaderProperty['form']> = new Set(['Addresses', 'GroupedAddresses', 'MessageIds', 'URLs']);

export function isHeaderProperty(name: string): boolean {
  return CONVENIENT.has(name) || name.startsWith('header:');
}

/** The message's own fields. Message-ID and Date are made where they are not given. @throws SetProblem invalidProperties */
export function headerText(properties: Json, { deps }: Pick<CallContext, 'deps'>): string {
  const fields = fieldTexts(properties, (name) => name.startsWith('content-') || name === 'mime-version');
  const made = [
    ...(fields.has('date') ? [] : [rawField('Date', rfc5322Date(deps.clock.nowMs()))]),
    ...(fields.has('message-id') ? [] : [messageIdField('Message-ID', [`${randomUUID()}@${deps.hostname}`])]),
  ];
  return [...made, ...fields.values()].join('');
}

/** What a part says beside its properties, which have these fields to themselves. @throws SetProblem invalidProperties */
export function partHeaderText(properties: Json, taken: ReadonlySet<string>): string {
  return [...fieldTexts(properties, (name) => taken.has(name)).values()].join('');
}

/** By name, in lower case. */
function fieldTexts(properties: Json, isTaken: (name: string) => boolean): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const [name, value] of Object.entries(properties)) {
    if (!isHeaderProperty(name)) continue;
    const header = propertyOf(name);
    // RFC 8621 4.6: no two properties may say the same field.
    if (fields.has(header.name)) throw invalidProperties([name], 'This field is given twice.');
    if (isTaken(header.name)) throw invalidProperties([name], 'That is said in another way.');
    const field = value === null ? '' : fieldText(header, value);
    if (field !== '') fields.set(header.name, field);
  }
  return fields;
}

function propertyOf(name: string): HeaderProperty {
  try {
    const header = headerProperty(CONVENIENT.get(name) ?? name);
    if (header !== undefined) return header;
  } catch (error) {
    if (!(error instanceof MethodError)) throw error;
  }
  throw invalidProperties([name], 'That is no header field.');
}

function fieldText(header: HeaderProperty, value: unknown): string {
  const written = /^header:([^:]+)/.exec(header.property)?.[1] ?? header.name;
  const values = header.isAll ? valueOf(header, z.array(z.unknown()), value) : [value];
  return values.map((one) => oneField(written, header, one)).join('');
}

function oneField(name: string, header: HeaderProperty, value: unknown): string {
  // RFC 5322 3.6: a list has one at least, or there is no such field.
  if (LISTS.has(header.form) && Array.isArray(value) && value.length === 0) return '';
  switch (header.form) {
    case 'Raw':
      return rawField(name, valueOf(header, VALUES.Raw, value));
    case 'Text':
      return textField(name, valueOf(header, VALUES.Text, value));
    case 'Addresses':
      return addressField(name, [{ name: null, addresses: mailboxes(valueOf(header, VALUES.Addresses, value)) }]);
    case 'GroupedAddresses': {
      const groups = valueOf(header, VALUES.GroupedAddresses, value);
      return addressField(
        name,
        groups.map((group): AddressGroup => ({ name: group.name, addresses: mailboxes(group.addresses) })),
      );
    }
    case 'MessageIds':
      return messageIdField(name, valueOf(header, VALUES.MessageIds, value));
    case 'Date':
      return rawField(name, zonedDate(valueOf(header, VALUES.Date, value)));
    case 'URLs':
      return rawField(
        name,
        valueOf(header, VALUES.URLs, value)
          .map((url) => `<${url}>`)
          .join(', '),
      );
    default:
      return header.form satisfies never;
  }
}

/** In the zone that the client gave. */
function zonedDate(text: string): string {
  const [, sign, hours = '0', minutes = '0'] = /([+-])(\d\d):(\d\d)$/.exec(text) ?? [];
  return rfc5322Date(Date.parse(text), (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)));
}

function valueOf<T>({ property }: HeaderProperty, schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new SetProblem('invalidProperties', 'Its value is of another form.', { properties: [property] });
}

function mailboxes(list: z.infer<typeof addresses>) {
  return list.map(({ name, email }) => ({ name: name ?? '', address: email }));
}
