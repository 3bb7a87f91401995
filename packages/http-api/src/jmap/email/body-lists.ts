import { nameOf, typeOf, type NumberedPart } from './parts.ts';

export interface BodyLists {
  readonly textBody: readonly NumberedPart[];
  readonly htmlBody: readonly NumberedPart[];
  readonly attachments: readonly NumberedPart[];
}

interface Lists {
  /** Undefined: of alternatives this branch is the other one. */
  readonly text: NumberedPart[] | undefined;
  readonly html: NumberedPart[] | undefined;
  readonly attachments: NumberedPart[];
}

/** RFC 8621 4.1.4: what is shown to people in which way, and what is attached. */
export function bodyLists(root: NumberedPart): BodyLists {
  const textBody: NumberedPart[] = [];
  const htmlBody: NumberedPart[] = [];
  const attachments: NumberedPart[] = [];
  sort([root], { multipart: 'mixed', isInAlternative: false }, { text: textBody, html: htmlBody, attachments });
  return { textBody, htmlBody, attachments };
}

interface Place {
  readonly multipart: string;
  readonly isInAlternative: boolean;
}

function sort(parts: readonly NumberedPart[], place: Place, lists: Lists): void {
  let { text, html } = lists;
  const { attachments } = lists;
  const textLength = text?.length ?? -1;
  const htmlLength = html?.length ?? -1;
  for (const [index, one] of parts.entries()) {
    const type = typeOf(one.part);
    if (one.parts !== undefined) {
      const multipart = one.part.subtype;
      sort(one.parts, { multipart, isInAlternative: place.isInAlternative || multipart === 'alternative' }, { text, html, attachments });
    } else if (!isBody(one, index, place)) attachments.push(one);
    else if (place.multipart === 'alternative') listOf(type, { text, html, attachments }).push(one);
    else {
      if (place.isInAlternative && type === 'text/plain') html = undefined;
      if (place.isInAlternative && type === 'text/html') text = undefined;
      text?.push(one);
      html?.push(one);
      if ((text === undefined || html === undefined) && isMedia(type)) attachments.push(one);
    }
  }
  if (place.multipart !== 'alternative' || text === undefined || html === undefined) return;
  // Only one of the two was there: it stands for both.
  if (textLength === text.length && htmlLength !== html.length) text.push(...html.slice(htmlLength));
  else if (htmlLength === html.length && textLength !== text.length) html.push(...text.slice(textLength));
}

function listOf(type: string, { text, html, attachments }: Lists): NumberedPart[] {
  if (type === 'text/plain') return text ?? attachments;
  return type === 'text/html' ? (html ?? attachments) : attachments;
}

/** Of a multipart/related only the first one; a text with a name that is not the first is a file. */
function isBody({ part }: NumberedPart, index: number, { multipart }: Place): boolean {
  const type = typeOf(part);
  if (part.disposition?.type === 'attachment') return false;
  if (type !== 'text/plain' && type !== 'text/html' && !isMedia(type)) return false;
  return index === 0 || (multipart !== 'related' && (isMedia(type) || nameOf(part) === undefined));
}

function isMedia(type: string): boolean {
  return type.startsWith('image/') || type.startsWith('audio/') || type.startsWith('video/');
}
