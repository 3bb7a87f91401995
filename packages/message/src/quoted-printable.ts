/** RFC 2045 6.7: no encoded line is longer, its soft break included. */
const MAX_ENCODED_LINE = 76;
const hex = Array.from({ length: 256 }, (_, octet) => `=${octet.toString(16).toUpperCase().padStart(2, '0')}`);

/** CRLF stays a line end; everything that is not printable ASCII, `=`, and a blank before a line end are encoded. */
export function encodeQuotedPrintable(bytes: Buffer): string {
  return bytes.toString('latin1').split('\r\n').map(encodeLine).join('\r\n');
}

function encodeLine(line: string): string {
  const pieces: string[] = [];
  let piece = '';
  for (let i = 0; i < line.length; i++) {
    const code = line.charCodeAt(i);
    const isBlank = code === 0x20 || code === 0x09;
    const isPlain = (code > 0x20 && code < 0x7f && code !== 0x3d) || (isBlank && i + 1 < line.length);
    const next = isPlain ? line.charAt(i) : (hex[code] ?? '');
    if (piece.length + next.length >= MAX_ENCODED_LINE) {
      pieces.push(piece);
      piece = '';
    }
    piece += next;
  }
  pieces.push(piece);
  return pieces.join('=\r\n');
}
