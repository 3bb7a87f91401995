import { z } from 'zod';
import { MAIL } from '@stopgap/jmap';
import { htmlToText, partText } from '@stopgap/message';
import { unwire } from '../ids.ts';
import { LIMITS } from '../limits.ts';
import { MethodError } from '../method-error.ts';
import { method, type Json } from '../method.ts';
import { bodyLists } from './body-lists.ts';
import { searchOf, phrasesOf } from './filter.ts';
import { storedEmails } from './get.ts';
import { markedPassage, markedText } from './marked-text.ts';
import { numbered } from './parts.ts';
import type { StoredEmail } from './source.ts';

/** RFC 8621 5.1 */
const schema = z.strictObject({
  accountId: z.string(),
  filter: z.record(z.string(), z.unknown()).nullish(),
  emailIds: z.array(z.string()),
});
/** RFC 8621 5: octets, with marks and entities. */
const PREVIEW = { before: 60, whole: 255 };
/** Of a body that is looked through. */
const BODY_CHARACTERS = 256 * 1024;
const MOST_PHRASES = 20;

type Filter = Readonly<Record<string, unknown>>;

export const searchSnippetGet = method(MAIL, schema, async ({ filter, emailIds }, context) => {
  if (emailIds.length > LIMITS.maxObjectsInGet) throw new MethodError('requestTooLarge');
  // What Email/query would refuse is refused here, too.
  searchOf(filter, context);
  const words = { subject: wordsOf(filter ?? {}, ['text', 'subject']), body: wordsOf(filter ?? {}, ['text', 'body']) };
  const emails = storedEmails(
    emailIds.flatMap((id) => unwire.email(id) ?? []),
    context,
  );
  const list: Json[] = [];
  const notFound: string[] = [];
  for (const id of emailIds) {
    const message = unwire.email(id);
    const email = message === undefined ? undefined : emails.get(message);
    if (email === undefined) notFound.push(id);
    else
      list.push({ emailId: id, subject: markedText(email.envelope.subject, words.subject), preview: await previewOf(email, words.body) });
  }
  return { list, notFound: notFound.length === 0 ? null : notFound };
});

/** Those that are looked for; what must not be there marks nothing. */
function wordsOf(filter: Filter, fields: readonly string[]): readonly string[] {
  if (filter['operator'] === 'NOT') return [];
  const inner = Array.isArray(filter['conditions']) ? (filter['conditions'] as Filter[]).flatMap((one) => wordsOf(one, fields)) : [];
  const own = fields.flatMap((field) => (typeof filter[field] === 'string' ? phrasesOf(filter[field]) : []));
  return [...new Set([...own, ...inner])].slice(0, MOST_PHRASES);
}

async function previewOf(email: StoredEmail, words: readonly string[]): Promise<string | null> {
  if (words.length === 0) return null;
  const { textBody, htmlBody } = bodyLists(numbered(email.structure));
  const first = textBody.find(({ part }) => part.type === 'text') ?? htmlBody.find(({ part }) => part.type === 'text');
  if (first === undefined) return null;
  const { text } = partText(first.part, await email.bytes());
  const readable = first.part.subtype === 'html' ? htmlToText(text, BODY_CHARACTERS) : text.slice(0, BODY_CHARACTERS);
  return markedPassage(readable.replaceAll(/\s+/g, ' ').trim(), words, PREVIEW);
}
