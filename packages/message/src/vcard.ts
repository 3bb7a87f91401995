/** RFC 6350 3.2: octets of a line, its CRLF not counted. */
const LINE_OCTETS = 75;

export interface Contact {
  readonly address: string;
  /** '' where none is known. */
  readonly name: string;
  readonly lastSeenMs: number;
  /** Messages to it. */
  readonly sent: number;
  /** Messages from it. */
  readonly received: number;
}

/** One vCard 4.0 (RFC 6350), with its last CRLF. The same contact gives the same card, so taking it in twice makes one entry (UID). */
export function vcardOf(contact: Contact): string {
  const { address, name, lastSeenMs, sent, received } = contact;
  const lines = [
    'BEGIN:VCARD',
    'VERSION:4.0',
    `UID:mailto:${encodeURIComponent(oneLine(address).toWellFormed()).replaceAll('%40', '@')}`,
    `FN:${escaped(name.trim() === '' ? address : name)}`,
    `EMAIL:${escaped(address)}`,
    `X-STOPGAP-LAST-SEEN:${new Date(lastSeenMs).toISOString()}`,
    `X-STOPGAP-SENT:${sent}`,
    `X-STOPGAP-RECEIVED:${received}`,
    'END:VCARD',
  ];
  return lines.map((line) => `${folded(line)}\r\n`).join('');
}

/** RFC 6350 3.4. Names come from other people's mail: what could end a line becomes a blank. */
function escaped(text: string): string {
  return oneLine(text)
    .trim()
    .replaceAll(/[\\,;]/g, String.raw`\$&`);
}

function oneLine(text: string): string {
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ');
}

/** RFC 6350 3.2: never inside a character. */
function folded(line: string): string {
  const bytes = Buffer.from(line);
  if (bytes.length <= LINE_OCTETS) return line;
  const pieces: string[] = [];
  for (let start = 0; start < bytes.length;) {
    // A further line begins with a blank that counts.
    let end = Math.min(bytes.length, start + LINE_OCTETS - (start === 0 ? 0 : 1));
    while (end < bytes.length && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
    pieces.push(bytes.toString('utf8', start, end));
    start = end;
  }
  return pieces.join('\r\n ');
}
