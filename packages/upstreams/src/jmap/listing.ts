import { asId, type ChangesSince, type Listing, type RemoteMailboxId, type RemoteMessage } from '@stopgap/core';
import { getEmails, getEmailState, getMailboxIds, queryEmails, resultOf, valueOf } from '@stopgap/jmap';
import { isJmapId, type MailAccount } from './account.ts';
import { mailboxMissing, voidAnswer } from './failures.ts';
import { isIn, LISTED, remoteMessage } from './remote-message.ts';
import type { Round, Rounds } from './rounds.ts';

const MESSAGES_A_PAGE = 1000;
/** The message at the end of the last page may be deleted while the next one is asked for; then all begins anew. */
const MOST_BEGINNINGS = 5;
const LONGEST_CURSOR = 2000;

/** `state`: of all mail of the account, as the listing has it. */
export interface Told {
  readonly listing: Listing;
  readonly state: string;
}

export async function listChanges(
  account: MailAccount & { readonly rounds: Rounds },
  mailbox: RemoteMailboxId,
  since: ChangesSince,
  signal: AbortSignal,
): Promise<Told> {
  if (!isJmapId(mailbox)) throw mailboxMissing(account.host);
  const state = since.wantsAll ? undefined : stateOf(since.cursor, mailbox);
  const round = state === undefined ? undefined : await account.rounds.since(state, mailbox, signal);
  if (round === undefined) return listAll(account, mailbox, signal);
  return { listing: deltaOf(account, round, mailbox, since), state: round.newState };
}

function deltaOf(account: MailAccount, round: Round, mailbox: RemoteMailboxId, { known }: ChangesSince): Listing {
  if (!round.mailboxes.has(mailbox)) throw mailboxMissing(account.host);
  const touched = [...round.touched.values()];
  const elsewhere = touched.filter((email) => !isIn(email, mailbox)).map((email) => email.id);
  return {
    kind: 'delta',
    validity: account.accountId,
    changed: touched.filter((email) => isIn(email, mailbox)).map(remoteMessage),
    vanished: [...round.destroyed, ...elsewhere].map(asId.remoteMessage).filter((id) => known.has(id)),
    cursor: cursorOf(mailbox, round.newState),
  };
}

async function listAll(account: MailAccount, mailbox: RemoteMailboxId, signal: AbortSignal): Promise<Told> {
  for (let beginning = 0; beginning < MOST_BEGINNINGS; beginning++) {
    const found = await pages(account, mailbox, signal);
    if (found === undefined) continue;
    const { messages, state } = found;
    return { listing: { kind: 'full', validity: account.accountId, messages, cursor: cursorOf(mailbox, state) }, state };
  }
  throw voidAnswer(`The mailbox changes faster than ${account.host} can list it.`, account.host);
}

interface Pages {
  readonly messages: readonly RemoteMessage[];
  /** From before the first page: what changed while it was read is told by the next listing. */
  readonly state: string;
}

/**
 * Each page begins behind the last message of the one before, so that what comes or goes meanwhile shifts nothing. Undefined: that message is gone.
 */
async function pages(account: MailAccount, mailbox: RemoteMailboxId, signal: AbortSignal): Promise<Pages | undefined> {
  const { client, accountId, host } = account;
  const limit = Math.min(MESSAGES_A_PAGE, client.session.limits.maxObjectsInGet);
  const messages = new Map<string, RemoteMessage>();
  let first: { state: string; queryState: string } | undefined;
  let anchor: string | undefined;
  for (;;) {
    const query = { filter: { inMailbox: mailbox }, limit, calculateTotal: true, ...(anchor === undefined ? {} : { anchor }) };
    const calls = [
      getEmailState(accountId),
      getMailboxIds(accountId, [mailbox]),
      queryEmails(accountId, query),
      getEmails(accountId, resultOf(2, 'Email/query', '/ids'), LISTED),
    ] as const;
    const [state, there, queried, got] = await client.batch(calls, signal);
    if (!valueOf(there).list.some((one) => one.id === mailbox)) throw mailboxMissing(host);
    if (queried.kind === 'failed' && queried.error.type === 'anchorNotFound') return undefined;
    const { ids, total, queryState } = valueOf(queried);
    const { list, notFound } = valueOf(got);
    first ??= { state: valueOf(state).state, queryState };
    if (list.length + notFound.length < new Set(ids).size) throw voidAnswer(`${host} shows only a part of the messages it lists.`, host);
    const before = messages.size;
    const byId = new Map(list.map((email) => [email.id, email]));
    for (const id of ids) {
      const email = byId.get(id);
      if (email !== undefined && isIn(email, mailbox)) messages.set(id, remoteMessage(email));
    }
    anchor = ids.at(-1);
    if (anchor === undefined || (typeof total === 'number' && ids.length >= total)) {
      // As long as nothing has changed, a list that ends before its number is half a list.
      const isWhole = queryState !== first.queryState || notFound.length > 0 || typeof total !== 'number' || messages.size >= total;
      if (!isWhole) throw voidAnswer(`${host} lists ${messages.size} of ${total} messages.`, host);
      return { messages: [...messages.values()], state: first.state };
    }
    if (messages.size === before && list.length > 0) throw voidAnswer(`${host} repeats its list without end.`, host);
  }
}

function cursorOf(mailbox: RemoteMailboxId, state: string): string {
  return JSON.stringify({ v: 1, mailbox, state });
}

/** Undefined: no cursor of ours for this mailbox. */
function stateOf(cursor: string | undefined, mailbox: RemoteMailboxId): string | undefined {
  if (cursor === undefined || cursor.length > LONGEST_CURSOR) return undefined;
  try {
    const parsed = JSON.parse(cursor) as { v?: unknown; mailbox?: unknown; state?: unknown } | null;
    if (parsed?.v !== 1 || parsed.mailbox !== mailbox) return undefined;
    return typeof parsed.state === 'string' ? parsed.state : undefined;
  } catch {
    return undefined;
  }
}
