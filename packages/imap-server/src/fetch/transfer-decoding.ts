/* RFC 3516: parts without their transfer encoding, chunk by chunk, so that the size can be counted in one pass and the octets be sent in another. */

const EQUALS = 0x3d;
const LF = 0x0a;
const CR = 0x0d;
/** Blanks before a line end are no part of quoted-printable text (RFC 2045 6.7 (3)); so many are held to find out. */
const HELD_BYTES = 1000;

/** Undefined: nobody knows this encoding (`UNKNOWN-CTE`). */
export function transferDecoder(encoding: string): ((chunks: AsyncIterable<Buffer>) => AsyncIterable<Buffer>) | undefined {
  switch (encoding) {
    case '7bit':
    case '8bit':
    case 'binary':
      return (chunks) => chunks;
    case 'base64':
      return decodeBase64;
    case 'quoted-printable':
      return decodeQuotedPrintable;
    default:
      return undefined;
  }
}

/** RFC 2045 6.8: what is not of the alphabet is passed over. */
async function* decodeBase64(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held = '';
  let isOver = false;
  for await (const chunk of chunks) {
    if (isOver) continue;
    const text = held + chunk.toString('latin1').replaceAll(/[^A-Za-z0-9+/=]+/g, '');
    const pad = text.indexOf('=');
    isOver = pad >= 0;
    const whole = isOver ? text.slice(0, pad) : text.slice(0, text.length - (text.length % 4));
    held = isOver ? '' : text.slice(whole.length);
    if (whole !== '') yield Buffer.from(whole, 'base64');
  }
  if (held.length > 1) yield Buffer.from(held, 'base64');
}

/** RFC 2045 6.7, line by line; a line that never ends is cut where no `=` can be torn apart. */
async function* decodeQuotedPrintable(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const bytes = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    let end = bytes.lastIndexOf(LF) + 1;
    if (end === 0 && bytes.length > HELD_BYTES) end = safeCut(bytes);
    if (end > 0) yield decodeLines(bytes.subarray(0, end));
    held = bytes.subarray(end);
  }
  // A soft break at the very end.
  if (held.at(-1) === EQUALS) held = held.subarray(0, -1);
  if (held.length > 0) yield decodeLines(held);
}

/** Not inside of `=XX`, nor among blanks. */
function safeCut(bytes: Buffer): number {
  let at = bytes.length - 3;
  while (at > 0 && (isBlank(bytes[at - 1]) || bytes[at - 1] === CR || bytes[at - 1] === EQUALS || bytes[at - 2] === EQUALS)) at -= 1;
  return at > 0 ? at : bytes.length;
}

function decodeLines(bytes: Buffer): Buffer {
  // The look behind keeps it linear: a long run of blanks is tried from its beginning alone.
  const text = bytes.toString('latin1').replaceAll(/(?<![ \t])[ \t]+(?=\r?\n)/g, '');
  if (!text.includes('=')) return Buffer.from(text, 'latin1');
  // Soft breaks and octets in one go: what stands together only after a break is no octet.
  const decoded = text.replaceAll(/=(?:([0-9A-Fa-f]{2})|\r?\n)/g, (_, hex: string | undefined) =>
    hex === undefined ? '' : String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(decoded, 'latin1');
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09;
}
