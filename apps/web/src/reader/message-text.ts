/*
 * Which of a message's texts is shown (RFC 8621 4.1.4): `htmlBody` and `textBody` are two ways to read the same; where there is only one, both name it.
 */
import type { BodyPart, Message } from '../api/methods.ts';

const LARGEST_CALENDAR = 512 * 1024;
const MOST_CALENDARS = 3;

export interface ShownText {
  readonly value: string;
  readonly isTruncated: boolean;
}

/** Undefined: it has no HTML. Parts of plain text among it are put in as such. */
export function htmlOf({ htmlBody, bodyValues }: Pick<Message, 'htmlBody' | 'bodyValues'>): ShownText | undefined {
  if (!htmlBody.some(({ type }) => isHtml(type))) return undefined;
  return joined(htmlBody, bodyValues, (part, value) => (isHtml(part.type) ? value : `<pre>${escaped(value)}</pre>`));
}

/** Undefined: it has no plain text. */
export function textOf({ textBody, bodyValues }: Pick<Message, 'textBody' | 'bodyValues'>): ShownText | undefined {
  const parts = textBody.filter(({ type }) => isText(type) && !isHtml(type));
  return parts.length === 0 ? undefined : joined(parts, bodyValues, (_, value) => value);
}

/** What is to be offered as a file: the server's list, and parts of the text that are no text. */
export function attachmentsOf({
  attachments,
  htmlBody,
  textBody,
}: Pick<Message, 'attachments' | 'htmlBody' | 'textBody'>): readonly BodyPart[] {
  const shown = [...htmlBody, ...textBody].filter(({ type }) => !isText(type));
  const all = new Map([...attachments, ...shown].flatMap((part) => (part.blobId === null ? [] : [[part.blobId, part] as const])));
  return [...all.values()];
}

/** The calendars among them: as a rule one, which stands in the message a second time as a file. */
export function calendarsOf(message: Pick<Message, 'attachments' | 'htmlBody' | 'textBody'>): readonly BodyPart[] {
  const found = attachmentsOf(message).filter(
    ({ type, name, size }) =>
      size <= LARGEST_CALENDAR && (/^(?:text\/calendar|application\/ics)$/i.test(type) || /\.ics$/i.test(name ?? '')),
  );
  // Those that the sender put beside the text come first; a copy of the same size says the same.
  return [...new Map(found.toReversed().map((part) => [part.size, part])).values()].slice(0, MOST_CALENDARS);
}

function joined(parts: readonly BodyPart[], values: Message['bodyValues'], shape: (part: BodyPart, value: string) => string): ShownText {
  const found = parts.flatMap((part) => {
    const value = part.partId !== null && Object.hasOwn(values, part.partId) ? values[part.partId] : undefined;
    return value === undefined ? [] : [{ text: shape(part, value.value), isTruncated: value.isTruncated }];
  });
  return { value: found.map(({ text }) => text).join('\n'), isTruncated: found.some(({ isTruncated }) => isTruncated) };
}

export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

function isHtml(type: string): boolean {
  return type.toLowerCase() === 'text/html';
}

function isText(type: string): boolean {
  return type.toLowerCase().startsWith('text/');
}
