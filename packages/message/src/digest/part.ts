import type { DigestEnvelope, DigestPart } from '../digest-types.ts';
import type { PartHead } from './part-head.ts';

/** A part while the message is still coming. */
export interface Part {
  head: PartHead;
  /** Of the message whose root this part is. */
  envelope?: DigestEnvelope;
  readonly parent?: Part;
  readonly headerStart: number;
  bodyStart: number;
  /** Line ends of the whole message before `bodyStart`. */
  linesBefore: number;
  sizeBytes: number;
  lines: number;
  readonly parts: Part[];
  /** The root of the message that this part is. */
  message?: Part;
  /** Of a multipart that goes on; cut to what is compared. */
  boundary?: string;
}

const NO_HEAD: PartHead = { type: 'text', subtype: 'plain', parameters: {}, encoding: '7bit' };

export function openPart(headerStart: number, parent?: Part): Part {
  return {
    head: NO_HEAD,
    ...(parent !== undefined && { parent }),
    headerStart,
    bodyStart: headerStart,
    linesBefore: 0,
    sizeBytes: 0,
    lines: 0,
    parts: [],
  };
}

export function isMultipart(part: Part): boolean {
  return part.head.type === 'multipart';
}

/** RFC 2046 5.2.1, RFC 6532 3.7. */
export function isMessage(head: PartHead): boolean {
  return head.type === 'message' && (head.subtype === 'rfc822' || head.subtype === 'global');
}

export function finishedPart(part: Part): DigestPart {
  const { head, headerStart, bodyStart, sizeBytes, lines, message } = part;
  return {
    ...head,
    headerStart,
    bodyStart,
    sizeBytes,
    lines,
    ...(isMultipart(part) && { parts: part.parts.map(finishedPart) }),
    ...(message?.envelope !== undefined && { message: { envelope: message.envelope, structure: finishedPart(message) } }),
  };
}
