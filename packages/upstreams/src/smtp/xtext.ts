/** RFC 3461 4: xtext, everything beyond printable ASCII, and `+` and `=`, as `+XX`. Beyond ASCII it is the UTF-8 octets. */
export function xtext(text: string): string {
  let out = '';
  for (const octet of Buffer.from(text)) {
    const isPlain = octet >= 0x21 && octet <= 0x7e && octet !== 0x2b && octet !== 0x3d;
    out += isPlain ? String.fromCharCode(octet) : `+${octet.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return out;
}
