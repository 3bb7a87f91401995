import { normalFlags, type Flag, type RemoteMessage } from '@stopgap/core';
import { atom, sequence, type Argument, type ImapConnection } from './connection.ts';
import { voidAnswer } from './errors.ts';
import { fetchedPairs, listOf, numberOf, textOf, textsOf, type Node, type Response } from './response.ts';
import { idOf, readRanges, type UidRange } from './uid-set.ts';

/** Of one listing. A row is some hundred octets here. */
const MOST_ROWS = 1_000_000;
const MOST_RANGES = 1_000_000;

export interface Row {
  readonly uid: number;
  readonly place: number;
  readonly flags: readonly Flag[] | undefined;
  readonly sizeBytes: number | undefined;
  readonly receivedAtMs: number | undefined;
}

export interface Rows {
  /** By UID. */
  readonly rows: ReadonlyMap<number, Row>;
  readonly vanished: readonly UidRange[];
  /** Messages went or came while the answer was on its way: numbers need not agree with the SELECT's. */
  readonly gone: number;
  readonly hasGrown: boolean;
}

export interface RowsAsked {
  readonly set: string;
  /** So many messages the mailbox had when it was opened; more rows than that, and than it has grown by, are a flood. */
  readonly messages: number;
  /** RFC 7162's, behind the items. */
  readonly modifiers?: readonly Argument[];
  readonly signal: AbortSignal;
}

/** FLAGS, INTERNALDATE and RFC822.SIZE of these UIDs. */
export async function fetchRows(connection: ImapConnection, { set, messages, modifiers = [], signal }: RowsAsked): Promise<Rows> {
  const rows = new Map<number, Row>();
  const vanished: UidRange[] = [];
  let gone = 0;
  let most = messages;
  const items = ['UID', 'FLAGS', 'INTERNALDATE', 'RFC822.SIZE'].map(atom);
  await connection.command('UID FETCH', [sequence(set), items, ...(modifiers.length === 0 ? [] : [modifiers])], {
    signal,
    untagged: {
      FETCH: (response) => {
        const row = rowOf(response);
        if (row === undefined) return;
        const before = rows.get(row.uid);
        if (before === undefined && rows.size >= Math.min(most + gone, MOST_ROWS))
          throw voidAnswer(connection.host, 'it lists more messages than there are');
        if (before !== undefined && before.place !== row.place && gone === 0)
          throw voidAnswer(connection.host, 'two messages have one UID');
        rows.set(row.uid, before === undefined ? row : merged(before, row));
      },
      VANISHED: ({ attributes = [] }) => {
        const isEarlier = attributes.length > 1;
        const ranges = readRanges(textOf(attributes.at(-1)) ?? '');
        if (ranges === undefined || vanished.length + ranges.length > MOST_RANGES)
          throw voidAnswer(connection.host, 'a VANISHED makes no sense');
        vanished.push(...ranges);
        if (!isEarlier) gone += ranges.reduce((sum, [from, to]) => sum + to - from + 1, 0);
      },
      EXPUNGE: () => {
        gone += 1;
      },
      EXISTS: ({ command }) => {
        most = Math.max(most, numberOf(command) ?? 0);
      },
    },
  });
  return { rows, vanished, gone, hasGrown: most > messages };
}

/** Undefined: one without a UID, which nobody asked for. */
function rowOf(response: Response): Row | undefined {
  const pairs = fetchedPairs(response);
  const uid = numberOf(textOf(pairs.get('UID')));
  if (uid === undefined || uid === 0) return undefined;
  return {
    uid,
    place: numberOf(response.command) ?? 0,
    flags: pairs.has('FLAGS') ? normalFlags(textsOf(listOf(pairs.get('FLAGS')))) : undefined,
    sizeBytes: numberOf(textOf(pairs.get('RFC822.SIZE'))),
    receivedAtMs: dateOf(pairs.get('INTERNALDATE')),
  };
}

function merged(before: Row, after: Row): Row {
  return {
    ...after,
    flags: after.flags ?? before.flags,
    sizeBytes: after.sizeBytes ?? before.sizeBytes,
    receivedAtMs: after.receivedAtMs ?? before.receivedAtMs,
  };
}

/** ` 6-May-2021 07:08:09 -0500`: only the date's own dashes are not JavaScript's. */
function dateOf(node: Node): number | undefined {
  const text = textOf(node)?.trim() ?? '';
  if (!/^\d{1,2}-[A-Za-z]{3}-\d{4} \d\d:\d\d:\d\d [+-]\d{4}$/.test(text)) return undefined;
  const ms = Date.parse(text.replace(/^(\d+)-(\w+)-/, '$1 $2 '));
  return Number.isNaN(ms) ? undefined : ms;
}

export function messageOf(row: Row): RemoteMessage {
  return {
    id: idOf(row.uid),
    ...(row.flags === undefined ? {} : { flags: row.flags }),
    ...(row.sizeBytes === undefined ? {} : { sizeBytes: row.sizeBytes }),
    ...(row.receivedAtMs === undefined ? {} : { receivedAtMs: row.receivedAtMs }),
  };
}

/** Those that are there now. `set` undefined: all of the mailbox. */
export async function searchUids(
  connection: ImapConnection,
  { criteria, signal }: { readonly criteria: readonly Argument[]; readonly signal: AbortSignal },
): Promise<ReadonlySet<number>> {
  const uids = new Set<number>();
  await connection.command('UID SEARCH', criteria, {
    signal,
    untagged: {
      SEARCH: ({ numbers, attributes = [] }) => {
        for (const uid of numbers ?? attributes.flatMap((node) => numberOf(textOf(node)) ?? [])) uids.add(uid);
        if (uids.size > MOST_ROWS) throw voidAnswer(connection.host, `it finds more than ${MOST_ROWS} messages`);
      },
    },
  });
  return uids;
}
