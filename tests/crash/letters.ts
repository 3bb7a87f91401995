import { createHash } from 'node:crypto';

export interface Letter {
  readonly messageId: string;
  readonly to: readonly string[];
  readonly raw: Buffer;
  /** Of what stands below the header: what no hop may change. */
  readonly bodyHash: string;
}

export function letterOf(options: {
  readonly messageId: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly bytes: number;
}): Letter {
  const { messageId, from, to, bytes } = options;
  const line = `.${messageId} 0123456789 abcdefghij klmnopqrst uvwxyz\r\n`;
  const body = line.repeat(Math.max(1, Math.ceil(bytes / line.length)));
  const head = [
    `From: <${from}>`,
    `To: ${to.join(', ')}`,
    `Message-ID: ${messageId}`,
    'Date: Mon, 23 Nov 2026 08:00:00 +0000',
    'Subject: x',
  ];
  const raw = Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`);
  return { messageId, to, raw, bodyHash: hashOf(Buffer.from(body)) };
}

/** What a receiver finds in the bytes it got. */
export function readLetter(raw: Buffer): { readonly messageId: string; readonly bodyHash: string } {
  const end = raw.indexOf('\r\n\r\n');
  const messageId = /^message-id:\s*(\S+)/im.exec(raw.subarray(0, end).toString())?.[1] ?? '(none)';
  return { messageId, bodyHash: hashOf(raw.subarray(end + 4)) };
}

function hashOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
