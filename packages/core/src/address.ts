import { asId } from './ids.ts';

/** RFC 5321 4.5.3.1: 64 octets of local part, 255 of domain, 254 in a path without its brackets. */
const LONGEST_LOCAL_PART = 64;
const LONGEST_ADDRESS = 254;

/** An addr-spec taken apart. `domain` is lower case; the local part keeps its case (RFC 5321 2.4). */
export interface Address {
  readonly localPart: string;
  readonly domain: string;
}

/**
 * Reads one addr-spec (no display name, no brackets). Undefined for everything that is not plainly `local@domain`:
 * quoted local parts, source routes, percent hacks to a second host, control characters, over-long parts.
 * Those forms are legal in part, but only relay tricks use them today.
 */
export function parseAddress(text: string): Address | undefined {
  if (text.length === 0 || Buffer.byteLength(text) > LONGEST_ADDRESS) return undefined;
  const at = text.lastIndexOf('@');
  if (at <= 0 || at === text.length - 1) return undefined;
  const localPart = text.slice(0, at);
  const domain = text.slice(at + 1).toLowerCase();
  if (Buffer.byteLength(localPart) > LONGEST_LOCAL_PART) return undefined;
  if (!isDotAtom(localPart) || !isDomain(domain)) return undefined;
  return { localPart, domain };
}

export function formatAddress(address: Address): string {
  return `${address.localPart}@${address.domain}`;
}

/** The form under which an account is found: mail servers in use ignore the case of the whole address. */
export function accountIdOf(address: Address) {
  return asId.account(formatAddress(address).toLowerCase());
}

export function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}

/** RFC 5322 atext, plus all of UTF-8 beyond ASCII (RFC 6531 3.3). `%` and `!` at the edges of relaying stay out. */
function isDotAtom(text: string): boolean {
  return text.split('.').every((atom) => /^[A-Za-z0-9#$&'*+/=?^_`{|}~\-\u0080-\u{10ffff}]+$/u.test(atom));
}

function isDomain(text: string): boolean {
  if (/^\[(?:\d{1,3}\.){3}\d{1,3}\]$/.test(text)) return true;
  return text
    .split('.')
    .every(
      (label) =>
        label.length <= 63 && /^[a-z0-9\u0080-\u{10ffff}](?:[a-z0-9_\-\u0080-\u{10ffff}]*[a-z0-9\u0080-\u{10ffff}])?$/u.test(label),
    );
}
