import { z } from 'zod';
import { messageIdField, parameterField, rawField, type PartPlan } from '@stopgap/message';
import { openBlob } from '../../blobs/open-blob.ts';
import { SetProblem } from '../../method-error.ts';
import type { CallContext, Json } from '../../method.ts';
import { invalidProperties } from '../../set.ts';
import { blobNotFound } from './compose.ts';
import { partHeaderText } from './header-text.ts';

export const BODY_PROPERTIES: ReadonlySet<string> = new Set(['bodyStructure', 'bodyValues', 'textBody', 'htmlBody', 'attachments']);

const MOST_PARTS = 1000;
const DEEPEST = 20;
const TYPE = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,126}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}$/;

const name = z.string().max(1000).nullish();
interface GivenPart {
  readonly partId?: string | null | undefined;
  readonly blobId?: string | null | undefined;
  readonly type?: string | null | undefined;
  readonly name?: string | null | undefined;
  readonly disposition?: string | null | undefined;
  readonly cid?: string | null | undefined;
  readonly charset?: string | null | undefined;
  readonly language?: readonly string[] | null | undefined;
  readonly location?: string | null | undefined;
  readonly subParts?: readonly GivenPart[] | null | undefined;
}
const PART = {
  partId: z.string().nullish(),
  blobId: z.string().nullish(),
  type: z.string().toLowerCase().regex(TYPE).nullish(),
  name,
  disposition: z.enum(['attachment', 'inline']).nullish(),
  cid: z
    .string()
    .regex(/^[^\s<>\x00-\x1f]{1,200}$/)
    .nullish(),
  language: z.array(z.string().regex(/^[A-Za-z0-9-]{1,40}$/)).nullish(),
  location: z
    .string()
    .regex(/^[\x21-\x7e]{1,900}$/)
    .nullish(),
  charset: z
    .string()
    .regex(/^[\w.:+-]{1,40}$/)
    .nullish(),
  // Said by us: RFC 8621 4.6 lets a client leave it in as it was.
  size: z.number().nullish(),
  get subParts() {
    return z.array(partSchema).nullish();
  },
};
const partSchema: z.ZodType<GivenPart> = z.lazy(() =>
  // Fields of the header stand among them, by names that nobody can list.
  z
    .object(PART)
    .catchall(z.unknown())
    .superRefine((part, issues) => {
      const unknown = Object.keys(part).filter((name) => !Object.hasOwn(PART, name) && !name.startsWith('header:'));
      if (unknown.length > 0) issues.addIssue({ code: 'custom', message: `${unknown.join(', ').slice(0, 100)} is nothing of a part.` });
    }),
);
const valuesSchema = z.record(
  z.string(),
  z.strictObject({ value: z.string(), isEncodingProblem: z.literal(false).optional(), isTruncated: z.literal(false).optional() }),
);

interface Making {
  readonly context: CallContext;
  readonly missing: Set<string>;
  readonly values: z.infer<typeof valuesSchema>;
  parts: number;
}

/** @throws SetProblem invalidProperties, blobNotFound */
export async function bodyPlan(properties: Json, context: CallContext): Promise<PartPlan> {
  const values = parsed(valuesSchema, properties['bodyValues'] ?? {}, 'bodyValues');
  const making: Making = { context, values, parts: 0, missing: new Set() };
  const structure = properties['bodyStructure'];
  if (structure !== undefined && structure !== null) {
    if (['textBody', 'htmlBody', 'attachments'].some((one) => Object.hasOwn(properties, one)))
      throw invalidProperties(['bodyStructure'], 'Either the structure or the lists.');
    return whole(await planOf(parsed(partSchema, structure, 'bodyStructure'), making, 0), making);
  }
  return whole(await planOfLists(properties, making), making);
}

/** RFC 8621 4.6: every blob that is not there is named. */
function whole(plan: PartPlan, { missing }: Making): PartPlan {
  if (missing.size > 0) throw blobNotFound([...missing]);
  return plan;
}

/** The shape that mail programs expect: mixed( alternative( text, related( html, pictures ) ), files ). */
async function planOfLists(properties: Json, making: Making): Promise<PartPlan> {
  const list = (property: string, most: number): readonly GivenPart[] =>
    parsed(z.array(partSchema).max(most), properties[property] ?? [], property);
  const plain = await plansOf(list('textBody', 1), 'text/plain', making);
  const html = await plansOf(list('htmlBody', 1), 'text/html', making);
  const given = list('attachments', MOST_PARTS);
  const isPicture = (part: GivenPart): boolean => html.length > 0 && part.disposition !== 'attachment' && isGiven(part.cid);
  const pictures = await plansOf(given.filter(isPicture), undefined, making);
  const files = await plansOf(
    given.filter((part) => !isPicture(part)),
    undefined,
    making,
  );
  const shown = pictures.length > 0 ? [multipart('related', [...html, ...pictures])] : html;
  const body = plain.length > 0 && shown.length > 0 ? [multipart('alternative', [...plain, ...shown])] : [...plain, ...shown];
  const all = [...body, ...files];
  const [only] = all;
  if (only === undefined) return { kind: 'text', subtype: 'plain', text: '' };
  return all.length === 1 && files.length === 0 ? only : multipart('mixed', all);
}

