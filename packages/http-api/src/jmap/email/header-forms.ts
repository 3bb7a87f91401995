/* RFC 8621 4.1.2: a header field in the form that is asked for. */
import { decodeWords, readMailboxes, readZonedDate } from '@stopgap/message';

/** Of one field; the rest is left out. */
const MOST_GROUPS = 2000;

export type HeaderForm = 'Raw' | 'Text' | 'Addresses' | 'GroupedAddresses' | 'MessageIds' | 'Date' | 'URLs';

/** As a body of a field stands in the message, after the colon, without the last line end; latin1. */
export function headerValue(raw: string, form: HeaderForm): unknown {
  switch (form) {
    case 'Raw':
      return textOf(raw);
    case 'Text':
      return shownText(decodeWords(unfolded(raw))).trim();
    case 'Addresses':
      return readMailboxes(unfolded(raw)).map(emailAddress);
    case 'GroupedAddresses':
      return grouped(unfolded(raw));
    case 'MessageIds':
      return bracketed(unfolded(raw), /^[^\s<>]+$/);
    case 'Date':
      return dateWithZone(unfolded(raw).trim());
    case 'URLs':
      return bracketed(unfolded(raw), /^[^\s<>]+$/);
    default:
      return form satisfies never;
  }
}

/** RFC 8621 4.1.2.2: what encoded words bring of line ends and the like is dropped; a client might write it into a header again. */
export function shownText(decoded: string): string {
  return decoded.replaceAll(/[\0-\x08\x0a-\x1f\x7f]/g, '').normalize('NFC');
}

export function emailAddress({ name, address }: { readonly name: string; readonly address: string }) {
  const shown = shownText(name);
  return { name: shown === '' ? null : shown, email: address };
}

/** RFC 8621 4.1.2.5 with the zone as it was written; null: nobody can read it. */
export function dateWithZone(text: string): string | null {
  const date = readZonedDate(text);
  if (date === undefined) return null;
  const { ms, zoneMinutes } = date;
  const [hours, minutes] = [Math.trunc(Math.abs(zoneMinutes) / 60), Math.abs(zoneMinutes) % 60];
  // RFC 3339 5.6 knows no other zones.
  if (zoneMinutes === 0 || hours > 23) return utcDate(ms);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${utcDate(ms + zoneMinutes * 60_000).slice(0, -1)}${zoneMinutes < 0 ? '-' : '+'}${two(hours)}:${two(minutes)}`;
}

/** RFC 8620 1.4: without a fraction that is zero. */
export function utcDate(ms: number): string {
  // Beyond what a Date can hold: a header that somebody made up.
  const clamped = Math.min(Math.max(ms, -62_135_596_800_000), 253_402_300_799_000);
  return new Date(clamped).toISOString().replace(/\.000Z$/, 'Z');
}

/** NUL and what is no UTF-8 have no place in JSON text (RFC 8621 4.1.2.1). */
function textOf(raw: string): string {
  return Buffer.from(raw, 'latin1').toString('utf8').replaceAll('\0', '');
}

function unfolded(raw: string): string {
  return textOf(raw)
    .replaceAll(/\r?\n(?=[ \t])/g, '')
    .replaceAll(/[\r\n]/g, ' ');
}

/** What stands in angle brackets, if there is nothing else but blanks, commas and comments; null: it is something else. */
function bracketed(text: string, item: RegExp): string[] | null {
  const items: string[] = [];
  let rest = text;
  for (;;) {
    rest = rest.replace(/^[\s,]+/, '');
    if (rest === '') return items.length === 0 ? null : items;
    const end = rest.startsWith('(') ? rest.indexOf(')') : rest.startsWith('<') ? rest.indexOf('>') : -1;
    if (end < 0) return null;
    if (rest.startsWith('<')) {
      const inner = rest.slice(1, end).replaceAll(/\s/g, '');
      if (!item.test(inner)) return null;
      items.push(inner);
    }
    rest = rest.slice(end + 1);
  }
}

/** RFC 8621 4.1.2.4: addresses that follow each other outside of a group are one without a name. One walk: the field is as long as its sender likes. */
function grouped(text: string): readonly { readonly name: string | null; readonly addresses: readonly unknown[] }[] {
  const groups: { name: string | null; addresses: readonly unknown[] }[] = [];
  const add = (name: string | null, list: string): void => {
    const addresses = readMailboxes(list).map(emailAddress);
    if (name !== null || addresses.length > 0) groups.push({ name, addresses });
  };
  let from = 0;
  let nameStart = 0;
  let name: string | null = null;
  for (const at of separators(text)) {
    const char = text.charAt(at);
    if (name === null && char === ',') nameStart = at + 1;
    else if (name === null && char === ':') {
      add(null, text.slice(from, nameStart));
      name = plainName(text.slice(nameStart, at));
      from = at + 1;
    } else if (name !== null && char === ';') {
      add(name, text.slice(from, at));
      name = null;
      from = nameStart = at + 1;
    }
    if (groups.length >= MOST_GROUPS) return groups;
  }
  add(name, text.slice(from));
  return groups;
}

function plainName(text: string): string {
  const trimmed = text.trim();
  const inner =
    trimmed.startsWith('"') && trimmed.endsWith('"') && trimmed.length > 1 ? trimmed.slice(1, -1).replaceAll(/\\(.)/g, '$1') : trimmed;
  return shownText(decodeWords(inner));
}

/** Where a colon, a comma or a semicolon stands outside of quotes, comments and brackets. */
function* separators(text: string): Generator<number> {
  let depth = 0;
  let isQuoted = false;
  for (let at = 0; at < text.length; at++) {
    const one = text.charAt(at);
    if (one === '\\') at++;
    else if (one === '"') isQuoted = !isQuoted;
    else if (isQuoted) continue;
    else if (one === '(' || one === '<' || one === '[') depth++;
    else if (one === ')' || one === '>' || one === ']') depth = Math.max(0, depth - 1);
    else if (depth === 0 && (one === ':' || one === ',' || one === ';')) yield at;
  }
}
