/*
 * Names of mailboxes as IMAP has them: modified UTF-7 (RFC 3501 5.1.3), parts divided by a delimiter of the server's; and here: parts, decoded.
 */
import { MAILBOX_SEPARATOR } from '@stopgap/core';

/** Stands for a slash inside of a part, where the server divides by something else. */
const DIVISION_SLASH = '\u2215';
/** A part without a single character, as some servers show for `a//b`. */
const EMPTY_PART = '_';

/** The parts of a name, outermost first; INBOX in capitals. What is not modified UTF-7 stays as it is. */
export function mailboxPathOf(name: string, delimiter: string): readonly string[] {
  if (name.toUpperCase() === 'INBOX') return ['INBOX'];
  const parts = delimiter === '' ? [name] : name.split(delimiter);
  const [first = '', ...others] = parts.map((part) => {
    const decoded = decodeMailboxName(part).replaceAll(MAILBOX_SEPARATOR, DIVISION_SLASH);
    return decoded === '' ? EMPTY_PART : decoded;
  });
  return [first.toUpperCase() === 'INBOX' ? 'INBOX' : first, ...others];
}

/** Undefined: this server can have no such name, for its delimiter is in a part, or a part is empty. */
export function mailboxNameOf(path: readonly string[], delimiter: string): string | undefined {
  const parts = path.map((part) => encodeMailboxName(delimiter === MAILBOX_SEPARATOR ? part : part.replaceAll(DIVISION_SLASH, '/')));
  if (parts.length === 0 || parts.some((part) => part === '' || (delimiter !== '' && part.includes(delimiter)))) return undefined;
  if (delimiter === '' && parts.length > 1) return undefined;
  return parts.join(delimiter);
}

export function decodeMailboxName(text: string): string {
  const decoded = text.replace(/&([^-]*)-/g, (whole, run: string) => (run === '' ? '&' : (decodeRun(run) ?? whole)));
  // Only what comes out the same again was modified UTF-7: `AT&T` and raw UTF-8 are names, too.
  return encodeMailboxName(decoded) === text ? decoded : text;
}

export function encodeMailboxName(text: string): string {
  return text.replace(/&|[^\x20-\x7e]+/g, (run) => {
    if (run === '&') return '&-';
    const bytes = Buffer.from(run, 'utf16le').swap16();
    return `&${bytes.toString('base64').replace(/=+$/, '').replaceAll('/', ',')}-`;
  });
}

function decodeRun(run: string): string | undefined {
  if (!/^[A-Za-z0-9+,]+$/.test(run)) return undefined;
  const bytes = Buffer.from(run.replaceAll(',', '/'), 'base64');
  return bytes.length % 2 === 0 && bytes.length > 0 ? bytes.swap16().toString('utf16le') : undefined;
}
