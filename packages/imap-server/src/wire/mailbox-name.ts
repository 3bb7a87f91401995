import { SyntaxFault } from './faults.ts';
import { utf8Of } from './scanner.ts';

/** Names longer than that are nobody's; the mailbox package has its own bound. */
const LONGEST_NAME_BYTES = 4000;

/**
 * A mailbox name from the wire: modified UTF-7 (RFC 3501 5.1.3), or UTF-8 once the client has enabled that (RFC 9051 5.1, RFC 6855 3). Raw UTF-8 is read in
 * any case: it can not be mistaken for the other. INBOX is spelt so.
 * @throws SyntaxFault for what is neither
 */
export function readMailboxName(latin1: string, isUtf8: boolean): string {
  if (latin1.length > LONGEST_NAME_BYTES) throw new SyntaxFault('The mailbox name is too long');
  const text = utf8Of(latin1);
  if (text === undefined) throw new SyntaxFault('The mailbox name is not UTF-8');
  const name = isUtf8 || text !== latin1 ? text : decodeUtf7(text);
  if (name === undefined) throw new SyntaxFault('The mailbox name is no modified UTF-7');
  const [first = '', ...rest] = name.split('/');
  return first.toUpperCase() === 'INBOX' ? ['INBOX', ...rest].join('/') : name;
}

/** Octets for the wire, as latin1; still to be quoted. */
export function writeMailboxName(name: string, isUtf8: boolean): string {
  if (/^[\x20-\x25\x27-\x7e]*$/.test(name)) return name;
  return isUtf8 ? Buffer.from(name).toString('latin1') : encodeUtf7(name);
}

/** RFC 3501 5.1.3. */
export function encodeUtf7(text: string): string {
  return text.replaceAll(/&|[^\x20-\x7e]+/g, (run) => {
    if (run === '&') return '&-';
    const bytes = Buffer.from(run, 'utf16le').swap16();
    return `&${bytes.toString('base64').replaceAll('/', ',').replace(/=+$/, '')}-`;
  });
}

/** Undefined: it is none. Strict, so that one name has one spelling and nothing hides in a second one. */
export function decodeUtf7(text: string): string | undefined {
  let isSound = true;
  const decoded = text.replaceAll(/&([^-]*)(-?)/g, (_, encoded: string, end: string) => {
    if (end === '') isSound = false;
    if (encoded === '') return '&';
    const run = /^[A-Za-z0-9+,]+$/.test(encoded) ? Buffer.from(encoded.replaceAll(',', '/'), 'base64') : Buffer.alloc(1);
    if (run.length % 2 === 1) isSound = false;
    return isSound ? Buffer.from(run).swap16().toString('utf16le') : '';
  });
  return isSound && decoded.isWellFormed() && encodeUtf7(decoded) === text ? decoded : undefined;
}
