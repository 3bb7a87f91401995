import type { DigestPart } from '@stopgap/message';

/** A part with its number as IMAP counts it; a message that a part carries is not looked into (RFC 8621 4.1.4). */
export interface NumberedPart {
  readonly part: DigestPart;
  readonly section: string;
  /** Of a multipart. */
  readonly parts?: readonly NumberedPart[];
}

export function numbered(structure: DigestPart): NumberedPart {
  return structure.parts === undefined ? { part: structure, section: '1' } : number(structure, '', '');
}

function number(part: DigestPart, section: string, above: string): NumberedPart {
  if (part.parts === undefined) return { part, section };
  return { part, section, parts: part.parts.map((child, index) => number(child, `${above}${index + 1}`, `${above}${index + 1}.`)) };
}

/** All that hold something, in their order. */
export function leaves(root: NumberedPart): readonly NumberedPart[] {
  return root.parts === undefined ? [root] : root.parts.flatMap(leaves);
}

export function partAt(structure: DigestPart, section: string): DigestPart | undefined {
  return leaves(numbered(structure)).find((one) => one.section === section)?.part;
}

export function typeOf({ type, subtype }: DigestPart): string {
  return `${type}/${subtype}`;
}

export function nameOf(part: DigestPart): string | undefined {
  return part.disposition?.parameters['filename'] ?? part.parameters['name'];
}
