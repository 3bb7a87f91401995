import { MethodFailure } from './failures.ts';
import { allDone, OUTBOX, SUBMISSION, type Jmap } from './jmap.ts';
import type { EmailAddress, NewEmail } from './methods.ts';

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
  readonly identity: OwnIdentity;
  readonly recipients: readonly string[];
  /** Where what was sent is filed; undefined: it stays where it is. */
  readonly sentId: string | undefined;
  /** The message that is answered or forwarded by it. */
  readonly about: { readonly id: string; readonly keyword: string } | undefined;
}

/** What was handed over, and how long it waits for a change of mind (RFC 4865). */
export interface Submitted {
  readonly id: string;
  /** 0: it leaves at once. */
  readonly holdS: number;
}

/** Time to see one's mistake. */
const HOLD_S = 8;

/** Hands a draft to the outbox. @throws MethodFailure: it was not taken; NoAnswer: not known, and `isSubmitted` tells */
export async function submitDraft(jmap: Jmap, { emailId, identity, recipients, sentId, about }: Submission): Promise<Submitted> {
  const { accountId } = jmap;
  const holdS = longestHold(jmap) >= HOLD_S ? HOLD_S : 0;
  const filed = { 'keywords/$draft': null, 'keywords/$seen': true, ...(sentId === undefined ? {} : { mailboxIds: { [sentId]: true } }) };
  const envelope = {
    mailFrom: { email: identity.email, parameters: { HOLDFOR: String(holdS) } },
    rcptTo: recipients.map((email) => ({ email, parameters: null })),
  };
  const answer = await jmap.call('EmailSubmission/set', {
    accountId,
    create: {
      sent: {
        identityId: identity.id,
        emailId,
        ...(holdS === 0 ? {} : { envelope }),
        ...(Object.hasOwn(jmap.resource.capabilities, OUTBOX) ? { key: emailId } : {}),
      },
    },
    onSuccessUpdateEmail: { '#sent': filed },
  });
  const id = allDone(answer).created?.['sent']?.id ?? '';
  if (about !== undefined)
    // What was answered may be gone; the answer has left all the same.
    await jmap.call('Email/set', { accountId, update: { [about.id]: { [`keywords/${about.keyword}`]: true } } }).catch(() => undefined);
  return { id, holdS };
}

/** Calls back what has not left; it is a draft again. @throws MethodFailure `cannotUnsend` */
export async function unsend(jmap: Jmap, submissionId: string, draftsId: string): Promise<void> {
  const answer = await jmap.call('EmailSubmission/set', {
    accountId: jmap.accountId,
    update: { [submissionId]: { undoStatus: 'canceled' } },
    onSuccessUpdateEmail: { [submissionId]: { 'keywords/$draft': true, mailboxIds: { [draftsId]: true } } },
  });
  allDone(answer);
}

function longestHold({ resource, accountId }: Jmap): number {
  const capability = resource.accounts[accountId]?.accountCapabilities?.[SUBMISSION] as { readonly maxDelayedSend?: number } | undefined;
  return capability?.maxDelayedSend ?? 0;
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
