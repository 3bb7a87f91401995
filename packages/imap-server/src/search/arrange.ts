import { MailError } from '@stopgap/core';
import type { Client } from '../client.ts';
import { turnOnCondstore } from '../condstore.ts';
import type { SearchFound } from '../session.ts';
import type { Tracker } from '../tracker.ts';
import type { Completion } from '../client.ts';
import type { Scanner } from '../wire/scanner.ts';
import { badCharset, readerOf } from './charset.ts';
import { readSearchKeys, type SearchKeys } from './search-keys.ts';

/** SORT and THREAD hold something of each message. */
const MOST_ARRANGED = 200_000;

/** What SORT and THREAD have in common: the charset, the keys, and the search. UIDs the client knows, ascending. */
export async function searchToArrange(
  args: Scanner,
  client: Client,
  tracker: Tracker,
): Promise<(SearchFound & { readonly keys: SearchKeys }) | { readonly refused: Completion }> {
  args.space();
  const readText = readerOf(args.astring());
  args.space();
  if (!readText) return { refused: badCharset };
  const keys = readSearchKeys(args, { tracker, nowMs: client.settings.clock.nowMs(), readText });
  if (keys.usesModSeq) turnOnCondstore(client);
  const { uids, isComplete } = await tracker.mailbox.search(keys.criteria, client.gone);
  if (uids.length > MOST_ARRANGED) {
    throw new MailError('permanent', 'Too many messages to be arranged.', {
      code: 'query-too-large',
      reply: 'too many messages, search for fewer',
    });
  }
  return { uids: uids.filter((uid) => tracker.numbers.numberOf(uid) > 0), isComplete, keys };
}
