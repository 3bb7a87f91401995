import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { confirmation, firstError } from './answer.ts';
import { roundcubeError } from './errors.ts';
import { quoteMboxrd } from './mboxrd.ts';
import type { RoundcubeSession } from './session.ts';

/** The slowest upload that is waited for. */
const SLOWEST_BYTES_PER_SECOND = 50_000;
const IMPORT_DEADLINE_MS = 120_000;

export interface Import {
  readonly mbox: string;
  /** The message; read twice, as PHP wants to know the length beforehand. */
  readonly open: () => AsyncIterable<Buffer>;
  /** INTERNALDATE; undefined: now. */
  readonly receivedAtMs?: number;
  readonly signal: AbortSignal;
}

/**
 * Puts a message into a mailbox, as it is but for white space at its very end, unread. Its UID is not told. Throws `void` when Roundcube refused it
 * and `unavailable` when it knows no such action; nothing was stored then.
 */
export async function importMessage(session: RoundcubeSession, order: Import): Promise<void> {
  const boundary = `----stopgap${randomUUID()}`;
  // The type is told by the name: .eml is message/rfc822 or text to every version.
  const head = Buffer.from(
    `--${boundary}\r\nContent-Disposition: form-data; name="_file[]"; filename="message.eml"\r\nContent-Type: message/rfc822\r\n\r\n${order.receivedAtMs === undefined ? '' : fromLine(order.receivedAtMs)}`,
  );
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`);
  const quotedBytes = await lengthOf(quoteMboxrd(order.open()));
  if (quotedBytes > session.largestUploadBytes) {
    throw roundcubeError('too-big', `The webmail takes uploads of ${session.largestUploadBytes} bytes at most.`, { host: session.host });
  }
  const answer = await session.upload({
    action: 'import',
    parameters: { _mbox: order.mbox, _framed: '1' },
    type: `multipart/form-data; boundary=${boundary}`,
    length: head.length + quotedBytes + tail.length,
    open: () => Readable.from(framed(head, quoteMboxrd(order.open()), tail), { objectMode: false, highWaterMark: 64 * 1024 }),
    signal: order.signal,
    deadlineMs: IMPORT_DEADLINE_MS + Math.ceil((quotedBytes / SLOWEST_BYTES_PER_SECOND) * 1000),
  });
  if (confirmation(answer) !== undefined) return;
  const error = firstError(answer);
  if (error !== undefined) throw refusedUpload(error.text, session.host);
  // An action that is unknown or switched off answers with no call at all.
  throw roundcubeError('unavailable', 'This webmail can not import messages.', { host: session.host });
}

/** RFC 4155: the line that an mbox begins a message with, in UTC; Roundcube takes the date from it. */
function fromLine(ms: number): string {
  const [day = '', date = '', month = '', year = '', time = ''] = new Date(ms).toUTCString().replace(',', '').split(' ');
  return `From stopgap@localhost ${day} ${month} ${date} ${time} ${year}\r\n`;
}

/** English words; in another language it counts as a refusal without a reason. */
export function refusedUpload(text: string, host: string): Error {
  const lower = text.toLowerCase();
  const isTooBig = lower.includes('exceeds the maximum size');
  const isFull = lower.includes('no free disk space') || lower.includes('quota');
  const reason = isTooBig ? ({ class: 'too-big' } as const) : isFull ? ({ class: 'quota' } as const) : {};
  return roundcubeError('void', `The webmail did not take the upload: ${text}`, { host, ...reason });
}

async function* framed(head: Buffer, body: AsyncIterable<Buffer>, tail: Buffer): AsyncGenerator<Buffer> {
  yield head;
  yield* body;
  yield tail;
}

async function lengthOf(chunks: AsyncIterable<Buffer>): Promise<number> {
  let length = 0;
  for await (const chunk of chunks) length += chunk.length;
  return length;
}
