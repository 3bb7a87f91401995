import { partBytes, type HeaderField } from '@stopgap/message';
import { MethodError } from '../method-error.ts';
import type { Json } from '../method.ts';
import {
  fieldsOf,
  headerProperty,
  headerPropertyValue,
  MOST_HEADER_PROPERTIES,
  rawHeaders,
  type HeaderProperty,
} from './header-properties.ts';
import { nameOf, typeOf, type NumberedPart } from './parts.ts';
import type { EmailSource } from './source.ts';

/** RFC 8621 4.1.4 EmailBodyPart */
const PART_PROPERTIES = [
  'partId',
  'blobId',
  'size',
  'headers',
  'name',
  'type',
  'charset',
  'disposition',
  'cid',
  'language',
  'location',
  'subParts',
] as const;
type PartProperty = (typeof PART_PROPERTIES)[number];

const DEFAULT: readonly PartProperty[] = [
  'partId',
  'blobId',
  'size',
  'name',
  'type',
  'charset',
  'disposition',
  'cid',
  'language',
  'location',
];
/** The exact size of what is encoded is known when it is decoded; of larger messages it is reckoned. */
const EXACT_BYTES = 1024 * 1024;

export interface PartProperties {
  readonly plain: ReadonlySet<PartProperty>;
  readonly headers: readonly HeaderProperty[];
}

/** @throws MethodError invalidArguments */
export function partProperties(asked: readonly string[] | null | undefined): PartProperties {
  const plain = new Set<PartProperty>();
  const headers: HeaderProperty[] = [];
  for (const name of new Set(asked ?? DEFAULT)) {
    const known = PART_PROPERTIES.find((one) => one === name);
    const header = known === undefined ? headerProperty(name) : undefined;
    if (known !== undefined) plain.add(known);
    else if (header !== undefined) headers.push(header);
    else throw new MethodError('invalidArguments', `A body part has no property ${name.slice(0, 100)}.`);
  }
  if (headers.length > MOST_HEADER_PROPERTIES) throw new MethodError('requestTooLarge', 'These are too many header properties.');
  return { plain, headers };
}

/** Makes the objects of one message's parts; opens the message only when something of it can not be told without. */
export class PartObjects {
  readonly #source: EmailSource;
  readonly #wanted: PartProperties;
  readonly #bytes: Buffer | undefined;

  private constructor(source: EmailSource, wanted: PartProperties, bytes: Buffer | undefined) {
    this.#source = source;
    this.#wanted = wanted;
    this.#bytes = bytes;
  }

  static async of(source: EmailSource, wanted: PartProperties): Promise<PartObjects> {
    const needsHeader = wanted.plain.has('headers') || wanted.headers.length > 0;
    const needsSize = wanted.plain.has('size') && source.sizeBytes <= EXACT_BYTES && hasEncoded(source.structure);
    return new PartObjects(source, wanted, needsHeader || needsSize ? await source.bytes() : undefined);
  }

  object(one: NumberedPart): Json {
    const { part, section, parts } = one;
    const { plain, headers } = this.#wanted;
    const fields = plain.has('headers') || headers.length > 0 ? this.#fields(one) : [];
    const make: Readonly<Record<PartProperty, () => unknown>> = {
      partId: () => (parts === undefined ? section : null),
      blobId: () => (parts === undefined ? this.#source.blobId(section) : null),
      size: () => (parts === undefined ? this.#size(one) : 0),
      headers: () => rawHeaders(fields),
      name: () => nameOf(part) ?? null,
      type: () => typeOf(part),
      // RFC 2045 5.2: text without a charset is us-ascii.
      charset: () => part.parameters['charset'] ?? (part.type === 'text' ? 'us-ascii' : null),
      disposition: () => part.disposition?.type ?? null,
      cid: () => part.id?.replace(/^<(.*)>$/, '$1') ?? null,
      language: () => part.language ?? null,
      location: () => part.location ?? null,
      subParts: () => parts?.map((child) => this.object(child)) ?? null,
    };
    return {
      ...Object.fromEntries([...plain].map((name) => [name, make[name]()])),
      ...Object.fromEntries(headers.map((header) => [header.property, headerPropertyValue(header, fields)])),
    };
  }

  #fields({ part }: NumberedPart): readonly HeaderField[] {
    return this.#bytes === undefined ? [] : fieldsOf(this.#bytes.subarray(part.headerStart, part.bodyStart));
  }

  #size({ part }: NumberedPart): number {
    if (this.#bytes !== undefined && this.#bytes.length >= part.bodyStart + part.sizeBytes) return partBytes(part, this.#bytes).length;
    return part.encoding === 'base64' ? Math.floor((Math.max(0, part.sizeBytes - 2 * part.lines) * 3) / 4) : part.sizeBytes;
  }
}

function hasEncoded({ encoding, parts }: EmailSource['structure']): boolean {
  return encoding === 'base64' || encoding === 'quoted-printable' || (parts?.some(hasEncoded) ?? false);
}
