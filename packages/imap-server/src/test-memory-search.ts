import type { SearchCriteria } from './search-criteria.ts';
import type { MemoryMessage } from './test-memory-mail.ts';
import { isInRanges } from './wire/sequence-set.ts';

/** By looking at everything. */
export function matches(criteria: SearchCriteria, message: MemoryMessage): boolean {
  const { envelope } = message.digest;
  switch (criteria.kind) {
    case 'all':
      return criteria.of.every((one) => matches(one, message));
    case 'any':
      return criteria.of.some((one) => matches(one, message));
    case 'not':
      return !matches(criteria.of, message);
    case 'uid':
      return isInRanges(criteria.ranges, message.uid);
    case 'flag':
      return message.flags.includes(criteria.flag);
    case 'text':
      return holds(textOf(criteria.field, message), criteria.value);
    case 'header':
      return headerValues(message.bytes.toString('latin1'), criteria.name).some((value) => holds(value, criteria.value));
    case 'received':
      return isBetween(message.receivedAtMs, criteria);
    case 'saved':
      return isBetween(message.savedAtMs, criteria);
    case 'sent':
      return envelope.sentAtMs !== undefined && isBetween(envelope.sentAtMs, criteria);
    case 'has-save-date':
      return true;
    case 'size':
      return message.bytes.length >= (criteria.fromBytes ?? 0) && message.bytes.length < (criteria.untilBytes ?? Infinity);
    case 'modseq':
      return message.modSeq >= criteria.from;
    case 'email-id':
      return message.emailId === criteria.id;
    case 'thread-id':
      return `T${message.emailId}` === criteria.id;
    default:
      return criteria satisfies never;
  }
}

function isBetween(ms: number, { fromMs, untilMs }: { readonly fromMs?: number; readonly untilMs?: number }): boolean {
  return ms >= (fromMs ?? -Infinity) && ms < (untilMs ?? Infinity);
}

function holds(text: string, value: string): boolean {
  return text.toLowerCase().includes(value.toLowerCase());
}

function textOf(field: Extract<SearchCriteria, { kind: 'text' }>['field'], { digest, bytes }: MemoryMessage): string {
  const { envelope } = digest;
  if (field === 'subject') return envelope.subject;
  if (field === 'body') return digest.text.toString();
  if (field === 'text') return `${bytes.toString('utf8')}\n${envelope.subject}\n${digest.text.toString()}`;
  return envelope[field].map(({ name, address }) => `${name} <${address}>`).join(', ');
}

function headerValues(message: string, name: string): string[] {
  const [header = ''] = message.split('\r\n\r\n', 1);
  return header
    .replaceAll(/\r\n[ \t]+/g, ' ')
    .split('\r\n')
    .filter((line) => line.toLowerCase().startsWith(`${name}:`))
    .map((line) => line.slice(name.length + 1).trim());
}
