import { asId, type AccountId, type ModSeq } from '@stopgap/core';
import type { Changes } from '@stopgap/mailbox';
import type { HttpApiDeps } from '../../deps.ts';
import type { SubmissionStates } from '../submission/submission-states.ts';
import { providerState } from '../outbox/provider-status.ts';

/** RFC 8620 7.1, RFC 8621 1.5, and our own. */
export const PUSHED_TYPES = ['Mailbox', 'Email', 'EmailDelivery', 'Thread', 'EmailSubmission', 'OutboxEntry', 'ProviderStatus'] as const;
export type PushedType = (typeof PUSHED_TYPES)[number];

/** What a client knows of; its text is the id of an event. */
export interface Known {
  readonly mail: ModSeq;
  readonly submissions: string;
  readonly provider: string;
}

export interface Looking {
  readonly deps: HttpApiDeps;
  readonly account: AccountId;
  readonly submissions: SubmissionStates;
}

/** @param queue what is known of the queue, where there was no news of it: to look at it again would cost a walk through it */
export function knownNow({ deps, account, submissions }: Looking, queue?: string): Known {
  return {
    mail: deps.mailboxes.lastChange(account),
    submissions: queue ?? submissions.current(account),
    provider: providerState(deps, account),
  };
}

export function knownText({ mail, submissions, provider }: Known): string {
  return `${mail}.${submissions}.${provider}`;
}

/** Undefined: no text of ours. */
export function knownOf(text: string): Known | undefined {
  const [, mail, submissions, provider] = /^(\d{1,15})\.([\w-]{1,40})\.([\w-]{1,40})$/.exec(text) ?? [];
  if (mail === undefined || submissions === undefined || provider === undefined) return undefined;
  return { mail: asId.modSeq(Number(mail)), submissions, provider };
}

/** The new states of the types that are different now. */
export function changedTypes(before: Known, now: Known, { deps, account }: Looking): Partial<Record<PushedType, string>> {
  const changes = now.mail === before.mail ? undefined : deps.mailboxes.changes(account, before.mail);
  const mail = changes === undefined ? [] : changes === 'forgotten' ? MAIL_TYPES : MAIL_TYPES.filter((type) => concerns(changes, type));
  return {
    ...Object.fromEntries(mail.map((type) => [type, String(now.mail)])),
    ...(now.submissions === before.submissions ? {} : { EmailSubmission: now.submissions, OutboxEntry: now.submissions }),
    ...(now.provider === before.provider ? {} : { ProviderStatus: now.provider }),
  };
}

const MAIL_TYPES = ['Mailbox', 'Email', 'EmailDelivery', 'Thread'] as const satisfies readonly PushedType[];

function concerns({ messages, mailboxes }: Changes, type: (typeof MAIL_TYPES)[number]): boolean {
  const { created, updated, expunged } = messages;
  switch (type) {
    case 'Mailbox':
      return Object.values(mailboxes).some((ids) => ids.length > 0);
    case 'Email':
      return created.length + updated.length + expunged.length > 0;
    case 'EmailDelivery':
      return created.length > 0;
    case 'Thread':
      // A mark as deleted shows as an updated message.
      return created.length + updated.length + expunged.length > 0;
    default:
      return type satisfies never;
  }
}
