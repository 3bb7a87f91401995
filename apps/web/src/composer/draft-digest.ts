/*
 * What a draft says, as one word. A program that changes a draft often leaves it its Message-ID, so what lies in Drafts under that is known as laid from here
 * only by what it says: recipients, subject, text and files, each to the last blank, but for what a message can not hold and what a header makes of it. That does
 * not count: what was laid from here would be taken for somebody else's. What the way through the relay changes is tried in
 * `tests/scenarios/80-jmap-door/draft-digest.test.ts`.
 */
import type { EmailAddress, Message } from '../api/methods.ts';
import { htmlOf, textOf } from '../reader/message-text.ts';
import { laidAs, pageOf, type Draft } from './draft.ts';

interface Said extends Pick<Draft, 'to' | 'cc' | 'bcc' | 'subject'> {
  readonly html: string | undefined;
  /** Where there is no HTML. */
  readonly text: string;
  readonly files: readonly { readonly name: string | null; readonly type: string; readonly size: number }[];
}

/** As it is laid now: without the files that are not up. */
export function digestOf(draft: Draft): Promise<string> {
  const { isRich, html, text, attachments } = draft;
  const laid = attachments.filter((one) => laidAs(one, draft) !== undefined);
  const files = laid.map(({ name, type, sizeBytes: size }) => ({ name, type, size }));
  return digest({ ...draft, html: isRich ? pageOf(html) : undefined, text: isRich ? '' : text, files });
}

/** Undefined: it is not here as a whole. */
export async function digestOfMessage(message: Message): Promise<string | undefined> {
  const { to, cc, bcc, subject, attachments } = message;
  const [html, text] = [htmlOf(message), textOf(message)];
  if (html?.isTruncated === true || text?.isTruncated === true) return undefined;
  return digest({
    to: to ?? [],
    cc: cc ?? [],
    bcc: bcc ?? [],
    subject: subject ?? '',
    html: html?.value,
    text: html === undefined ? (text?.value ?? '') : '',
    files: attachments,
  });
}

async function digest({ to, cc, bcc, subject, html, text, files }: Said): Promise<string> {
  const named = files.map((one) => `${sizeOf(one)} ${inHeader(one.name ?? '')}`).toSorted();
  const said = JSON.stringify([...[to, cc, bcc].map(recipients), inHeader(subject), inBody(html ?? ''), inBody(text), named]);
  return [...new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(said)))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');
}

/** What is not typed to its end is read as whatever it looks like: without its blanks, or as two. Of blanks in a name one is left (RFC 5322 3.2.5, a phrase). */
function recipients(of: readonly EmailAddress[]): string {
  return of
    .map(({ name, email }) => [inHeader(name ?? '').replaceAll(/ +/g, ' '), email.replaceAll(/[\s"<>]/g, '')].filter((one) => one !== ''))
    .map((words) => words.join(' '))
    .join(',');
}

/** In a large message the relay reckons it from base64, up to two bytes too many; a message that is attached gets other ends of lines. */
function sizeOf({ type, size }: Said['files'][number]): number {
  return type.toLowerCase().startsWith('message/') ? 0 : Math.ceil(size / 3);
}

/** RFC 8621 4.1.2.2: no control characters, accents in one form, nothing at the ends. */
function inHeader(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[\0-\u001F\u007F]/g, ' ')
    .normalize('NFC')
    .trim();
}

/** RFC 8621 4.1.4: one form of line ends; a mark of the order of bytes at its beginning is none of its characters. */
function inBody(text: string): string {
  return text
    .toWellFormed()
    .replaceAll('\0', '')
    .replace(/^\uFEFF/, '')
    .replaceAll(/\r\n?/g, '\n');
}
