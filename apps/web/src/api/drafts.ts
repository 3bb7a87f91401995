import { MethodFailure } from './failures.ts';
import { allDone, type Jmap } from './jmap.ts';
import { call, type EmailAddress, type NewEmail } from './methods.ts';

export interface OwnIdentity {
  readonly id: string;
  readonly name: string;
  readonly email: string;
}

/** Whom one may write as; the one of the log-in first. */
export async function listIdentities(jmap: Jmap): Promise<readonly OwnIdentity[]> {
  const { list } = await jmap.call('Identity/get', { accountId: jmap.accountId, ids: null });
  const isMain = ({ email }: OwnIdentity): number => (email.toLowerCase() === jmap.address.toLowerCase() ? 0 : 1);
  return list.toSorted((one, other) => isMain(one) - isMain(other));
}

/** Lays a draft into its mailbox in the place of the one before. Gives the new one's id. */
export async function saveDraft(jmap: Jmap, email: NewEmail, previousId: string | undefined): Promise<string> {
  const answer = await jmap.call('Email/set', { accountId: jmap.accountId, create: { draft: email } });
  const { id } = allDone(answer).created?.['draft'] ?? {};
  if (id === undefined) throw new MethodFailure('serverFail', '');
  // By a call of its own: the old one goes when the new one is there, and not before.
  if (previousId !== undefined) await discardDraft(jmap, previousId);
  return id;
}

export async function discardDraft(jmap: Jmap, id: string): Promise<void> {
  await jmap.call('Email/set', { accountId: jmap.accountId, destroy: [id] });
}

export interface Submission {
  readonly emailId: string;
  readonly identityId: string;
  /** Where what was sent is filed; undefined: it stays where it is. */
  readonly sentId: string | undefined;
  /** The message that is answered or forwarded by it. */
  readonly about: { readonly id: string; readonly keyword: string } | undefined;
}

/** Hands a draft to the outbox. @throws MethodFailure: it was not taken; NoAnswer: not known, and `isSubmitted` tells */
export async function submitDraft(jmap: Jmap, { emailId, identityId, sentId, about }: Submission): Promise<void> {
  const { accountId } = jmap;
  const filed = { 'keywords/$draft': null, 'keywords/$seen': true, ...(sentId === undefined ? {} : { mailboxIds: { [sentId]: true } }) };
  const send = call('EmailSubmission/set', {
    accountId,
    create: { sent: { identityId, emailId } },
    onSuccessUpdateEmail: { '#sent': filed },
  });
  const [answer] = await jmap.batch([send]);
  allDone(answer);
  if (about !== undefined)
    // What was answered may be gone; the answer has left all the same.
    await jmap.call('Email/set', { accountId, update: { [about.id]: { [`keywords/${about.keyword}`]: true } } }).catch(() => undefined);
}

/** Has the outbox taken it? Then it is a draft no more. */
export async function isSubmitted(jmap: Jmap, emailId: string): Promise<boolean> {
  const { list } = await jmap.call('Email/get', { accountId: jmap.accountId, ids: [emailId], properties: ['id', 'keywords'] });
  return list.some(({ keywords }) => !Object.hasOwn(keywords, '$draft'));
}

export function senderOf(identity: OwnIdentity | undefined, address: string, name: string): EmailAddress {
  const shown = name !== '' ? name : (identity?.name ?? '');
  return { name: shown === '' ? null : shown, email: identity?.email ?? address };
}
