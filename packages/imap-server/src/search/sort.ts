import { baseSubject, type DigestEnvelope } from '@stopgap/message';
import type { MessageData } from '../session.ts';
import { SyntaxFault } from '../wire/faults.ts';
import type { Scanner } from '../wire/scanner.ts';

/** RFC 5256 3, RFC 5957 3. */
const KEYS = ['ARRIVAL', 'CC', 'DATE', 'DISPLAYFROM', 'DISPLAYTO', 'FROM', 'SIZE', 'SUBJECT', 'TO'] as const;
type SortKey = (typeof KEYS)[number];

export interface SortCriterion {
  readonly key: SortKey;
  readonly isReverse: boolean;
}

/** A message and what it is sorted by. */
export interface Sortable {
  readonly uid: number;
  readonly values: readonly (string | number)[];
}

export function readSortCriteria(args: Scanner): readonly SortCriterion[] {
  const criteria = args.list(() => {
    let name = args.word();
    const isReverse = name === 'REVERSE';
    if (isReverse) {
      args.space();
      name = args.word();
    }
    const key = KEYS.find((one) => one === name);
    if (key === undefined) throw new SyntaxFault('No such sort key');
    return { key, isReverse };
  });
  if (criteria.length === 0 || criteria.length > KEYS.length * 2) throw new SyntaxFault('Name something to sort by');
  return criteria;
}

export function needsView(criteria: readonly SortCriterion[]): boolean {
  return criteria.some(({ key }) => key !== 'ARRIVAL' && key !== 'SIZE');
}

export function sortableOf(message: MessageData, criteria: readonly SortCriterion[]): Sortable {
  const envelope = needsView(criteria) ? message.view?.envelope() : undefined;
  return { uid: message.uid, values: criteria.map(({ key }) => valueOf(key, message, envelope)) };
}

/** RFC 5256 2.2: what is equal keeps the order of the mailbox. */
export function sorted(messages: readonly Sortable[], criteria: readonly SortCriterion[]): readonly number[] {
  return messages
    .toSorted((one, other) => {
      for (const [index, { isReverse }] of criteria.entries()) {
        const order = compare(one.values[index] ?? 0, other.values[index] ?? 0);
        if (order !== 0) return isReverse ? -order : order;
      }
      return one.uid - other.uid;
    })
    .map(({ uid }) => uid);
}

function valueOf(key: SortKey, { row }: MessageData, envelope: DigestEnvelope | undefined): string | number {
  switch (key) {
    case 'ARRIVAL':
      return row?.receivedAtMs ?? 0;
    case 'SIZE':
      return row?.sizeBytes ?? 0;
    // RFC 5256 2.2: without a readable Date it is the time of arrival.
    case 'DATE':
      return envelope?.sentAtMs ?? row?.receivedAtMs ?? 0;
    case 'SUBJECT':
      return baseSubject(envelope?.subject ?? '').text;
    case 'FROM':
      return firstMailbox(envelope, 'from');
    case 'TO':
      return firstMailbox(envelope, 'to');
    case 'DISPLAYFROM':
      return firstShown(envelope?.from);
    case 'DISPLAYTO':
      return firstShown(envelope?.to);
    case 'CC':
      return firstMailbox(envelope, 'cc');
    default:
      return key satisfies never;
  }
}

/** RFC 5256 3: the local part of the first address. */
function firstMailbox(envelope: DigestEnvelope | undefined, field: 'from' | 'to' | 'cc'): string {
  const address = envelope?.[field][0]?.address ?? '';
  const at = address.lastIndexOf('@');
  return (at < 0 ? address : address.slice(0, at)).toUpperCase();
}

/** RFC 5957 3: the name of the first one, or its address. */
function firstShown(mailboxes: DigestEnvelope['from'] = []): string {
  const [first] = mailboxes;
  return (first?.name || first?.address || '').toUpperCase();
}

/** RFC 4790 i;unicode-casemap orders by code points; in any case, which the values are already. */
function compare(one: string | number, other: string | number): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
