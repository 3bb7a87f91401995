/*
 * Names in a Maildir++ tree as Dovecot and Courier write and read it: the tree itself is INBOX, every other mailbox is a folder `.Sent`,
 * `.Projekte.K&APY-ln` beside `cur`, `new` and `tmp`, its parts joined by dots and in modified UTF-7 (RFC 9051 A.1, RFC 3501 5.1.3). Modified UTF-7 and not
 * UTF-8, because that is the layout's default: any Dovecot can be pointed at the tree as it is, and a name is ASCII on every file system.
 *
 * Mailbox names come from outside. Whatever they hold, what comes out here begins with one dot, has no slash, no control character, is neither `.` nor `..`
 * nor any other name with a meaning, and fits a file system.
 */
import { createHash } from 'node:crypto';
import type { Flag } from '@stopgap/core';

/** 255 on the file systems in use; room for what a copying program may add. */
const MOST_NAME_BYTES = 200;
const HASH_CHARS = 8;

/** In the order in which they have to stand (https://cr.yp.to/proto/maildir.html; P: passed on). */
const LETTERS: readonly (readonly [letter: string, flag: Flag])[] = [
  ['D', '$draft'],
  ['F', '$flagged'],
  ['P', '$forwarded'],
  ['R', '$answered'],
  ['S', '$seen'],
  ['T', '$deleted'],
];

/** Keywords by Dovecot's `dovecot-keywords`: so many letters has a mailbox. */
export const MOST_MAILDIR_KEYWORDS = 26;

const NONE: ReadonlySet<string> = new Set();

/**
 * @param path parts of the mailbox's name, outermost first; `['INBOX']` is the tree itself: ''
 * @param taken folders of this tree, in lower case: `a.b` and `a_b` become one name, and so do `Sent` and `sent` on some file systems
 */
export function maildirFolder(path: readonly string[], taken: ReadonlySet<string> = NONE): string {
  if (path.length === 1 && path[0]?.toUpperCase() === 'INBOX') return '';
  const folder = `.${path.map(maildirPart).join('.')}`;
  if (folder.length <= MOST_NAME_BYTES && !taken.has(folder.toLowerCase())) return folder;
  // Two long names that begin alike must stay two.
  const hash = createHash('sha256').update(JSON.stringify(path)).digest('hex').slice(0, HASH_CHARS);
  return `${cutBeforeEscape(folder, MOST_NAME_BYTES - HASH_CHARS - 1)}-${hash}`;
}

/**
 * @param message its `id` is the only one in the tree
 * @param keywords those of the mailbox, in the order of their letters
 */
export function maildirFile(
  message: { readonly id: number; readonly receivedAtMs: number; readonly sizeBytes: number; readonly flags: readonly Flag[] },
  keywords: readonly string[],
): string {
  const flags = LETTERS.filter(([, flag]) => message.flags.includes(flag)).map(([letter]) => letter);
  const letters = keywords.flatMap((keyword, index) =>
    index < MOST_MAILDIR_KEYWORDS && message.flags.includes(keyword) ? [String.fromCharCode(0x61 + index)] : [],
  );
  const seconds = Math.max(0, Math.floor(message.receivedAtMs / 1000));
  return `${seconds}.M${message.id}.stopgap,S=${message.sizeBytes}:2,${[...flags, ...letters].join('')}`;
}

/** Flags for which Maildir has no letter of its own. */
export function isMaildirKeyword(flag: Flag): boolean {
  return !LETTERS.some(([, known]) => known === flag);
}

/** A dot would be a level of its own, and modified UTF-7 may not encode it. */
function maildirPart(part: string): string {
  const safe = part.toWellFormed().replaceAll(/[./]/g, '_');
  return safe === '' ? '_' : modifiedUtf7(safe);
}

/** RFC 3501 5.1.3: printable ASCII as it is, `&` as `&-`, everything else as base64 of UTF-16 with `,` for `/` and no padding. */
export function modifiedUtf7(text: string): string {
  return text.replaceAll('&', '&-').replaceAll(/[^\u0020-\u007e]+/g, (run) => {
    const units = Buffer.from(run, 'utf16le').swap16();
    return `&${units.toString('base64').replaceAll('=', '').replaceAll('/', ',')}-`;
  });
}

/** Half an escape would spoil the name. */
function cutBeforeEscape(folder: string, length: number): string {
  const cut = folder.slice(0, length);
  const open = cut.lastIndexOf('&');
  const kept = open >= 0 && !cut.includes('-', open) ? cut.slice(0, open) : cut;
  return kept.replace(/[. ]+$/, '');
}
