import { MethodFailure, NoAnswer } from './failures.ts';
import type { Patch } from './mail.ts';
import { allDone, OUTBOX, SUBMISSION, type Jmap } from './jmap.ts';
import type { OwnIdentity } from './identities.ts';
import { listMailboxes } from './mailboxes.ts';
import { call, type BodyPart, type Methods, type NewEmail } from './methods.ts';

export interface SaveOptions {
  readonly previousId?: string | undefined;
  /** While the one before is still there. */
  readonly onLaid?: (id: string) => Promise<void>;
}

/** Lays a draft into its mailbox in the place of the one before. Gives the new one's id. */
export async function saveDraft(jmap: Jmap, email: NewEmail, { previousId, onLaid }: SaveOptions = {}): Promise<string> {
  const answer = await jmap.call('Email/set', { accountId: jmap.accountId, create: { draft: email } });
  const { id } = allDone(answer).created?.['draft'] ?? {};
  if (id === undefined) throw new MethodFailure('serverFail', '');
  await onLaid?.(id);
  // By a call of its own: the old one goes when the new one is there, and not before.
  if (previousId !== undefined) await discardDraft(jmap, previousId);
  return id;
}

/** What another program has sent meanwhile is a draft no more, and stays. */
export async function discardDraft(jmap: Jmap, id: string): Promise<void> {
  if ((await stateOfDraft(jmap, id)) !== 'draft') return;
  await jmap.call('Email/set', { accountId: jmap.accountId, destroy: [id] });
}

export interface Submission {
  /** Of `urn:stopgap:outbox`: asked again with the same one, the relay makes no second submission. */
  readonly key: string;
  readonly emailId: string;
  readonly identity: OwnIdentity;
  readonly recipients: readonly string[];
  /** Where what was sent is filed; undefined: it stays where it is. */
  readonly sentId: string | undefined;
  /** As the relay tells it now: it may have been made anew at the provider. */
  readonly sentIdNow: () => Promise<string | undefined>;
  /** The message that is answered or forwarded by it. */
  readonly about: { readonly id: string; readonly keyword: string } | undefined;
  /** It leaves then (RFC 4865). */
  readonly sendAtMs?: number;
  /** It waits a moment for a change of mind. */
  readonly mayCallBack: boolean;
}

/** What was handed over, and how long it waits for a change of mind (RFC 4865). */
export interface Submitted {
  readonly id: string;
  /** 0: it leaves at once. */
  readonly holdS: number;
  /** It was asked for before, and called back since: it is a draft again. */
  readonly isCalledBack: boolean;
}

/** Time to see one's mistake. */
const HOLD_S = 8;

/** Hands a draft to the outbox. @throws MethodFailure: it was not taken; NoAnswer: not known, and asked again with the same key it is the same */
export async function submitDraft(jmap: Jmap, submission: Submission): Promise<Submitted> {
  const { key, emailId, identity, recipients, sentId, sentIdNow, about, sendAtMs, mayCallBack } = submission;
  const { accountId } = jmap;
  const holdS = sendAtMs === undefined && mayCallBack && longestHoldS(jmap) >= HOLD_S ? HOLD_S : 0;
  const hold = sendAtMs === undefined ? { HOLDFOR: String(holdS) } : { HOLDUNTIL: new Date(sendAtMs).toISOString() };
  const filed = { 'keywords/$draft': null, 'keywords/$seen': true, ...(sentId === undefined ? {} : { mailboxIds: { [sentId]: true } }) };
  const envelope = {
    mailFrom: { email: identity.email, parameters: hold },
    rcptTo: recipients.map((email) => ({ email, parameters: null })),
  };
  const answer = await jmap.call('EmailSubmission/set', {
    accountId,
    create: {
      sent: {
        identityId: identity.id,
        emailId,
        ...(holdS === 0 && sendAtMs === undefined ? {} : { envelope }),
        ...(Object.hasOwn(jmap.resource.capabilities, OUTBOX) ? { key } : {}),
      },
    },
    onSuccessUpdateEmail: { '#sent': filed },
  });
  const { id = '', undoStatus } = allDone(answer).created?.['sent'] ?? {};
  await markAnyway(jmap, answer, { 'keywords/$draft': null, 'keywords/$seen': true }, sentIdNow).catch((error: unknown) => {
    // It was taken: whatever is said of its mark is not said of it.
    throw new NoAnswer(error);
  });
  const isCalledBack = undoStatus === 'canceled';
  if (about !== undefined && !isCalledBack)
    // What was answered may be gone; the answer has left all the same.
    await jmap.call('Email/set', { accountId, update: { [about.id]: { [`keywords/${about.keyword}`]: true } } }).catch(() => undefined);
  return { id, holdS, isCalledBack };
}

