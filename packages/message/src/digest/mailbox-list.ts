import type { DigestGroup, DigestMailbox } from '../digest-types.ts';
import { decodeWords } from './encoded-words.ts';

/*
 * Reads address fields (RFC 5322 3.4 and 4.4) for showing and searching, so everything that can be told is told. Nothing is decided by it: for that
 * there is `parseAddressList`, which is strict and knows when it is in doubt.
 */

/** Of one field; the rest is left out. */
export const MAX_MAILBOXES = 2000;

/** What of one mailbox has been seen. */
interface Draft {
  /** Atoms and quoted strings, in their order. */
  readonly words: string[];
  comment: string;
  angle: string | undefined;
}

/** A group is given by its members, so `undisclosed-recipients:;` is none. */
export function readMailboxes(text: string): readonly DigestMailbox[] {
  return readAddressField(text).mailboxes;
}

export interface AddressField {
  readonly mailboxes: readonly DigestMailbox[];
  /** Those that have a name and are closed: `mailto:bob@a.test` is none. */
  readonly groups: readonly DigestGroup[];
}

/** @param most mailboxes and groups together; what comes after is left out */
export function readAddressField(text: string, most = MAX_MAILBOXES): AddressField {
  const mailboxes: DigestMailbox[] = [];
  const groups: DigestGroup[] = [];
  let draft = emptyDraft();
  let begun: Pick<DigestGroup, 'name' | 'start'> | undefined;
  let at = 0;
  const take = () => {
    const mailbox = mailboxOf(draft);
    if (mailbox !== undefined) mailboxes.push(mailbox);
    draft = emptyDraft();
  };
  while (at < text.length && mailboxes.length + groups.length < most) {
    const char = text.charAt(at);
    const start = at;
    if (char === '"') {
      at = quoteEnd(text, start);
      draft.words.push(quotedText(text, start, at));
    } else if (char === '(') {
      at = commentEnd(text, start);
      draft.comment ||= text.slice(start + 1, at - 1).trim();
    } else if (char === '<') {
      at = text.indexOf('>', start) + 1 || text.length;
      draft.angle ??= text.slice(start + 1, at - (text.charAt(at - 1) === '>' ? 1 : 0));
    } else if (char === ',' || char === ';') {
      at++;
      take();
      if (char === ',' || begun === undefined) continue;
      groups.push({ ...begun, end: mailboxes.length });
      begun = undefined;
    } else if (char === ':' && draft.angle === undefined && !draft.words.some((word) => word.includes('@'))) {
      // The name of a group (RFC 5322 3.4).
      at++;
      const name = decodeWords(draft.words.filter((word) => word !== '').join(' ')).trim();
      begun = name === '' ? undefined : { name, start: mailboxes.length };
      draft = emptyDraft();
    } else {
      at = atomEnd(text, start);
      if (char.trim() !== '') draft.words.push(text.slice(start, at));
    }
  }
  take();
  return { mailboxes, groups };
}

function emptyDraft(): Draft {
  return { words: [], comment: '', angle: undefined };
}

function mailboxOf({ words, comment, angle }: Draft): DigestMailbox | undefined {
  const text = words.filter((word) => word !== '');
  if (angle !== undefined) {
    // RFC 5322 4.4: a route before the address is passed over.
    const spec = angle.slice(angle.startsWith('@') ? angle.indexOf(':') + 1 : 0).replaceAll(/\s/g, '');
    const name = decodeWords(text.join(' ')).trim();
    return spec === '' && name === '' ? undefined : { name: name || decodeWords(comment), address: spec };
  }
  if (text.length === 0) return undefined;
  // A local part in quotes, and blanks around dots and the @ (RFC 5322 4.4): all of it is the address. Without an @ it is a name, or a local user.
  const spec = text.join('');
  if (text.length === 1 || spec.includes('@')) return looseMailbox(text, comment);
  return { name: decodeWords(text.join(' ')).trim(), address: '' };
}

/** `alice@a.test`, `alice @ a.test`, `Alice alice@a.test`: the address is what hangs together around the @. */
function looseMailbox(words: readonly string[], comment: string): DigestMailbox {
  const at = words.findIndex((word) => word.includes('@'));
  if (at < 0) return { name: decodeWords(comment), address: decodeWords(words.join('')) };
  let from = at;
  let to = at + 1;
  while (from > 0 && (hangs(words[from], 0) || hangs(words[from - 1], -1))) from--;
  while (to < words.length && (hangs(words[to - 1], -1) || hangs(words[to], 0))) to++;
  const name = decodeWords([...words.slice(0, from), ...words.slice(to)].join(' ')).trim();
  return { name: name || decodeWords(comment), address: words.slice(from, to).join('') };
}

/** Begins (0) or ends (-1) with what can not be the edge of an address. */
function hangs(word: string | undefined, edge: 0 | -1): boolean {
  const char = word?.at(edge);
  return char === '.' || char === '@';
}

function quoteEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === 0x5c) at++;
    else if (char === 0x22) return at + 1;
  }
  return text.length;
}

/** Words in quotes are text, yet programs put encoded ones there; they are decoded with the rest. */
function quotedText(text: string, start: number, end: number): string {
  const inner = text.slice(start + 1, end > start + 1 && text.charAt(end - 1) === '"' ? end - 1 : end);
  return inner.includes('\\') ? inner.replaceAll(/\\(.)/gs, '$1') : inner;
}

function commentEnd(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === 0x5c) at++;
    else if (char === 0x28) depth++;
    else if (char === 0x29 && --depth === 0) return at + 1;
  }
  return text.length;
}

/** A domain literal hangs together, its colons too (`[IPv6:::1]`). */
function atomEnd(text: string, start: number): number {
  let isLiteral = false;
  for (let at = start; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === '[') isLiteral = true;
    if (char === ']') isLiteral = false;
    if (char === ':' ? !isLiteral : ' \t\r\n"(<,;'.includes(char)) return Math.max(at, start + 1);
  }
  return text.length;
}
