import { getEmailChanges, getEmails, getMailboxes, methodErrorOf, resultOf, valueOf, type ChangesAnswer } from '@stopgap/jmap';
import { slices, type MailAccount } from './account.ts';
import { voidAnswer } from './failures.ts';
import { LISTED, type ListedEmail } from './remote-message.ts';

/** Of one answer; a server's limit for Email/get may be lower. */
const CHANGES_A_PAGE = 500;
/** With more than so many pages a full listing is cheaper, and bounded per mailbox. */
const MOST_PAGES = 20;
/** What a server says when it does not know a state (Cyrus 3.6: invalidArguments). */
const FORGOTTEN = ['cannotCalculateChanges', 'invalidArguments'];

/** What has changed in all the mail of the account since a state. */
export interface Round {
  readonly newState: string;
  /** Those that were made or changed and are there now, wherever. */
  readonly touched: ReadonlyMap<string, ListedEmail>;
  readonly destroyed: ReadonlySet<string>;
  readonly mailboxes: ReadonlySet<string>;
}

/**
 * JMAP tells changes for the account as a whole. All mailboxes that are looked at one after the other share one question; a mailbox that is looked at
 * again, or a new list, begins a new round.
 */
export class Rounds {
  readonly #account: MailAccount;
  readonly #rounds = new Map<string, { readonly round: Round | undefined; readonly served: Set<string> }>();

  constructor(account: MailAccount) {
    this.#account = account;
  }

  begin(): void {
    this.#rounds.clear();
  }

  /** Undefined: the server can not tell any more, or it is too much. */
  async since(state: string, mailbox: string, signal: AbortSignal): Promise<Round | undefined> {
    const known = this.#rounds.get(state);
    if (known !== undefined && !known.served.has(mailbox)) {
      known.served.add(mailbox);
      return known.round;
    }
    this.begin();
    const round = await ask(this.#account, state, signal);
    this.#rounds.set(state, { round, served: new Set([mailbox]) });
    return round;
  }
}

async function ask(account: MailAccount, since: string, signal: AbortSignal): Promise<Round | undefined> {
  const touched = new Map<string, ListedEmail>();
  const destroyed = new Set<string>();
  let mailboxes = new Set<string>();
  let state = since;
  try {
    for (let page = 0; page < MOST_PAGES; page++) {
      const { changes, gets, ids } = await askPage(account, state, signal);
      mailboxes = ids;
      // RFC 8620 5.1: what is not there any more is named. What is left out without a word, no later look would tell.
      const told = gets.reduce((sum, { list, notFound }) => sum + list.length + notFound.length, 0);
      if (told < changes.created.length + changes.updated.length) return undefined;
      // What changed twice is as the later page has it.
      for (const id of changes.destroyed) {
        touched.delete(id);
        destroyed.add(id);
      }
      for (const email of gets.flatMap(({ list }) => list)) touched.set(email.id, email);
      if (changes.newState === state && changes.hasMoreChanges)
        throw voidAnswer(`${account.host} tells changes without end.`, account.host);
      state = changes.newState;
      if (!changes.hasMoreChanges) return { newState: state, touched, destroyed, mailboxes };
    }
  } catch (error) {
    if (FORGOTTEN.includes(methodErrorOf(error) ?? '')) return undefined;
    throw error;
  }
  return undefined;
}

async function askPage(account: MailAccount, state: string, signal: AbortSignal) {
  const { client, accountId } = account;
  const most = Math.max(1, Math.min(CHANGES_A_PAGE, Math.floor(client.session.limits.maxObjectsInGet)));
  const calls = [
    getEmailChanges(accountId, state, most),
    getEmails(accountId, resultOf(0, 'Email/changes', '/created'), LISTED),
    getEmails(accountId, resultOf(0, 'Email/changes', '/updated'), LISTED),
    getMailboxes(accountId),
  ] as const;
  const [changed, created, updated, listed] = await client.batch(calls, signal);
  const changes = valueOf(changed);
  const ids = new Set(valueOf(listed).list.map((mailbox) => mailbox.id));
  if (created.kind === 'answered' && updated.kind === 'answered') return { changes, gets: [created.value, updated.value], ids };
  // A server that tells more than it was asked for, and more than it takes.
  return { changes, gets: await inSlices(account, changes, most, signal), ids };
}

async function inSlices(
  { client, accountId }: MailAccount,
  changes: ChangesAnswer,
  most: number,
  signal: AbortSignal,
): Promise<{ readonly list: readonly ListedEmail[]; readonly notFound: readonly string[] }[]> {
  const gets = [];
  for (const ids of slices([...changes.created, ...changes.updated], most))
    gets.push(await client.call(getEmails(accountId, ids, LISTED), signal));
  return gets;
}
