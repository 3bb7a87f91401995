import { asId, MAILBOX_SEPARATOR, type RemoteMailboxId } from '@stopgap/core';
import { imapError } from './errors.ts';

/** How this server builds names (RFC 2342): what its personal mailboxes begin with, and what stands between their parts. */
export interface NameSpace {
  readonly prefix: string;
  /** Undefined: flat. */
  readonly separator: string | undefined;
}

/** RFC 3501 5.1.3 names longer than this are nobody's. */
export const LONGEST_NAME = 1000;
/** Stands for a slash inside of a part, which our own names can not hold. */
const DIVISION_SLASH = '\u2215';

/** Decoded, outermost first. INBOX is INBOX however it is spelt; the personal prefix (`INBOX.` of Courier and Cyrus) is left out. */
export function pathOf(name: string, { prefix, separator }: NameSpace): readonly string[] {
  if (name.toUpperCase() === 'INBOX') return ['INBOX'];
  const bare = prefix !== '' && name.length > prefix.length && name.startsWith(prefix) ? name.slice(prefix.length) : name;
  const parts = separator === undefined ? [bare] : bare.split(separator);
  const path = parts.filter((part) => part !== '').map((part) => shown(decodeName(part)));
  if (path[0]?.toUpperCase() === 'INBOX') path[0] = 'INBOX';
  return path.length === 0 ? [shown(name)] : path;
}

/** Rejects what this server can not be asked for. */
export function nameOf(path: readonly string[], { prefix, separator }: NameSpace): RemoteMailboxId {
  if (path.length === 1 && path[0]?.toUpperCase() === 'INBOX') return asId.remoteMailbox('INBOX');
  const parts = path.map((part) => encodeName(part.replaceAll(DIVISION_SLASH, MAILBOX_SEPARATOR)));
  const isSayable =
    path.length > 0 &&
    (separator !== undefined || parts.length === 1) &&
    path.every((part) => part !== '' && !/[\x00-\x1f\x7f]/.test(part)) &&
    parts.every((part) => separator === undefined || !part.includes(separator));
  const name = prefix + parts.join(separator ?? '');
  if (!isSayable || name.length > LONGEST_NAME) {
    throw imapError('permanent', 'name-refused', 'the name of a mailbox can not be said to this server', { class: 'content' });
  }
  return asId.remoteMailbox(name);
}

/** RFC 3501 5.1.3. */
export function encodeName(text: string): string {
  return text.replaceAll(/&|[^\x20-\x7e]+/g, (run) => {
    if (run === '&') return '&-';
    const base64 = Buffer.from(run, 'utf16le').swap16().toString('base64');
    return `&${base64.replaceAll('=', '').replaceAll('/', ',')}-`;
  });
}

/** What is not well encoded is shown as it stands; raw UTF-8, which some servers send, is read. */
export function decodeName(name: string): string {
  const raw = Buffer.from(name, 'latin1').toString('utf8');
  const text = raw.includes('\ufffd') ? name : raw;
  return text.replaceAll(/&([A-Za-z0-9+,]*)-/g, (whole, base64: string) => {
    if (base64 === '') return '&';
    const bytes = Buffer.from(base64.replaceAll(',', '/'), 'base64');
    return bytes.length === 0 || bytes.length % 2 === 1 ? whole : bytes.swap16().toString('utf16le');
  });
}

/** For our tables and pages: no control characters, no slash of its own. */
function shown(part: string): string {
  return part.replaceAll(/[\x00-\x1f\x7f]/g, '\ufffd').replaceAll(MAILBOX_SEPARATOR, DIVISION_SLASH);
}
