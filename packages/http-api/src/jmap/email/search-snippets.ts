import { z } from 'zod';
import { MAIL } from '@stopgap/jmap';
import { partText } from '@stopgap/message';
import { unwire } from '../ids.ts';
import { LIMITS } from '../limits.ts';
import { MethodError } from '../method-error.ts';
import { method, type Json } from '../method.ts';
import { bodyLists } from './body-lists.ts';
import { searchOf, phrasesOf } from './filter.ts';
import { storedEmails } from './get.ts';
import { numbered } from './parts.ts';
import type { StoredEmail } from './source.ts';

/** RFC 8621 5.1 */
const schema = z.strictObject({
  accountId: z.string(),
  filter: z.record(z.string(), z.unknown()).nullish(),
  emailIds: z.array(z.string()),
});
/** RFC 8621 5: of the preview, in octets; ours counts characters and leaves room. */
const PREVIEW_CHARACTERS = 200;
/** Before the first hit. */
const CONTEXT_CHARACTERS = 60;
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
    else list.push({ emailId: id, subject: marked(email.envelope.subject, words.subject), preview: await previewOf(email, words.body) });
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
  const [first] = bodyLists(numbered(email.structure)).textBody;
  if (first === undefined || first.part.type !== 'text') return null;
  const { text } = partText(first.part, await email.bytes());
  const readable = first.part.subtype === 'html' ? email.preview : text.slice(0, BODY_CHARACTERS).replaceAll(/\s+/g, ' ').trim();
  const hits = words.map((word) => readable.toLowerCase().indexOf(word.toLowerCase())).filter((at) => at >= 0);
  if (hits.length === 0) return null;
  const from = Math.max(0, Math.min(...hits) - CONTEXT_CHARACTERS);
  return marked(readable.slice(from, from + PREVIEW_CHARACTERS).toWellFormed(), words);
}

/** RFC 8621 5: HTML, with the hits in `mark`; null: there are none. */
function marked(text: string, words: readonly string[]): string | null {
  const lower = text.toLowerCase();
  // Letters whose lower case is of another length would move the places.
  if (lower.length !== text.length) return null;
  let out = '';
  let from = 0;
  for (;;) {
    const hits = words.flatMap((word) => {
      const at = lower.indexOf(word.toLowerCase(), from);
      return at < 0 ? [] : [{ at, end: at + word.length }];
    });
    const [next] = hits.toSorted((one, other) => one.at - other.at || other.end - one.end);
    if (next === undefined) break;
    out += `${escaped(text.slice(from, next.at))}<mark>${escaped(text.slice(next.at, next.end))}</mark>`;
    from = next.end;
  }
  return from === 0 ? null : out + escaped(text.slice(from));
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (char) => ENTITIES[char] ?? '');
}
