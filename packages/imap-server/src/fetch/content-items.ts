import { MAX_HEADER_BYTES, type DigestPart } from '@stopgap/message';
import type { ContentWanted, MessageContent } from '../session.ts';
import { byes, no } from '../replies.ts';
import { EndingFault } from '../wire/faults.ts';
import type { ResponseWriter } from '../wire/response-writer.ts';
import type { ContentItem, Partial } from './fetch-items.ts';
import { chooseFields } from './header-fields.ts';
import { partAt, rangeOf, type OctetRange } from './sections.ts';
import { transferDecoder } from './transfer-decoding.ts';

/** What is ready to be written: its size is known, and nothing of it can be refused any more. */
export type Prepared =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'octets'; readonly head: string; readonly octets: Buffer }
  | { readonly kind: 'range'; readonly head: string; readonly range: OctetRange }
  | { readonly kind: 'stream'; readonly head: string; readonly sizeBytes: number; readonly open: () => AsyncIterable<Buffer> };

/** The transfer encoding of a part is unknown (RFC 3516 4.3). */
export class UnknownEncoding extends Error {
  override readonly name = 'UnknownEncoding';
  readonly completion = no('The encoding of this part is not known', 'UNKNOWN-CTE');
}

/** What has to be had of a message, so that these can be told. */
export function contentFor(items: readonly ContentItem[]): ContentWanted {
  const sections = items.filter((item) => item.kind === 'section' && item.section.part.length === 0).map(({ section }) => section.of);
  if (sections.length < items.length) return 'parts';
  if (sections.every((of) => of === 'all')) return 'whole';
  return sections.every((of) => of === 'header' || typeof of === 'object') ? 'header' : 'parts';
}

/** @throws UnknownEncoding, and what reading the message throws */
export async function prepare(item: ContentItem, content: MessageContent): Promise<Prepared> {
  if (item.kind !== 'section') return await prepareBinary(item, content);
  const { section, partial } = item;
  const isWhole = section.part.length === 0 && section.of === 'all';
  // Whoever asks for the whole message, as most do, needs no structure.
  const found = isWhole ? { start: 0, end: content.sizeBytes } : rangeOf(await content.structure(), section, content.sizeBytes);
  if (found === undefined) return nothing(item);
  if (typeof section.of === 'object') {
    // Of a longer header nobody here reads more.
    const header = await read(content, { start: found.start, end: Math.min(found.end, found.start + MAX_HEADER_BYTES) });
    const octets = Buffer.from(chooseFields(header.toString('latin1'), section.of), 'latin1');
    const range = cutTo(partial, { start: 0, end: octets.length });
    return { kind: 'octets', head: headOf(item.label, partial, range.end - range.start), octets: octets.subarray(range.start, range.end) };
  }
  const range = cutTo(partial, within(found, content.sizeBytes));
  return { kind: 'range', head: headOf(item.label, partial, range.end - range.start), range };
}

/** Writes what is ready. @throws EndingFault the octets end before they should: the client counts on them */
export async function write(prepared: Prepared, content: MessageContent, out: ResponseWriter): Promise<void> {
  if (prepared.kind === 'text') return out.text(prepared.text);
  out.text(prepared.head);
  if (prepared.kind === 'octets') return out.bytes(prepared.octets);
  const sizeBytes = prepared.kind === 'range' ? prepared.range.end - prepared.range.start : prepared.sizeBytes;
  if (sizeBytes === 0) return undefined;
  if (prepared.kind === 'range' && content.bytes) return out.bytes(content.bytes.subarray(prepared.range.start, prepared.range.end));
  let left = sizeBytes;
  try {
    const source = prepared.kind === 'range' ? content.open(prepared.range.start, prepared.range.end) : prepared.open();
    for await (const chunk of source) {
      const octets = chunk.length > left ? chunk.subarray(0, left) : chunk;
      left -= octets.length;
      out.bytes(octets);
      if (out.isFull) await out.flush();
      if (left === 0) break;
    }
  } catch (cause) {
    throw new EndingFault(byes.bodyBroke, { cause });
  }
  if (left > 0) throw new EndingFault(byes.bodyBroke);
  return undefined;
}

