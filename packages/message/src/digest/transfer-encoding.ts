const EQUALS = 0x3d;
const LF = 0x0a;
const CR = 0x0d;

/** RFC 2045 6, tolerantly: an encoding that nobody knows is none. */
export function decodeTransfer(bytes: Buffer, encoding: string): Buffer {
  if (encoding === 'base64') return Buffer.from(bytes.toString('latin1'), 'base64');
  return encoding === 'quoted-printable' ? decodeQuotedPrintable(bytes) : bytes;
}

/** RFC 2045 6.7. What is no encoding stays as it stands; blanks at the end of a line stay, too: search and people do not mind them. */
export function decodeQuotedPrintable(bytes: Buffer): Buffer {
  const first = bytes.indexOf(EQUALS);
  if (first < 0) return bytes;
  // Byte by byte: encoded bytes are so near to each other that calls into Buffer would cost more.
  const out = Buffer.allocUnsafe(bytes.length);
  let length = bytes.copy(out, 0, 0, first);
  for (let at = first; at < bytes.length;) {
    const byte = bytes[at++] as number;
    if (byte !== EQUALS) {
      out[length++] = byte;
      continue;
    }
    const octet = hexPair(bytes[at], bytes[at + 1]);
    const softEnd = octet < 0 ? softBreakEnd(bytes, at) : -1;
    if (octet >= 0) at += 2;
    else if (softEnd >= 0) at = softEnd;
    if (softEnd < 0) out[length++] = octet < 0 ? EQUALS : octet;
  }
  return out.subarray(0, length);
}

/** Past the line end that follows, blanks before it allowed (RFC 2045 6.7 (3)); -1: another character stands there. */
function softBreakEnd(bytes: Buffer, from: number): number {
  let at = from;
  // A few blanks only: a long run of `=   =   =` must not be walked again and again.
  while (at < from + 8 && (bytes[at] === 0x20 || bytes[at] === 0x09)) at++;
  if (at >= bytes.length) return bytes.length;
  if (bytes[at] === LF) return at + 1;
  return bytes[at] === CR && (bytes[at + 1] === LF || at + 1 === bytes.length) ? at + 2 : -1;
}

/** -1: no two hexadecimal digits. */
export function hexPair(high: number | undefined, low: number | undefined): number {
  const first = hexDigit(high);
  const second = hexDigit(low);
  return first < 0 || second < 0 ? -1 : first * 16 + second;
}

function hexDigit(code: number | undefined): number {
  if (code === undefined) return -1;
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
