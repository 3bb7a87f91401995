/*
 * What people type and paste into To: one or many addresses, with names or without, in the forms that mail programs show (RFC 5322 3.4, leniently).
 */
import type { EmailAddress } from '../api/methods.ts';

const MOST = 200;
const LONGEST = 254;

/** An entry that is no address keeps its text as its address, to be shown as wrong; so does what is too many. */
export function parseRecipients(text: string): EmailAddress[] {
  const all = withWholeNames(split(text)).flatMap(readEntry);
  const rest = all.slice(MOST).map(({ email }) => email);
  return rest.length === 0 ? all : [...all.slice(0, MOST), { name: null, email: rest.join(', ') }];
}

/** Good enough to be handed to the relay, which knows better. */
export function isAddress(email: string): boolean {
  const at = email.lastIndexOf('@');
  if (at < 1 || email.length > LONGEST) return false;
  const local = email.slice(0, at);
  const domain = email.slice(at + 1);
  if (/[\s\u0000-\u001F<>(),;:"\\[\]]/.test(domain) || !/^[^.]+(?:\.[^.]+)+$/.test(domain)) return false;
  return /^"(?:[^"\\]|\\.)+"$/.test(local) || /^[^\s\u0000-\u001F<>(),;:"\\[\]@]+$/.test(local);
}

/** Without those that are there already, whatever their case. */
export function added(there: readonly EmailAddress[], more: readonly EmailAddress[]): EmailAddress[] {
  const known = new Set(there.map(({ email }) => email.toLowerCase()));
  const all = [...there];
  for (const one of more) {
    if (known.has(one.email.toLowerCase())) continue;
    known.add(one.email.toLowerCase());
    all.push(one);
  }
  return all;
}

/** As one types an address, to be changed. */
export function textOf({ name, email }: EmailAddress): string {
  return name === null || name === undefined ? email : `"${name.replaceAll(/["\\\\]/g, String.raw`\$&`)}" <${email}>`;
}

/** Names before addresses, with brackets or without. What could be meant in two ways is wrong as a whole: behind the last address may stand another that is not whole. */
function readEntry(entry: string): EmailAddress[] {
  const wrong = [{ name: null, email: entry }];
  // As it was written before there were angle brackets.
  const [, old = '', comment = ''] = /^(\S+)\s*\(([^()]*)\)$/.exec(entry) ?? [];
  if (isAddress(addressOf(old))) return [recipient(comment, old)];
  const found: EmailAddress[] = [];
  let name: string[] = [];
  for (const word of entry.match(/<[^<>]*>?|(?:"[^"]*"|[^\s<])+/g) ?? []) {
    const isAngled = word.startsWith('<');
    const one = recipient(name.join(' '), word.replace(/^<(.*)>$/s, '$1'));
    if (!isAngled && !isAddress(one.email)) name.push(word);
    else if (isAngled && name.length === 0 && found.length > 0) {
      // An address that stands for the name.
      if (found.at(-1)?.email !== one.email) return wrong;
    } else if (!isAngled && name.some((part) => part.includes('@') && !part.startsWith('"'))) return wrong;
    else {
      found.push(one);
      name = [];
    }
  }
  return name.length === 0 ? found : wrong;
}

function recipient(said: string, address: string): EmailAddress {
  const email = addressOf(address);
  const name = addressOf(said)
    .replace(/^"(.*)"$/s, '$1')
    .replaceAll(/\\(.)/g, '$1');
  return { name: name === '' || name === email ? null : name, email };
}

/** Without what copying brings along: the scheme of a link (RFC 6068), quotes around it, the end of a sentence, what is not to be seen. */
function addressOf(text: string): string {
  const bare = text
    .replaceAll(/[\u200B\u200E\u200F\u202A-\u202E\u2060-\u2069\uFEFF]/g, '')
    .trim()
    .replace(/^'(.*)'$/s, '$1');
  const [, linked] = /^mailto:([^?]*@[^?]*)(?:\?.*)?$/is.exec(bare) ?? [];
  return (linked === undefined ? bare : decoded(linked)).replace(/(@.*)\.$/s, '$1');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** `Baker, Ben <ben@x.test>` is one person: names are written so without quotes, too. No more than one word before: of several some were meant as addresses. */
function withWholeNames(entries: readonly string[]): string[] {
  const whole: string[] = [];
  for (const entry of entries) {
    const before = whole.at(-1);
    const isRest = before !== undefined && /^[^@"<,]+,$/.test(before) && /^[^<"]+<[^<>]*>$/.test(bare(entry));
    if (isRest) whole[whole.length - 1] = `${before} ${entry}`;
    else whole.push(entry);
  }
  return whole.map(bare).filter((one) => one !== '');
}

function bare(entry: string): string {
  return entry.replace(/,$/, '').trim();
}

/**
 * At commas, semicolons and line ends that are neither in quotes nor in angle brackets, and behind these. A comma stays at the end of what it ends. The name of
 * a group (RFC 5322 3.4: `Team: a@x.test, b@x.test;`), or of a field, is nobody.
 */
function split(text: string): string[] {
  const entries: string[] = [];
  let entry = '';
  let isQuoted = false;
  let isAngled = false;
  const end = (last: string): void => {
    entries.push(last);
    entry = '';
    isQuoted = false;
    isAngled = false;
  };
  for (const part of text.split(/([\n,;<>:"])/)) {
    if (part === '"') isQuoted = !isQuoted;
    if (part === '<' && !isQuoted) isAngled = true;
    const isInside = isQuoted || isAngled;
    if (part === '\n' || (part === ';' && !isInside)) end(entry);
    else if (part === ',' && !isInside) end(`${entry.trim()},`);
    else if (part === '>' && isAngled && !isQuoted) end(`${entry}>`);
    else if (part === ':' && !isInside && isGroup(entry)) entry = '';
    else entry += part;
  }
  return [...entries, entry].map((one) => one.trim());
}

/** A link is none: `mailto:`, `http:`. */
function isGroup(name: string): boolean {
  return !name.includes('@') && !/^\s*(?:mailto|https?|sip|tel)$/i.test(name);
}

/** As the relay looks for them: the address begins so, or a word of the name. What it offered for another text may be shown still. */
export function begins({ name, email }: EmailAddress, text: string): boolean {
  const beginning = text.toLowerCase();
  return email.toLowerCase().startsWith(beginning) || ` ${name?.toLowerCase() ?? ''}`.includes(` ${beginning}`);
}

/**
 * Which of those that are offered is taken by the key that ends a recipient; -1: none, but what was typed.
 * @param moved the address to which the arrows went. Undefined: nobody was chosen, and an address that is typed in full is meant as it is.
 */
export function activeOf(
  offered: readonly EmailAddress[],
  { text, moved }: { readonly text: string; readonly moved: string | undefined },
): number {
  const at = moved === undefined ? -1 : offered.findIndex(({ email }) => email === moved);
  if (at >= 0) return at;
  return isAddress(text) ? offered.findIndex(({ email }) => email.toLowerCase() === text.toLowerCase()) : offered.length > 0 ? 0 : -1;
}
