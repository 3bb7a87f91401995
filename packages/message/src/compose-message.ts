/* A message made of parts, as a stream of bytes: attachments pass through and are never held. */
import { randomUUID } from 'node:crypto';
import { isAscii } from '@stopgap/core';
import { parameterField, rawField } from './compose-header.ts';
import { encodeQuotedPrintable } from './quoted-printable.ts';

/** RFC 2045 6.8: 76 characters a line. */
const BASE64_OCTETS = 57;
/** Encoded in one go. */
const CHUNK_OCTETS = BASE64_OCTETS * 1024;
/** RFC 5322 2.1.1; longer ones, and what is no ASCII, are encoded. */
const LINE_CHARS = 998;

export type PartPlan =
  | {
      readonly kind: 'text';
      /** `plain`, `html` and so on. */
      readonly subtype: string;
      /** Line ends of any kind. */
      readonly text: string;
      /** Further header fields, whole, with their line ends. */
      readonly fields?: string;
    }
  | {
      readonly kind: 'bytes';
      readonly type: string;
      readonly parameters?: Readonly<Record<string, string>>;
      readonly fields?: string;
      readonly open: () => AsyncIterable<Buffer>;
    }
  | { readonly kind: 'multipart'; readonly subtype: string; readonly parts: readonly PartPlan[]; readonly fields?: string };

/** @param header the message's own fields, whole; those of its outermost part and MIME-Version are added */
export async function* composeMessage(header: string, root: PartPlan): AsyncGenerator<Buffer> {
  yield Buffer.from(`${header}${rawField('MIME-Version', '1.0')}`);
  yield* part(root);
}

async function* part(plan: PartPlan): AsyncGenerator<Buffer> {
  switch (plan.kind) {
    case 'text':
      return yield Buffer.from(textPart(plan));
    case 'bytes':
      return yield* bytesPart(plan);
    case 'multipart': {
      // `=_` can stand in no quoted-printable and no base64 (RFC 2045 6.7).
      const boundary = `=_${randomUUID()}`;
      yield Buffer.from(`${parameterField('Content-Type', `multipart/${plan.subtype}`, { boundary })}${plan.fields ?? ''}\r\n`);
      for (const one of plan.parts) {
        yield Buffer.from(`--${boundary}\r\n`);
        yield* part(one);
        yield Buffer.from('\r\n');
      }
      return yield Buffer.from(`--${boundary}--\r\n`);
    }
    default:
      return plan satisfies never;
  }
}

function textPart({ subtype, text, fields = '' }: Extract<PartPlan, { kind: 'text' }>): string {
  const lines = text
    .toWellFormed()
    .replaceAll('\0', '')
    .replaceAll(/\r\n|\r|\n/g, '\r\n');
  const isPlain = isAscii(lines) && lines.split('\r\n').every((line) => line.length <= LINE_CHARS && !line.endsWith(' '));
  const type = parameterField('Content-Type', `text/${subtype}`, { charset: 'utf-8' });
  const encoding = rawField('Content-Transfer-Encoding', isPlain ? '7bit' : 'quoted-printable');
  return `${type}${encoding}${fields}\r\n${isPlain ? lines : encodeQuotedPrintable(Buffer.from(lines))}`;
}

async function* bytesPart({ type, parameters = {}, fields = '', open }: Extract<PartPlan, { kind: 'bytes' }>): AsyncGenerator<Buffer> {
  // RFC 2046 5.2.1: a message is not encoded.
  const isMessage = type === 'message/rfc822';
  const head = `${parameterField('Content-Type', type, parameters)}${rawField('Content-Transfer-Encoding', isMessage ? '8bit' : 'base64')}`;
  yield Buffer.from(`${head}${fields}\r\n`);
  yield* isMessage ? withLineEnds(open()) : base64(open());
}

async function* base64(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of bytes) {
    let all = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (; all.length >= CHUNK_OCTETS; all = all.subarray(CHUNK_OCTETS)) yield base64Lines(all.subarray(0, CHUNK_OCTETS));
    rest = Buffer.from(all);
  }
  if (rest.length > 0) yield base64Lines(rest);
}

function base64Lines(bytes: Buffer): Buffer {
  return Buffer.from(
    bytes.toString('base64').replaceAll(/.{76}(?!$)/g, '$&\r\n') + (bytes.length === CHUNK_OCTETS ? '\r\n' : ''),
    'latin1',
  );
}

/** Bare CR and LF become CRLF: a message that came by another way may have them, and nobody would take it on. */
async function* withLineEnds(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let endsInCr = false;
  for await (const chunk of bytes) {
    if (chunk.length === 0) continue;
    const text: string = (endsInCr ? '\r' : '') + chunk.toString('latin1');
    endsInCr = text.endsWith('\r');
    const whole = endsInCr ? text.slice(0, -1) : text;
    yield Buffer.from(whole.replaceAll(/\r\n|\r|\n/g, '\r\n').replaceAll('\0', ''), 'latin1');
  }
  if (endsInCr) yield Buffer.from('\r\n');
}
