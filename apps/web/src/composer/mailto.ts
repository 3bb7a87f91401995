import type { EmailAddress } from '../api/methods.ts';
import { plainText } from '../list/address-text.ts';
import { parseRecipients } from './recipients.ts';

/** What is beyond it is left out. */
const LONGEST_LINK = 50_000;
const LONGEST_SUBJECT = 1000;

export interface Mailto {
  readonly to: readonly EmailAddress[];
  readonly cc: readonly EmailAddress[];
  readonly subject: string;
  readonly text: string;
}

/** What a link in a message asks for (RFC 6068). Of its fields those are taken that one sees while one writes (section 7): no Bcc, no file. */
export function readMailto(link: string): Mailto {
  const [address = '', query = ''] = link
    .slice(0, LONGEST_LINK)
    .replace(/^mailto:/i, '')
    .split(/\?(.*)/s);
  const fields = new Map<string, string[]>();
  for (const part of query.split('&')) {
    const [name = '', value = ''] = part.split(/=(.*)/s);
    const key = decoded(name).toLowerCase();
    fields.set(key, [...(fields.get(key) ?? []), decoded(value)]);
  }
  const people = (...names: readonly string[]): EmailAddress[] => names.filter((one) => one !== '').flatMap(parseRecipients);
  return {
    to: people(decoded(address), ...(fields.get('to') ?? [])),
    cc: people(...(fields.get('cc') ?? [])),
    subject: plainText(fields.get('subject')?.[0] ?? '').slice(0, LONGEST_SUBJECT),
    text: (fields.get('body')?.[0] ?? '').replaceAll(/\r\n?/g, '\n'),
  };
}

/** A plus is a plus (RFC 6068 5). */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
