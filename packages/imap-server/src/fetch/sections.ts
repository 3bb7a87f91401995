import type { DigestPart } from '@stopgap/message';
import type { Section } from './fetch-items.ts';

/** Octets of the message, `end` not included. */
export interface OctetRange {
  readonly start: number;
  readonly end: number;
}

/** The part a path names (RFC 9051 6.4.5.1); undefined: there is none. `1` of a message that is no multipart is its body. */
export function partAt(root: DigestPart, path: readonly number[]): DigestPart | undefined {
  let container: DigestPart | undefined = root;
  let part: DigestPart | undefined;
  for (const number of path) {
    if (container === undefined) return undefined;
    if (container.parts !== undefined) part = container.parts[number - 1];
    else part = number === 1 ? container : undefined;
    container = part?.message?.structure ?? (part?.parts === undefined ? undefined : part);
  }
  return part;
}

/** Where a section lies; for a choice of header fields, where the header lies. Undefined: there is no such section. */
export function rangeOf(root: DigestPart, { part: path, of }: Section, sizeBytes: number): OctetRange | undefined {
  if (path.length === 0) {
    if (of === 'all') return { start: 0, end: sizeBytes };
    return of === 'text' ? { start: root.bodyStart, end: sizeBytes } : { start: root.headerStart, end: root.bodyStart };
  }
  const part = partAt(root, path);
  if (part === undefined) return undefined;
  if (of === 'all') return bodyOf(part);
  if (of === 'mime') return { start: part.headerStart, end: part.bodyStart };
  // HEADER and TEXT are those of a carried message.
  const message = part.message?.structure;
  if (message === undefined) return undefined;
  return of === 'text' ? { start: message.bodyStart, end: bodyOf(part).end } : { start: message.headerStart, end: message.bodyStart };
}

function bodyOf(part: DigestPart): OctetRange {
  return { start: part.bodyStart, end: part.bodyStart + part.sizeBytes };
}
