import type { UncarriedChange } from '../api/outbox-methods.ts';
import { plainText } from '../list/address-text.ts';
import type { MirrorWords } from './words.ts';

/** What was to be done, as a person says it. @param labelOf a mailbox's name, as the client shows it */
export function changeText(
  { kind, subject, emailId, mailbox, to }: UncarriedChange,
  words: MirrorWords,
  labelOf: (name: string) => string,
): string {
  const isOfMessage = subject !== null || emailId !== null;
  const named = plainText(isOfMessage ? (subject ?? '') : labelOf(mailbox ?? ''));
  const what = named === '' && (isOfMessage || mailbox === null) ? words.aMessage : words.quoted(named);
  return words.what[kind](what, words.quoted(plainText(labelOf(to ?? ''))));
}
