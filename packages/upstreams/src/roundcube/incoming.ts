/*
 * A mailbox read and changed through Roundcube: core's IncomingSession. There is no `idle`: it would be polling, and a poll is `changes`.
 * Listings are always full (listing.ts), without a validity: Roundcube does not tell UIDVALIDITY. Whoever needs to know looks at samples.
 */
import {
  asId,
  MailError,
  type FetchedMessage,
  type Flag,
  type IncomingSession,
  type Listing,
  type RemoteMailbox,
  type RemoteMailboxId,
  type RemoteMessageId,
  type RemotePush,
} from '@stopgap/core';
import { hasCode } from './errors.ts';
import { fetchMessages, freshMemory } from './fetch.ts';
import { findByMessageId } from './find.ts';
import { appendError, incomingError } from './incoming-error.ts';
import { listMailbox, unlessMissing } from './listing.ts';
import { listMailboxes } from './mailbox-list.ts';
import { append } from './push-append.ts';
import { createMailbox, deleteMailbox, renameMailbox, subscribe, type Mailboxes } from './push-mailboxes.ts';
import { changeFlags, expunge, move, uidsOf } from './push-messages.ts';
import { probeMailbox } from './search.ts';
import type { RoundcubeSession } from './session.ts';

const LOGOUT_MS = 10_000;

export class RoundcubeIncoming implements IncomingSession {
  readonly idKind = 'imap-uid';
  readonly push: RemotePush;
  readonly #session: RoundcubeSession;
  readonly #release: () => Promise<void>;
  readonly #memory = freshMemory();
  #mailboxes: readonly RemoteMailbox[] | undefined;
  /** Of the mailbox that was listed last: what is fetched next is most likely in it. */
  #listed: { readonly mailbox: RemoteMailboxId; readonly flags: ReadonlyMap<number, readonly Flag[]> } | undefined;
  #isClosed = false;

