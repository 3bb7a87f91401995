/*
 * What people type and paste into To: one or many addresses, with names or without, in the forms that mail programs show (RFC 5322 3.4, leniently).
 */
import type { EmailAddress } from '../api/methods.ts';

const MOST = 200;
const LONGEST = 254;

/** An entry that is no address keeps its text as its address, to be shown as wrong. */
export function parseRecipients(text: string): EmailAddress[] {
  return withWholeNames(split(text))
    .flatMap((entry) => {
      const words = entry.split(/\s+/);
      return words.every(isAddress) ? words : [entry];
    })
    .slice(0, MOST)
    .map((entry) => {
      const match = /^(.*?)<([^<>]*)>$/s.exec(entry);
      if (match === null) return { name: null, email: entry };
      const name = (match[1] ?? '')
        .trim()
        .replace(/^"(.*)"$/s, '$1')
        .replaceAll(/\\(.)/g, '$1');
      return { name: name === '' ? null : name, email: (match[2] ?? '').trim() };
    });
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

/** At commas, semicolons and line ends that are neither in quotes nor in angle brackets. A comma stays at the end of what it ends. */
function split(text: string): string[] {
  const entries: string[] = [];
  let entry = '';
  let isQuoted = false;
  let isAngled = false;
  for (const char of text) {
    if (char === '"') isQuoted = !isQuoted;
    if (char === '<' && !isQuoted) isAngled = true;
    if (char === '>' && !isQuoted) isAngled = false;
    const isEnd = char === '\n' || ((char === ',' || char === ';') && !isQuoted && !isAngled);
    if (!isEnd) {
      entry += char;
      continue;
    }
    entries.push(char === ',' ? `${entry.trim()},` : entry);
    entry = '';
    isQuoted = false;
    isAngled = false;
  }
  return [...entries, entry].map((one) => one.trim());
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
