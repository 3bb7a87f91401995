import type { DigestEnvelope, EmptyField } from '@stopgap/message';
import { wire } from '../ids.ts';
import { MethodError } from '../method-error.ts';
import type { Json } from '../method.ts';
import { bodyLists } from './body-lists.ts';
import { bodyValues, type BodyValueOptions } from './body-values.ts';
import { dateWithZone, emailAddress, shownText, utcDate } from './header-forms.ts';
import {
  fieldsOf,
  headerProperty,
  headerPropertyValue,
  MOST_HEADER_PROPERTIES,
  rawHeaders,
  type HeaderProperty,
} from './header-properties.ts';
import { keywordsOf } from './keywords.ts';
import { PartObjects, type PartProperties } from './part-object.ts';
import { numbered } from './parts.ts';
import type { EmailSource, StoredEmail } from './source.ts';

/** RFC 8621 4.1 */
const STORED = ['id', 'threadId', 'mailboxIds', 'keywords', 'receivedAt'] as const;
const OF_HEADER = ['messageId', 'inReplyTo', 'references', 'sender', 'from', 'to', 'cc', 'bcc', 'replyTo', 'subject', 'sentAt'] as const;
const OF_CONTENT = [
  'blobId',
  'size',
  'headers',
  'hasAttachment',
  'preview',
  'bodyValues',
  'textBody',
  'htmlBody',
  'attachments',
  'bodyStructure',
] as const;
type EmailProperty = (typeof STORED)[number] | (typeof OF_HEADER)[number] | (typeof OF_CONTENT)[number];
const KNOWN: readonly EmailProperty[] = [...STORED, ...OF_HEADER, ...OF_CONTENT];

export interface EmailProperties extends BodyValueOptions {
  readonly plain: ReadonlySet<EmailProperty>;
  readonly headers: readonly HeaderProperty[];
  readonly parts: PartProperties;
}

/** RFC 8621 4.2: all that a reader needs. */
const DEFAULT: readonly EmailProperty[] = KNOWN.filter((name) => name !== 'headers' && name !== 'bodyStructure');

/** @throws MethodError invalidArguments */
export function emailProperties(asked: readonly string[] | null | undefined): Pick<EmailProperties, 'plain' | 'headers'> {
  const plain = new Set<EmailProperty>();
  const headers: HeaderProperty[] = [];
  for (const name of new Set(asked ?? DEFAULT)) {
    const known = KNOWN.find((one) => one === name);
    const header = known === undefined ? headerProperty(name) : undefined;
    if (known !== undefined) plain.add(known);
    else if (header !== undefined) headers.push(header);
    else throw new MethodError('invalidArguments', `An Email has no property ${name.slice(0, 100)}.`);
  }
  if (headers.length > MOST_HEADER_PROPERTIES) throw new MethodError('requestTooLarge', 'These are too many header properties.');
  return { plain, headers };
}

export async function emailObject(source: EmailSource & { readonly row?: StoredEmail['row'] }, wanted: EmailProperties): Promise<Json> {
  const { plain, headers } = wanted;
  const object: Record<string, unknown> = { id: source.row === undefined ? null : wire.email(source.row.id) };
  for (const name of STORED) if (plain.has(name)) object[name] = storedProperty(name, source.row);
  for (const name of OF_HEADER) if (plain.has(name)) object[name] = headerFieldProperty(name, source);
  if (plain.has('blobId')) object['blobId'] = source.blobId();
  if (plain.has('size')) object['size'] = source.sizeBytes;
  if (plain.has('hasAttachment')) object['hasAttachment'] = source.attachments.some(({ isInline }) => !isInline);
  if (plain.has('preview')) object['preview'] = source.preview;
  if (plain.has('headers') || headers.length > 0) {
    const fields = fieldsOf((await source.bytes(source.structure.bodyStart)).subarray(0, source.structure.bodyStart));
    if (plain.has('headers')) object['headers'] = rawHeaders(fields);
    for (const header of headers) object[header.property] = headerPropertyValue(header, fields);
  }
  if (BODY.some((name) => plain.has(name))) Object.assign(object, await bodyProperties(source, wanted));
  return object;
}

const BODY = ['bodyValues', 'textBody', 'htmlBody', 'attachments', 'bodyStructure'] as const;

async function bodyProperties(source: EmailSource, wanted: EmailProperties): Promise<Json> {
  const { plain } = wanted;
  const root = numbered(source.structure);
  const lists = bodyLists(root);
  const isPart = BODY.some((name) => name !== 'bodyValues' && plain.has(name));
  const parts = isPart ? await PartObjects.of(source, wanted.parts) : undefined;
  const object: Record<string, unknown> = {};
  if (plain.has('bodyStructure') && parts !== undefined) {
    // Without subParts a structure would be none.
    const whole = await PartObjects.of(source, { ...wanted.parts, plain: new Set([...wanted.parts.plain, 'subParts'] as const) });
    object['bodyStructure'] = whole.object(root);
  }
  for (const name of ['textBody', 'htmlBody', 'attachments'] as const) {
    if (plain.has(name) && parts !== undefined) object[name] = lists[name].map((one) => parts.object(one));
  }
  if (plain.has('bodyValues')) object['bodyValues'] = await bodyValues(source, lists, wanted);
  return object;
}

function storedProperty(name: (typeof STORED)[number], row: StoredEmail['row'] | undefined): unknown {
  if (row === undefined) return null;
  switch (name) {
    case 'id':
      return wire.email(row.id);
    case 'threadId':
      return wire.thread(row.thread);
    case 'mailboxIds':
      return { [wire.mailbox(row.mailbox)]: true };
    case 'keywords':
      return keywordsOf(row.flags);
    case 'receivedAt':
      return utcDate(row.receivedAtMs);
    default:
      return name satisfies never;
  }
}

/** Null: the message has no such field, or (RFC 8621 4.1.2.5, 4.1.2.6) one that can not be read. */
function headerFieldProperty(name: (typeof OF_HEADER)[number], { envelope }: EmailSource): unknown {
  switch (name) {
    case 'messageId':
      return idsOf(envelope.messageId === undefined ? [] : [envelope.messageId]);
    case 'inReplyTo':
    case 'references':
      return idsOf(envelope[name]);
    case 'sender':
    case 'from':
    case 'to':
    case 'cc':
    case 'bcc':
    case 'replyTo':
      return envelope[name].length === 0 && !isEmptyField(name, envelope) ? null : envelope[name].map(emailAddress);
    case 'subject':
      return envelope.subject === '' && !isEmptyField(name, envelope) ? null : shownText(envelope.subject);
    case 'sentAt':
      return envelope.date === undefined ? null : dateWithZone(envelope.date);
    default:
      return name satisfies never;
  }
}

function idsOf(ids: readonly string[]): readonly string[] | null {
  return ids.length === 0 ? null : ids.map((id) => id.replace(/^<(.*)>$/, '$1'));
}

function isEmptyField(name: EmptyField, { emptyFields }: DigestEnvelope): boolean {
  return emptyFields?.includes(name) === true;
}
