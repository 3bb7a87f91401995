import { z } from 'zod';
import { OUTBOX } from '@stopgap/jmap';
import { listKeywords } from '@stopgap/store';
import { method } from '../method.ts';

const schema = z.strictObject({ accountId: z.string() });

/** Different sets of keywords of one mailbox that are looked at. */
const MOST_SETS = 200;
const MOST_KEYWORDS = 500;

/** `Keyword/list`: the keywords that messages of this account have, whatever program gave them, sorted. */
export const keywordList = method(OUTBOX, schema, (_, { deps, account }) => {
  const mailboxes = deps.mailboxes.list(account);
  const keywords = deps.store.read((reader) => mailboxes.flatMap(({ id }) => listKeywords(reader, id, MOST_SETS)));
  return { list: [...new Set(keywords)].sort().slice(0, MOST_KEYWORDS) };
});
