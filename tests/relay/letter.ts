export interface LetterOptions {
  readonly from: string;
  readonly to: readonly string[];
  /** Further header lines, whole. */
  readonly fields?: readonly string[];
  readonly body?: Buffer;
}

/**
 * Every line of it has broken some mail system: dots, From, spaces at the end. No empty line at the very end: Roundcube's import takes it away, and
 * so does no harm to any reader.
 */
const TRICKY = ['.a dot', '.', '..', 'From the start', '', 'From after an empty line', 'trailing   ', 'end', ''].join('\r\n');

/** A message that a mail program would send; `id` makes its Message-ID. */
export function letterTo(id: string, { from, to, fields = [], body = Buffer.from(TRICKY) }: LetterOptions): Buffer {
  const head = [
    `From: <${from}>`,
    `To: ${to.join(', ')}`,
    `Message-ID: <${id}@provider.test>`,
    `Subject: about ${id}`,
    'Date: Mon, 23 Nov 2026 08:00:00 +0000',
    ...fields,
    '',
    '',
  ];
  return Buffer.concat([Buffer.from(head.join('\r\n')), body]);
}

/** Is this the message `id`, by its own header? A notice that quotes it is not. */
export function isLetter(raw: Buffer, id: string): boolean {
  const end = raw.indexOf('\r\n\r\n');
  return raw.subarray(0, end).toString('latin1').toLowerCase().includes(`\r\nmessage-id: <${id.toLowerCase()}@provider.test>`);
}
