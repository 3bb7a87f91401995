import type { Flag, ModSeq } from '@stopgap/core';
import type { SearchCriteria } from '@stopgap/imap-server';
import type { MessageDigest } from '@stopgap/message';

interface Candidate {
  readonly uid: number;
  readonly raw: Buffer;
  readonly flags: readonly Flag[];
  readonly modSeq: ModSeq;
  readonly receivedAtMs: number;
  readonly digest: () => MessageDigest;
  readonly emailId: () => string;
}

/** SEARCH (RFC 9051 6.4.4) by looking at everything; dates of saving and threads are not kept. */
export function matches(criteria: SearchCriteria, message: Candidate): boolean {
  switch (criteria.kind) {
    case 'all':
      return criteria.of.every((one) => matches(one, message));
    case 'any':
      return criteria.of.some((one) => matches(one, message));
    case 'not':
      return !matches(criteria.of, message);
    case 'uid':
      return criteria.ranges.some(([first, last]) => message.uid >= first && message.uid <= last);
    case 'flag':
      return message.flags.includes(criteria.flag);
    case 'text':
      return holds(textOf(criteria.field, message), criteria.value);
    case 'header':
      return headerValues(message.raw, criteria.name).some((value) => holds(value, criteria.value));
    case 'received':
      return isBetween(message.receivedAtMs, criteria);
    case 'sent':
      return isBetween(message.digest().envelope.sentAtMs ?? Number.NaN, criteria);
    case 'size':
      return message.raw.length >= (criteria.fromBytes ?? 0) && message.raw.length < (criteria.untilBytes ?? Number.POSITIVE_INFINITY);
    case 'modseq':
      return message.modSeq >= criteria.from;
    case 'email-id':
      return message.emailId() === criteria.id;
    case 'saved':
    case 'has-save-date':
    case 'thread-id':
      return false;
    default:
      return criteria satisfies never;
  }
}

function isBetween(ms: number, { fromMs, untilMs }: { readonly fromMs?: number; readonly untilMs?: number }): boolean {
  return ms >= (fromMs ?? Number.NEGATIVE_INFINITY) && ms < (untilMs ?? Number.POSITIVE_INFINITY);
}

function holds(text: string, value: string): boolean {
  return text.toLowerCase().includes(value.toLowerCase());
}

function textOf(field: Extract<SearchCriteria, { kind: 'text' }>['field'], { digest, raw }: Candidate): string {
  const { envelope, text } = digest();
  if (field === 'subject') return envelope.subject;
  if (field === 'body') return text.toString();
  if (field === 'text') return `${raw.toString('utf8')}\n${envelope.subject}\n${text.toString()}`;
  return envelope[field].map(({ name, address }) => `${name} <${address}>`).join(', ');
}

function headerValues(raw: Buffer, name: string): string[] {
  const [head = ''] = raw.toString('latin1').split('\r\n\r\n', 1);
  return head
    .replaceAll(/\r\n[ \t]+/g, ' ')
    .split('\r\n')
    .filter((line) => line.toLowerCase().startsWith(`${name}:`))
    .map((line) => line.slice(name.length + 1).trim());
}
