import { asId, normalFlags, type Flag, type RemoteMessage } from '@stopgap/core';
import type { Email } from '@stopgap/jmap';

/** What a listing asks of each e-mail. */
export const LISTED = ['mailboxIds', 'keywords', 'size', 'receivedAt'] as const;
export type ListedEmail = Pick<Email, 'id' | (typeof LISTED)[number]>;

export function remoteMessage(email: ListedEmail): RemoteMessage {
  const receivedAtMs = Date.parse(email.receivedAt);
  return {
    id: asId.remoteMessage(email.id),
    flags: flagsOf(email.keywords),
    sizeBytes: email.size,
    ...(Number.isNaN(receivedAtMs) ? {} : { receivedAtMs }),
  };
}

export function isIn({ mailboxIds }: Pick<ListedEmail, 'mailboxIds'>, mailbox: string): boolean {
  return Object.hasOwn(mailboxIds, mailbox) && mailboxIds[mailbox] === true;
}

function flagsOf(keywords: Readonly<Record<string, boolean>>): readonly Flag[] {
  return normalFlags(Object.keys(keywords).filter((keyword) => keywords[keyword] === true));
}
