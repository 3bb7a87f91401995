import type { Clock, FetchedMessage, IncomingSession, RemoteMailboxId } from '@stopgap/core';
import { getMailboxIds, untilMailChanges } from '@stopgap/jmap';
import { isJmapId, type MailAccount } from './account.ts';
import { incomingError, mailboxMissing, sessionEnded } from './failures.ts';
import { fetchMessages } from './fetch.ts';
import { findMessages } from './find.ts';
import { listChanges } from './listing.ts';
import { listMailboxes } from './mailbox-list.ts';
import { appendMessage } from './push-append.ts';
import { destroyMailbox, makeMailbox, renameTo, setSubscription } from './push-mailboxes.ts';
import { changeKeywords, expungeEmails, moveEmails } from './push-messages.ts';
import { Rounds } from './rounds.ts';

/** A stream of events can die in silence: whoever waits comes back and looks. */
const LONGEST_WAIT_MS = 10 * 60_000;

export interface IncomingOptions {
  readonly account: MailAccount;
  readonly clock: Clock;
  /** Where the server has no stream of events; undefined: as the client thinks best. */
  readonly pollMs?: number;
  /** Ends the connections. */
  readonly end: () => Promise<void>;
}

/** A session on a JMAP server. A message is an e-mail in one of its mailboxes; its id is the e-mail's, so that it keeps it when it is moved. */
export function incomingSession({ account, clock, pollMs, end }: IncomingOptions): IncomingSession {
  const rounds = new Rounds(account);
  const over = new AbortController();
  /** The states of the last listings: waiting begins where they ended. */
  const told = new Map<RemoteMailboxId, string>();

  const run = async <T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    if (over.signal.aborted) throw sessionEnded();
    const either = AbortSignal.any([signal, over.signal]);
    try {
      either.throwIfAborted();
      return await work(either);
    } catch (error) {
      if (over.signal.aborted && !signal.aborted) throw sessionEnded();
      throw incomingError(error, signal);
    }
  };
  /** What is changed here is no news of the others'. */
  const change = <T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> =>
    run(signal, async (either) => {
      try {
        return await work(either);
      } finally {
        rounds.begin();
      }
    });

  return {
    idKind: 'jmap',
    list: (signal) =>
      run(signal, (either) => {
        rounds.begin();
        return listMailboxes(account, either);
      }),
    changes: (mailbox, since, signal) =>
      run(signal, async (either) => {
        const { listing, state } = await listChanges({ ...account, rounds }, mailbox, since, either);
        told.set(mailbox, state);
        return listing;
      }),
    fetch: (mailbox, ids, signal) => guarded(run, signal, (either) => fetchMessages(account, mailbox, ids, either)),
    find: (mailbox, messageId, signal) => run(signal, (either) => findMessages(account, mailbox, messageId, either)),
    async idle(mailbox, signal) {
      const enough = AbortSignal.timeout(LONGEST_WAIT_MS);
      if (signal.aborted) return;
      await run(signal, async (calm) => {
        const either = AbortSignal.any([calm, enough]);
        const { client, accountId, host } = account;
        if (!isJmapId(mailbox)) throw mailboxMissing(host);
        const there = await client.call(getMailboxIds(accountId, [mailbox]), either);
        if (there.list.length === 0) throw mailboxMissing(host);
        const since = told.get(mailbox);
        const from = since === undefined ? {} : { since };
        await untilMailChanges(client, { accountId, clock, signal: either, ...from, ...(pollMs === undefined ? {} : { pollMs }) });
      }).catch((error: unknown) => {
        if (!signal.aborted && !enough.aborted) throw error;
      });
    },
    push: {
      changeFlags: (mailbox, ids, flags, signal) =>
        change(signal, (either) => changeKeywords(account, mailbox, { ids, change: flags }, either)),
      move: (mailbox, ids, target, signal) => change(signal, (either) => moveEmails(account, mailbox, { ids, target }, either)),
      append: (mailbox, message, signal) => change(signal, (either) => appendMessage(account, mailbox, message, either)),
      expunge: (mailbox, ids, signal) => change(signal, (either) => expungeEmails(account, mailbox, ids, either)),
      createMailbox: (path, signal) => change(signal, (either) => makeMailbox(account, path, either)),
      renameMailbox: (mailbox, path, signal) => change(signal, (either) => renameTo(account, mailbox, path, either)),
      deleteMailbox: (mailbox, signal) => change(signal, (either) => destroyMailbox(account, mailbox, either)),
      subscribe: (mailbox, isSubscribed, signal) => change(signal, (either) => setSubscription(account, mailbox, isSubscribed, either)),
    },
    async close() {
      over.abort();
      await end();
    },
  };
}

type Run = <T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>) => Promise<T>;

/** Every step of the sequence, and of the bytes in it, fails in the words of a session. */
async function* guarded(
  run: Run,
  signal: AbortSignal,
  work: (signal: AbortSignal) => AsyncGenerator<FetchedMessage>,
): AsyncGenerator<FetchedMessage> {
  const messages = await run(signal, async (either) => work(either));
  try {
    for (;;) {
      const next = await run(signal, () => messages.next());
      if (next.done === true) return;
      const { bytes } = next.value;
      yield Symbol.asyncIterator in bytes ? { ...next.value, bytes: guardedBytes(run, signal, bytes) } : next.value;
    }
  } finally {
    await messages.return(undefined);
  }
}

async function* guardedBytes(run: Run, signal: AbortSignal, bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const chunks = bytes[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await run(signal, () => chunks.next());
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    await chunks.return?.();
  }
}
