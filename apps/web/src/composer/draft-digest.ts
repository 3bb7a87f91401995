/*
 * What a draft says, as one word. A program that changes a draft often leaves it its Message-ID, so what lies in Drafts under that is known as laid from here
 * only by what it says: recipients, subject, text and files. How wide its blanks are, how an accent is written (RFC 8621 4.1.2.2) and whatever
 * else may change on the way does not count: what was laid from here would be taken for somebody else's.
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
  const named = files.map((one) => `${sizeOf(one)} ${narrow(one.name ?? '')}`).toSorted();
  const texts = [subject, html ?? '', text].map(narrow);
  const said = JSON.stringify([addresses(to), addresses(cc), addresses(bcc), ...texts, named]);
  return [...new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(said)))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');
}

/** What is not typed to its end is read as whatever it looks like: without its blanks, or as two. */
function addresses(of: readonly EmailAddress[]): string {
  return of
    .map(({ email }) => email)
    .join(',')
    .toLowerCase()
    .replaceAll(/[\s"<>]/g, '');
}

/** In a large message the relay reckons it from base64, up to two bytes too many; a message that is attached gets other ends of lines. */
function sizeOf({ type, size }: Said['files'][number]): number {
  return type.toLowerCase().startsWith('message/') ? 0 : Math.ceil(size / 3);
}

function narrow(text: string): string {
  return text
    .toWellFormed()
    .normalize('NFC')
    .replaceAll(/[\s\u0001-\u001F\u007F]+/g, ' ')
    .trim();
}
