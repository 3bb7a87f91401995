/*
 * How DSN parameters travel in SMTP commands: xtext (RFC 3461 4) in ENVID and ORCPT, and the utf-8 address type on top of it (RFC 6533 3).
 * We keep the decoded text and encode again for the next hop.
 */

/** Printable ASCII except `+` and `=`. */
const PLAIN_FROM = 0x21;
const PLAIN_TO = 0x7e;
const PLUS = 0x2b;
const EQUALS = 0x3d;

/** Every octet that is not plain as `+XX`; what is not ASCII goes by its UTF-8 octets. */
export function encodeXtext(text: string): string {
  let xtext = '';
  for (const octet of Buffer.from(text)) {
    const isPlain = octet >= PLAIN_FROM && octet <= PLAIN_TO && octet !== PLUS && octet !== EQUALS;
    xtext += isPlain ? String.fromCharCode(octet) : `+${octet.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return xtext;
}

/**
 * Undefined: no xtext, or it hides a control character (RFC 3461 4.4 wants printable text; a line break would end up in a header).
 * Lower-case hex is read too: some clients write it.
 */
export function decodeXtext(xtext: string): string | undefined {
  if (!/^(?:[!-*,-<>-~\u0080-\u{10ffff}]|\+[0-9A-Fa-f]{2})*$/u.test(xtext)) return undefined;
  const octets: Buffer[] = [];
  for (const [part] of xtext.matchAll(/\+..|[^+]+/gu)) {
    octets.push(part.startsWith('+') ? Buffer.from(part.slice(1), 'hex') : Buffer.from(part));
  }
  const text = Buffer.concat(octets).toString();
  return /[\p{Cc}\u2028\u2029\ufffd]/u.test(text) ? undefined : text;
}

/** RFC 6533 3, utf-8-addr-xtext: for `ORCPT=utf-8;...` to a server without SMTPUTF8. */
export function encodeUtf8Address(address: string): string {
  let encoded = '';
  for (const char of address) {
    const code = char.codePointAt(0) ?? 0;
    const isPlain = code >= PLAIN_FROM && code <= PLAIN_TO && !'+=\\'.includes(char);
    encoded += isPlain ? char : `\\x{${code.toString(16).toUpperCase()}}`;
  }
  return encoded;
}
