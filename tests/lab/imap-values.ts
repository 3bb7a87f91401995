/** What stands in parentheses is a list; NIL is null; atoms, strings and literals are text. */
export type ImapValue = string | null | readonly ImapValue[];

/** Reads one value (RFC 9051 9) that may hold literals. */
export function readImapValue(text: string): ImapValue {
  const place = { at: 0 };
  return readValue(text, place);
}

function readValue(text: string, place: { at: number }): ImapValue {
  while (text.charAt(place.at) === ' ') place.at++;
  const char = text.charAt(place.at);
  if (char === '(') return readList(text, place);
  if (char === '"') return readQuoted(text, place);
  if (char === '{') return readLiteral(text, place);
  const start = place.at;
  while (place.at < text.length && !' ()'.includes(text.charAt(place.at))) place.at++;
  const atom = text.slice(start, place.at);
  return atom.toUpperCase() === 'NIL' ? null : atom;
}

function readList(text: string, place: { at: number }): ImapValue[] {
  const list: ImapValue[] = [];
  place.at++;
  for (;;) {
    while (text.charAt(place.at) === ' ') place.at++;
    if (text.charAt(place.at) === ')' || place.at >= text.length) break;
    list.push(readValue(text, place));
  }
  place.at++;
  return list;
}

function readQuoted(text: string, place: { at: number }): string {
  let out = '';
  for (place.at++; text.charAt(place.at) !== '"'; place.at++) {
    if (place.at >= text.length) throw new Error('a string without an end');
    if (text.charAt(place.at) === '\\') place.at++;
    out += text.charAt(place.at);
  }
  place.at++;
  return out;
}

/** The answer is latin1: one character is one octet. */
function readLiteral(text: string, place: { at: number }): string {
  const [head = '', size = '0'] = /^\{(\d+)\}\r\n/.exec(text.slice(place.at, place.at + 20)) ?? [];
  const start = place.at + head.length;
  place.at = start + Number(size);
  return text.slice(start, place.at);
}
