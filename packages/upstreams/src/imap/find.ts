import type { RemoteMailboxId, RemoteMessageId } from '@stopgap/core';
import { atom, sequence, string, type Argument, type ImapConnection } from './connection.ts';
import { bytesOf, fetchedPairs, numberOf, textOf } from './response.ts';
import { searchUids } from './rows.ts';
import { idOf, setsOf } from './uid-set.ts';

/** That contain the text; newest are looked at. */
const MOST_CANDIDATES = 500;

export interface FindAsked {
  readonly mailbox: RemoteMailboxId;
  readonly messageId: string;
  readonly signal: AbortSignal;
  /** Only these UIDs and above. */
  readonly from?: number;
}

/** RFC 9051 6.4.4: HEADER looks for a part of the field, so what is found is compared. The mailbox is opened read-only. */
export async function findMessages(connection: ImapConnection, asked: FindAsked): Promise<readonly RemoteMessageId[]> {
  const { mailbox, messageId, signal, from = 1 } = asked;
  const needle = needleOf(messageId);
  await connection.select(mailbox, 'read', signal);
  if (needle === '') return [];
  const criteria: Argument[] = [atom('UID'), sequence(`${from}:*`), atom('HEADER'), atom('Message-ID'), string(needle)];
  const candidates = [...(await searchUids(connection, { criteria, signal }))].filter((uid) => uid >= from).toSorted((a, b) => b - a);
  const found: number[] = [];
  const item: Argument = { type: 'ATOM', value: 'BODY.PEEK', section: [atom('HEADER.FIELDS'), [atom('MESSAGE-ID')]] };
  for (const set of setsOf(candidates.slice(0, MOST_CANDIDATES))) {
    await connection.command('UID FETCH', [sequence(set), [atom('UID'), item]], {
      signal,
      untagged: {
        FETCH(response) {
          const pairs = fetchedPairs(response);
          const uid = numberOf(textOf(pairs.get('UID')));
          const field = bytesOf(pairs.get('BODY[HEADER.FIELDS]'));
          if (uid !== undefined && field !== undefined && isOf(field, messageId)) found.push(uid);
        },
      },
    });
  }
  return [...new Set(found)].map(idOf);
}

/** The longest part that every server can search for: no 8-bit octets, no control characters, nothing that is escaped in a quoted string. */
function needleOf(messageId: string): string {
  const parts = messageId.split(/[^\x21\x23-\x5b\x5d-\x7e]+/).map((part) => part.slice(0, 200));
  return parts.reduce((longest, part) => (part.length > longest.length ? part : longest), '');
}

function isOf(field: Buffer, messageId: string): boolean {
  const value = field
    .toString('latin1')
    .replace(/^message-id:/i, '')
    .replaceAll(/\r?\n(?=[ \t])/g, '')
    .trim();
  return value === messageId || Buffer.from(value, 'latin1').toString('utf8') === messageId;
}