function multipart(subtype: string, parts: readonly PartPlan[]): PartPlan {
  return { kind: 'multipart', subtype, parts };
}

async function plansOf(parts: readonly GivenPart[], type: string | undefined, making: Making): Promise<PartPlan[]> {
  const plans: PartPlan[] = [];
  for (const part of parts) {
    if (type !== undefined && isGiven(part.type) && part.type !== type)
      throw invalidProperties(['textBody', 'htmlBody'], `A body is ${type}.`);
    const isFile = type === undefined && !isGiven(part.disposition);
    plans.push(
      await planOf({ ...part, ...(type === undefined ? {} : { type }), ...(isFile ? { disposition: 'attachment' } : {}) }, making, 0),
    );
  }
  return plans;
}

async function planOf(part: GivenPart, making: Making, depth: number): Promise<PartPlan> {
  if (++making.parts > MOST_PARTS || depth > DEEPEST) throw invalidProperties(['bodyStructure'], 'There are too many parts.');
  const { subParts, partId, blobId } = part;
  const type = part.type ?? (isGiven(subParts) ? 'multipart/mixed' : isGiven(partId) ? 'text/plain' : undefined);
  if (type?.startsWith('multipart/') === true) {
    const parts: PartPlan[] = [];
    for (const child of subParts ?? []) parts.push(await planOf(child, making, depth + 1));
    if (parts.length === 0) throw invalidProperties(['bodyStructure'], 'A multipart has parts.');
    return { kind: 'multipart', subtype: type.slice('multipart/'.length), parts, fields: fieldsOf(part) };
  }
  if (isGiven(partId) === isGiven(blobId)) throw invalidProperties(['partId', 'blobId'], 'A part has one of the two.');
  if (isGiven(partId)) return textPlan(part, { partId, type: type ?? 'text/plain', making });
  return await bytesPlan(part, blobId ?? '', { type, making });
}

function textPlan(
  part: GivenPart,
  { partId, type, making }: { readonly partId: string; readonly type: string; readonly making: Making },
): PartPlan {
  const value = Object.hasOwn(making.values, partId) ? making.values[partId]?.value : undefined;
  if (value === undefined) throw invalidProperties([`bodyValues/${partId.slice(0, 50)}`], 'This part has no value.');
  if (!type.startsWith('text/')) throw invalidProperties(['type'], 'A value is text.');
  return { kind: 'text', subtype: type.slice('text/'.length), text: value, fields: fieldsOf(part) };
}

async function bytesPlan(
  part: GivenPart,
  blobId: string,
  { type, making }: { readonly type: string | undefined; readonly making: Making },
): Promise<PartPlan> {
  const { deps, account } = making.context;
  const blob = await openBlob(deps.store, account, blobId);
  if (blob === undefined) {
    making.missing.add(blobId);
    return { kind: 'text', subtype: 'plain', text: '' };
  }
  const given = type ?? blob.type.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const known = TYPE.test(given) ? given : 'application/octet-stream';
  const charset = known.startsWith('text/') ? (part.charset ?? charsetOf(blob.type)) : undefined;
  const parameters = { ...(isGiven(charset) ? { charset } : {}), ...(isGiven(part.name) ? { name: part.name } : {}) };
  return { kind: 'bytes', type: known, parameters, fields: fieldsOf(part), open: () => blob.bytes() };
}

/** RFC 2046 4.1.2; without it a text of another charset can not be read. */
function charsetOf(type: string): string | undefined {
  return /;\s*charset="?([\w.:+-]{1,40})"?\s*(?:;|$)/i.exec(type)?.[1];
}

/** Said by the plan itself, or by properties. */
const TAKEN: ReadonlySet<string> = new Set([
  'content-type',
  'content-transfer-encoding',
  'content-disposition',
  'content-id',
  'content-language',
  'content-location',
  'mime-version',
]);

function fieldsOf(part: GivenPart): string {
  const { disposition, name, cid, language, location } = part;
  const shown = disposition ?? (isGiven(name) ? 'attachment' : undefined);
  return [
    ...(shown === undefined ? [] : [parameterField('Content-Disposition', shown, isGiven(name) ? { filename: name } : {})]),
    ...(isGiven(cid) ? [messageIdField('Content-ID', [cid])] : []),
    ...(isGiven(language) && language.length > 0 ? [rawField('Content-Language', language.join(', '))] : []),
    ...(isGiven(location) ? [rawField('Content-Location', location)] : []),
    partHeaderText(headersOf(part), TAKEN),
  ].join('');
}

function headersOf(part: GivenPart): Json {
  return Object.fromEntries(Object.entries(part).filter(([name]) => name.startsWith('header:')));
}

function parsed<T>(schema: z.ZodType<T>, value: unknown, property: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new SetProblem('invalidProperties', `${issue?.path.join('/') ?? ''}: ${issue?.message ?? ''}`.slice(0, 300), {
    properties: [property],
  });
}

function isGiven<T>(value: T | null | undefined): value is T {
  return value !== null && value !== undefined;
}
