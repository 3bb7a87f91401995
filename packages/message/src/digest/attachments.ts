import type { DigestAttachment, DigestPart } from '../digest-types.ts';

/**
 * Everything that is not the text to be read: files, pictures, messages and what those hold. Sections as RFC 9051 6.4.5.1: a message that is no multipart is
 * its own part 1; a message that a part carries counts its parts below that part's number.
 */
export function attachmentsOf(structure: DigestPart): readonly DigestAttachment[] {
  const found: DigestAttachment[] = [];
  visit(found, structure, { section: '1', isRoot: true, isFirst: true, isRelated: false });
  return found;
}

interface Place {
  readonly section: string;
  /** Of a message: a multipart has no number of its own there. */
  readonly isRoot: boolean;
  readonly isFirst: boolean;
  readonly isRelated: boolean;
}

function visit(found: DigestAttachment[], part: DigestPart, place: Place): void {
  if (part.parts !== undefined) {
    const above = place.isRoot ? place.section.slice(0, -1) : `${place.section}.`;
    const isRelated = part.subtype === 'related';
    for (const [index, child] of part.parts.entries()) {
      visit(found, child, { section: `${above}${index + 1}`, isRoot: false, isFirst: index === 0, isRelated });
    }
    return;
  }
  if (!isText(part, place)) found.push(attachmentOf(part, place));
  if (part.message !== undefined) {
    visit(found, part.message.structure, { section: `${place.section}.1`, isRoot: true, isFirst: true, isRelated: false });
  }
}

/** RFC 8621 4.1.4, as far as text goes: a further text with a name is a file that a program shows in line. */
function isText(part: DigestPart, place: Place): boolean {
  if (part.type !== 'text' || part.disposition?.type === 'attachment') return false;
  if (part.subtype !== 'plain' && part.subtype !== 'html' && part.subtype !== 'enriched') return false;
  return place.isFirst || (!place.isRelated && nameOf(part) === '');
}

function attachmentOf(part: DigestPart, place: Place): DigestAttachment {
  const disposition = part.disposition?.type;
  return {
    name: nameOf(part) || (part.message?.envelope.subject ?? ''),
    type: `${part.type}/${part.subtype}`,
    sizeBytes: decodedBytes(part),
    isInline: disposition === 'inline' || (disposition === undefined && place.isRelated && part.id !== undefined),
    section: place.section,
  };
}

function nameOf(part: DigestPart): string {
  return part.disposition?.parameters.filename ?? part.parameters.name ?? '';
}

function decodedBytes(part: DigestPart): number {
  if (part.encoding !== 'base64') return part.sizeBytes;
  return Math.floor((Math.max(0, part.sizeBytes - 2 * part.lines) * 3) / 4);
}
