/** What is different in each message; the rest of it is one buffer for all, so that making messages costs nearly nothing. */
export interface Letter {
  readonly from: string;
  readonly to: string;
  readonly pieces: readonly Buffer[];
}

const LINE = `${'The quick brown fox jumps over the lazy dog, again and again.'.padEnd(74, '.')}\r\n`;
const RECIPIENT = 'somebody@outside.test';
/** One body for each size that was asked for. */
const bodies = new Map<number, Buffer>();

export function letter(options: { readonly id: string; readonly from: string; readonly sizeBytes: number }): Letter {
  const { id, from, sizeBytes } = options;
  const head = Buffer.from(
    [
      `From: Load <${from}>`,
      `To: ${RECIPIENT}`,
      'Subject: load',
      'Date: Mon, 23 Nov 2026 08:00:00 +0000',
      `Message-ID: <${id}@load.test>`,
      'MIME-Version: 1.0',
      'Content-Type: text/plain; charset=us-ascii',
      '',
      '',
    ].join('\r\n'),
  );
  return { from, to: RECIPIENT, pieces: [head, bodyOf(Math.max(0, sizeBytes - head.length))] };
}

function bodyOf(sizeBytes: number): Buffer {
  const rounded = Math.max(1, Math.round(sizeBytes / LINE.length));
  const body = bodies.get(rounded) ?? Buffer.from(LINE.repeat(rounded));
  bodies.set(rounded, body);
  return body;
}
