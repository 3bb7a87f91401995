import { z } from 'zod';
import { OUTBOX } from '@stopgap/jmap';
import { completeContacts } from '@stopgap/store';
import { method } from '../method.ts';

const schema = z.strictObject({ accountId: z.string(), text: z.string().max(200), limit: z.number().int().min(1).max(50).default(10) });

/** `Contact/complete`: addresses met in this account's mail that begin so, or a word of whose name does; those written to most first. */
export const contactComplete = method(OUTBOX, schema, ({ text, limit }, { deps, account }) => {
  const contacts = text.trim() === '' ? [] : deps.store.read((reader) => completeContacts(reader, account, text.trim(), limit));
  return { list: contacts.map(({ name, address }) => ({ name: name === '' ? null : name, email: address })) };
});
