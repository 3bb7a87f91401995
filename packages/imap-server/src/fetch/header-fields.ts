/**
 * The chosen fields of a header, octet for octet, with the empty line at the end (RFC 9051 6.4.5.1 HEADER.FIELDS). Line ends may be bare LF, as the message
 * came. Linear.
 * @param header latin1
 */
export function chooseFields(header: string, { fields, isNot }: { readonly fields: readonly string[]; readonly isNot: boolean }): string {
  const names = new Set(fields.map((field) => field.toLowerCase()));
  let chosen = '';
  for (let start = 0; start < header.length;) {
    let end = lineEnd(header, start);
    while (end < header.length && isBlank(header.charCodeAt(end))) end = lineEnd(header, end);
    const field = header.slice(start, end);
    start = end;
    const name = nameOf(field);
    // The empty line, and lines that are no fields, are nobody's.
    if (name !== '' && names.has(name) !== isNot) chosen += field.endsWith('\n') ? field : `${field}\r\n`;
  }
  return `${chosen}\r\n`;
}

function nameOf(field: string): string {
  const colon = field.indexOf(':');
  return colon <= 0 ? '' : field.slice(0, colon).trimEnd().toLowerCase();
}

function lineEnd(text: string, from: number): number {
  const at = text.indexOf('\n', from);
  return at < 0 ? text.length : at + 1;
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