/** Calls back what has not left; it is a draft again, in Drafts as it is now. @throws MethodFailure `cannotUnsend` */
export async function unsend(jmap: Jmap, submissionId: string, draftsId: string): Promise<void> {
  const answer = await jmap.call('EmailSubmission/set', {
    accountId: jmap.accountId,
    update: { [submissionId]: { undoStatus: 'canceled' } },
    onSuccessUpdateEmail: { [submissionId]: { 'keywords/$draft': true, mailboxIds: { [draftsId]: true } } },
  });
  allDone(answer);
  const draftsIdNow = async (): Promise<string | undefined> => (await listMailboxes(jmap)).find(({ role }) => role === 'drafts')?.id;
  await markAnyway(jmap, answer, { 'keywords/$draft': true }, draftsIdNow);
}

/** A message that can not be moved (its mailbox was made anew) is not marked either. What is sent would be a draft still, to be sent again; or the other way round. @param mailboxIdNow where it is to be, as the relay tells it now */
async function markAnyway(
  jmap: Jmap,
  { byTheWay }: Methods['EmailSubmission/set']['answer'],
  patch: Readonly<Record<string, true | null>>,
  mailboxIdNow?: () => Promise<string | undefined>,
): Promise<void> {
  const refused = Object.keys(byTheWay?.notUpdated ?? {});
  if (refused.length === 0) return;
  const set = (one: Patch): Promise<Methods['Email/set']['answer']> =>
    jmap.call('Email/set', { accountId: jmap.accountId, update: Object.fromEntries(refused.map((id) => [id, one])) });
  const now = await mailboxIdNow?.().catch(() => undefined);
  const moved = now === undefined ? undefined : await set({ ...patch, mailboxIds: { [now]: true } });
  if (moved === undefined || Object.keys(moved.notUpdated ?? {}).length > 0) await set(patch);
}

/** How far ahead a message may be given; 0: not at all. */
export function longestHoldS({ resource, accountId }: Jmap): number {
  const capability = resource.accounts[accountId]?.accountCapabilities?.[SUBMISSION] as { readonly maxDelayedSend?: number } | undefined;
  return capability?.maxDelayedSend ?? 0;
}

/** Has the outbox taken it? Then it is a draft no more. */
export async function stateOfDraft(jmap: Jmap, emailId: string): Promise<'draft' | 'submitted' | 'gone'> {
  const { list } = await jmap.call('Email/get', { accountId: jmap.accountId, ids: [emailId], properties: ['id', 'keywords'] });
  const [found] = list;
  if (found === undefined) return 'gone';
  return Object.hasOwn(found.keywords, '$draft') ? 'draft' : 'submitted';
}

/** Drafts that are looked at for one that was laid there; the newest. */
const MOST_DRAFTS = 200;

/** The drafts with one of these Message-IDs, newest first; another program may have made them, or changed them. */
export async function findDrafts(jmap: Jmap, draftsId: string, messageIds: readonly string[]): Promise<readonly string[]> {
  const { accountId } = jmap;
  const [, { list }] = await jmap.batch([
    call('Email/query', {
      accountId,
      filter: { inMailbox: draftsId },
      sort: [{ property: 'receivedAt', isAscending: false }],
      position: 0,
      limit: MOST_DRAFTS,
      calculateTotal: false,
    }),
    call('Email/get', {
      accountId,
      '#ids': { resultOf: 'c0', name: 'Email/query', path: '/ids' },
      properties: ['id', 'messageId', 'keywords'],
    }),
  ]);
  const found = list.filter(
    (one) => Object.hasOwn(one.keywords, '$draft') && one.messageId?.some((id) => messageIds.includes(id)) === true,
  );
  return found.map(({ id }) => id);
}

/** What it holds besides its text; nothing when it is gone. */
export async function filesOfDraft(jmap: Jmap, id: string): Promise<readonly BodyPart[]> {
  const { list } = await jmap.call('Email/get', { accountId: jmap.accountId, ids: [id], properties: ['id', 'attachments'] });
  return list[0]?.attachments ?? [];
}

/** A file that was uploaded is not there (any more). */
export function blobNotFound(error: unknown): boolean {
  return error instanceof MethodFailure && error.type === 'blobNotFound';
}