async function prepareBinary(item: Exclude<ContentItem, { readonly kind: 'section' }>, content: MessageContent): Promise<Prepared> {
  const { part: path } = item.section;
  const structure = await content.structure();
  const part = path.length === 0 ? structure : partAt(structure, path);
  if (part === undefined) return item.kind === 'binary' ? nothing(item) : { kind: 'text', text: `${item.label} 0` };
  const isWhole = path.length === 0;
  const decoder = transferDecoder(isWhole || isContainer(part) ? 'binary' : part.encoding);
  if (decoder === undefined) throw new UnknownEncoding();
  const range = isWhole
    ? { start: 0, end: content.sizeBytes }
    : within({ start: part.bodyStart, end: part.bodyStart + part.sizeBytes }, content.sizeBytes);
  const open = (): AsyncIterable<Buffer> => decoder(octetsOf(content, range));
  const { sizeBytes, hasNul } = await measure(open());
  if (item.kind === 'binary-size') return { kind: 'text', text: `${item.label} ${sizeBytes}` };
  const cut = cutTo(item.partial, { start: 0, end: sizeBytes });
  // RFC 3516 4.2: literal8 only where NUL makes it necessary.
  const head = headOf(item.label, item.partial, cut.end - cut.start, hasNul ? '~' : '');
  return { kind: 'stream', head, sizeBytes: cut.end - cut.start, open: () => between(open(), cut) };
}

/** A section that is not there is empty, as other servers say it, too: not all clients know a NIL here. */
function nothing({ label, partial }: ContentItem): Prepared {
  return { kind: 'text', text: `${label}${originOf(partial)} ""` };
}

/** RFC 2045 6.4: these are not encoded themselves. */
function isContainer(part: DigestPart): boolean {
  return part.parts !== undefined || part.message !== undefined;
}

function headOf(label: string, partial: Partial | undefined, sizeBytes: number, tilde = ''): string {
  return `${label}${originOf(partial)} ${tilde}{${sizeBytes}}\r\n`;
}

function originOf(partial: Partial | undefined): string {
  return partial === undefined ? '' : `<${partial.offset}>`;
}

/** RFC 9051 6.4.5: what begins past the end is empty. */
function cutTo(partial: Partial | undefined, { start, end }: OctetRange): OctetRange {
  if (partial === undefined) return { start, end };
  const from = Math.min(end, start + partial.offset);
  return { start: from, end: Math.min(end, from + partial.length) };
}

/** A view of a message can be older than its bytes; what it says must not lead outside of them. */
function within({ start, end }: OctetRange, sizeBytes: number): OctetRange {
  const from = Math.min(Math.max(0, start), sizeBytes);
  return { start: from, end: Math.max(from, Math.min(end, sizeBytes)) };
}

async function read(content: MessageContent, range: OctetRange): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of octetsOf(content, within(range, content.sizeBytes))) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function* octetsOf(content: MessageContent, { start, end }: OctetRange): AsyncGenerator<Buffer> {
  if (start === end) return;
  if (content.bytes) yield content.bytes.subarray(start, end);
  else yield* content.open(start, end);
}

async function measure(chunks: AsyncIterable<Buffer>): Promise<{ readonly sizeBytes: number; readonly hasNul: boolean }> {
  let sizeBytes = 0;
  let hasNul = false;
  for await (const chunk of chunks) {
    sizeBytes += chunk.length;
    hasNul ||= chunk.includes(0);
  }
  return { sizeBytes, hasNul };
}

async function* between(chunks: AsyncIterable<Buffer>, { start, end }: OctetRange): AsyncGenerator<Buffer> {
  let at = 0;
  for await (const chunk of chunks) {
    const part = chunk.subarray(Math.max(0, start - at), Math.max(0, end - at));
    at += chunk.length;
    if (part.length > 0) yield part;
    if (at >= end) return;
  }
}
