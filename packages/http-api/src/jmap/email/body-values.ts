import { partText } from '@stopgap/message';
import type { Json } from '../method.ts';
import { leaves, numbered, typeOf, type NumberedPart } from './parts.ts';
import type { BodyLists } from './body-lists.ts';
import type { EmailSource } from './source.ts';

export interface BodyValueOptions {
  readonly fetchTextBodyValues: boolean;
  readonly fetchHTMLBodyValues: boolean;
  readonly fetchAllBodyValues: boolean;
  /** Of the text as UTF-8; 0: no limit. */
  readonly maxBodyValueBytes: number;
}

/** RFC 8621 4.1.4 `bodyValues`: texts by partId, CRLF as LF. */
export async function bodyValues(source: EmailSource, lists: BodyLists, options: BodyValueOptions): Promise<Json> {
  const wanted = new Set<NumberedPart>([
    ...(options.fetchTextBodyValues ? lists.textBody : []),
    ...(options.fetchHTMLBodyValues ? lists.htmlBody : []),
    ...(options.fetchAllBodyValues ? leaves(numbered(source.structure)) : []),
  ]);
  const texts = new Map([...wanted].filter(({ part }) => part.type === 'text').map((one) => [one.section, one]));
  if (texts.size === 0) return {};
  // What is attached stands behind the text, as a rule, and is left where it is.
  const bytes = await source.bytes(Math.max(...[...texts.values()].map(({ part }) => part.bodyStart + part.sizeBytes)));
  return Object.fromEntries(
    [...texts.values()].map(({ part, section }) => {
      const { text, isDoubtful } = partText(part, bytes);
      const value = text.replaceAll('\r\n', '\n');
      const cut = cutTo(value, options.maxBodyValueBytes, typeOf(part) === 'text/html');
      return [section, { value: cut, isEncodingProblem: isDoubtful, isTruncated: cut !== value }];
    }),
  );
}

/** Never inside of a character, nor of a tag. */
function cutTo(text: string, mostBytes: number, isHtml: boolean): string {
  if (mostBytes === 0 || Buffer.byteLength(text) <= mostBytes) return text;
  const bytes = Buffer.from(text);
  let end = mostBytes;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  const cut = bytes.toString('utf8', 0, end);
  const open = cut.lastIndexOf('<');
  return isHtml && open > cut.lastIndexOf('>') ? cut.slice(0, open) : cut;
}