  /** @param session logged in; `release` frees what it runs on, and is called once */
  constructor(session: RoundcubeSession, release: () => Promise<void>) {
    this.#session = session;
    this.#release = release;
    const inside = <T>(mailbox: RemoteMailboxId, signal: AbortSignal, work: () => Promise<T>, retell = incomingError): Promise<T> =>
      this.#asked(signal, this.#in(mailbox, signal, work, retell));
    const among = <T>(signal: AbortSignal, work: (all: Mailboxes) => Promise<T>): Promise<T> =>
      this.#asked(
        signal,
        this.#call(signal, () => work(this.#all(signal))),
      );
    this.push = {
      changeFlags: (mailbox, ids, change, signal) => inside(mailbox, signal, () => changeFlags(this.#chosen(mailbox, ids, signal), change)),
      move: async (mailbox, ids, target, signal) => {
        await inside(mailbox, signal, () =>
          this.#in(target, signal, () => move(this.#chosen(mailbox, ids, signal), target, this.#trash())),
        );
        return new Map();
      },
      append: async (mailbox, message, signal) => {
        const uid = await inside(mailbox, signal, () => append(this.#session, { mbox: mailbox, message, signal }), appendError);
        return uid === undefined ? undefined : asId.remoteMessage(String(uid));
      },
      expunge: (mailbox, ids, signal) => inside(mailbox, signal, () => expunge(this.#chosen(mailbox, ids, signal))),
      createMailbox: (path, signal) => among(signal, (all) => createMailbox(all, path)),
      renameMailbox: (mailbox, path, signal) => among(signal, (all) => renameMailbox(all, mailbox, path)),
      deleteMailbox: (mailbox, signal) => among(signal, (all) => deleteMailbox(all, mailbox)),
      subscribe: (mailbox, isSubscribed, signal) => among(signal, (all) => subscribe(all, mailbox, isSubscribed)),
    };
  }

  list(signal: AbortSignal): Promise<readonly RemoteMailbox[]> {
    return this.#call(signal, () => this.#list(signal));
  }

  changes(mailbox: RemoteMailboxId, _since: unknown, signal: AbortSignal): Promise<Listing> {
    const listing = this.#in(mailbox, signal, async (): Promise<Listing> => {
      const flags = await listMailbox(this.#session, mailbox, signal);
      this.#listed = { mailbox, flags };
      const newestFirst = [...flags].toSorted(([one], [other]) => other - one);
      return { kind: 'full', messages: newestFirst.map(([uid, its]) => ({ id: asId.remoteMessage(String(uid)), flags: its })) };
    });
    // Nobody is kept from the others by one that may not be opened, or is broken. INBOX is what they are measured by.
    return mailbox === 'INBOX' ? listing : this.#asked(signal, listing);
  }

  async *fetch(mailbox: RemoteMailboxId, ids: readonly RemoteMessageId[], signal: AbortSignal): AsyncGenerator<FetchedMessage> {
    const flags = this.#listed?.mailbox === mailbox ? this.#listed.flags : undefined;
    const wanted = uidsOf(ids).map((uid) => ({ id: asId.remoteMessage(String(uid)), uid, flags: flags?.get(uid) }));
    const messages = fetchMessages({ session: this.#session, mbox: mailbox, ids: wanted, memory: this.#memory, signal });
    try {
      for (;;) {
        const next = await this.#in(mailbox, signal, () => messages.next());
        if (next.done === true) return;
        yield { ...next.value, bytes: this.#retold(next.value.bytes, signal) };
      }
    } finally {
      await messages.return(undefined);
    }
  }

  find(mailbox: RemoteMailboxId, messageId: string, signal: AbortSignal): Promise<readonly RemoteMessageId[]> {
    return this.#in(mailbox, signal, async () => {
      const uids = await findByMessageId(this.#session, { mbox: mailbox, messageId }, signal);
      return uids.map((uid) => asId.remoteMessage(String(uid)));
    });
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#session.close(AbortSignal.timeout(LOGOUT_MS));
    await this.#release();
  }

  async #list(signal: AbortSignal): Promise<readonly RemoteMailbox[]> {
    this.#mailboxes = await listMailboxes(this.#session, this.#mailboxes, signal);
    return this.#mailboxes;
  }

  #all(signal: AbortSignal): Mailboxes {
    return { session: this.#session, list: () => this.#list(signal), signal };
  }

  #chosen(mailbox: RemoteMailboxId, ids: readonly RemoteMessageId[], signal: AbortSignal) {
    return { session: this.#session, mbox: mailbox as string, uids: uidsOf(ids), signal };
  }

  #trash(): string | undefined {
    const known = this.#mailboxes?.find((mailbox) => mailbox.role === 'trash')?.id;
    return this.#session.folders.find((folder) => folder.role === 'trash')?.id ?? known;
  }

  /** A refusal is an error note, too. Where the storage answers right behind it, it was about this one thing, and speaks against no path. */
  async #asked<T>(signal: AbortSignal, change: Promise<T>): Promise<T> {
    try {
      return await change;
    } catch (error) {
      if (!(error instanceof MailError) || !hasCode(error.cause, 'void') || error.reason?.class !== 'protocol') throw error;
      const { reason } = error;
      await probeMailbox(this.#session, 'INBOX', signal).catch(() => {
        throw error;
      });
      throw new MailError('transient', reason.text, { code: 'refused', reason: { ...reason, class: 'content' }, cause: error });
    }
  }

  /** In a mailbox: what can not be believed because it is not there any more says so. */
  #in<T>(mailbox: RemoteMailboxId, signal: AbortSignal, work: () => Promise<T>, retell = incomingError): Promise<T> {
    const isThere = async (): Promise<boolean> => {
      try {
        return (await this.#list(signal)).some((one) => one.id === mailbox);
      } catch {
        return true;
      }
    };
    const place = { mbox: mailbox, host: this.#session.host, isThere };
    return this.#call(signal, () => unlessMissing(work, place), retell);
  }

  async #call<T>(signal: AbortSignal, work: () => Promise<T>, retell = incomingError): Promise<T> {
    if (this.#isClosed) throw ended(this.#session.host);
    try {
      signal.throwIfAborted();
      return await work();
    } catch (error) {
      throw signal.aborted ? cancelled(error, this.#session.host, retell) : retell(error);
    }
  }

  async *#retold(bytes: FetchedMessage['bytes'], signal: AbortSignal): AsyncGenerator<Buffer> {
    try {
      yield* bytes;
    } catch (error) {
      throw signal.aborted ? cancelled(error, this.#session.host, incomingError) : incomingError(error);
    }
  }
}

function ended(host: string): MailError {
  const reason = { class: 'connect', text: 'The session with the webmail was closed.', host } as const;
  return new MailError('transient', reason.text, { code: 'session-ended', reason });
}

/** An append that was under way stays unclear. */
function cancelled(error: unknown, host: string, retell: (error: unknown) => MailError): MailError {
  const retold = retell(error);
  if (retold.reason?.class === 'lost-answer') return retold;
  const reason = { class: 'cancelled', text: `The request to ${host} was cancelled.`, host } as const;
  return new MailError('transient', reason.text, { code: 'cancelled', reason, cause: error });
}
