import { parseHeader, preambleLine, unfoldedValue, type HeaderField } from '@stopgap/message';
import type { DeliveryJob } from '@stopgap/core';
import { ChunkTrap } from '@stopgap/upstreams/web';

/** Past it the message is resent as it is: no door of ours takes a longer header. */
const LONGEST_HEADER = 1024 * 1024;
const SEPARATOR = Buffer.from('\r\n\r\n');

/** What decides how a message can travel through a webmail. */
export interface Carriage {
  /** Lengths of a preamble line with which resending leaves the body whole; 0 is "as it is". */
  readonly paddings: readonly number[];
  readonly isMultipart: boolean;
  /** Signed or encrypted: another editor must not touch it. */
  readonly isSealed: boolean;
}

export async function examine(job: Pick<DeliveryJob, 'open'>): Promise<Carriage> {
  const trap = new ChunkTrap();
  const header = await eachBody(job.open(), (body) => trap.push(body));
  const fields = parseableFields(header);
  const type = fields.find((field) => field.name === 'content-type');
  const value = type === undefined ? 'text/plain' : unfoldedValue(type).toLowerCase();
  return {
    paddings: trap.safePaddings,
    isMultipart: value.startsWith('multipart/'),
    isSealed: /^(?:multipart\/(?:signed|encrypted)|application\/(?:x-)?pkcs7-mime)\b/.test(value),
  };
}

/**
 * How many bytes of preamble make it safe to resend: undefined when none does. A preamble is no part of any MIME part and of no S/MIME or
 * PGP signature (RFC 2046 5.1.1, RFC 1847 2.1).
 */
export function paddingOf(carriage: Carriage): number | undefined {
  const [least] = carriage.paddings;
  return least === 0 || carriage.isMultipart ? least : undefined;
}

/** The message with a line of preamble; 0 changes nothing. */
export async function* withPreamble(chunks: AsyncIterable<Buffer>, bytes: number): AsyncGenerator<Buffer> {
  let head: Buffer | undefined = bytes === 0 ? undefined : Buffer.alloc(0);
  for await (const chunk of chunks) {
    if (head === undefined) {
      yield chunk;
      continue;
    }
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf(SEPARATOR);
    if (end === -1) continue;
    const body = end + SEPARATOR.length;
    yield head.subarray(0, body);
    yield preambleLine(bytes);
    yield head.subarray(body);
    head = undefined;
  }
  if (head !== undefined) yield head;
}

/** Hands on the body and returns the header block. */
async function eachBody(chunks: AsyncIterable<Buffer>, take: (body: Buffer) => void): Promise<Buffer> {
  let head = Buffer.alloc(0);
  let isBody = false;
  for await (const chunk of chunks) {
    if (isBody) {
      take(chunk);
      continue;
    }
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf(SEPARATOR);
    if (end === -1 && head.length <= LONGEST_HEADER) continue;
    isBody = true;
    const body = end === -1 ? head.length : end + SEPARATOR.length;
    take(head.subarray(body));
    head = head.subarray(0, body);
  }
  return head;
}

function parseableFields(header: Buffer): readonly HeaderField[] {
  try {
    return parseHeader(header);
  } catch {
    // Longer than any header should be: then nothing is known about it, and nothing is built on it.
    return [];
  }
}
