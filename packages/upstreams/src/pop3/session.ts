import {
  asId,
  MailError,
  type FetchedMessage,
  type IncomingSession,
  type PathId,
  type RemoteMailboxId,
  type RemoteMessageId,
} from '@stopgap/core';
import { Maildrop, type MaildropOptions } from './maildrop.ts';
import { retrieve, type Way } from './retrieval.ts';

/** RFC 1939 knows one mailbox, and it is what others call INBOX. */
const INBOX = asId.remoteMailbox('INBOX');

export interface Pop3SessionOptions extends MaildropOptions {
  /** Paths whose TOP has not given what LIST promised. */
  readonly doubtfulTops: Set<PathId>;
}

/**
 * Logs in to read. POP3 knows neither flags nor dates, shows one mailbox, and has no way to add; what it could do, which is to delete, is not done. Each
 * `list` and each `changes` sees the mailbox anew, with a log-in where needed. `idle`, `find` and `push` are absent.
 */
export async function openPop3Session(options: Pop3SessionOptions, signal: AbortSignal): Promise<IncomingSession> {
  const { path, doubtfulTops } = options;
  const maildrop = new Maildrop(options);
  await maildrop.during(signal, () => maildrop.logIn(signal));

  async function* retrieveAs(
    way: Way,
    mailbox: RemoteMailboxId,
    ids: readonly RemoteMessageId[],
    until: AbortSignal,
  ): AsyncGenerator<FetchedMessage> {
    expectInbox(mailbox, path.host);
    const stopWatching = maildrop.endOn(until);
    try {
      yield* retrieve(ids, { maildrop, way, signal: until, onDoubtfulTop: () => doubtfulTops.add(path.id) });
    } finally {
      stopWatching();
    }
  }

  return {
    idKind: 'uidl',
    list: (until) =>
      maildrop.during(until, async () => {
        const { numbers, state } = await maildrop.unseen('list', until);
        return [{ id: INBOX, path: ['INBOX'], role: 'inbox', isSelectable: true, isSubscribed: true, state, messages: numbers.size }];
      }),
    changes: (mailbox, _since, until) =>
      maildrop.during(until, async () => {
        expectInbox(mailbox, path.host);
        const { numbers } = await maildrop.unseen('changes', until);
        const sizes = await maildrop.sizes(until);
        const messages = [...numbers].toReversed().map(([id, number]) => {
          const sizeBytes = sizes.get(number);
          return sizeBytes === undefined ? { id } : { id, sizeBytes };
        });
        return { kind: 'full', messages };
      }),
    fetch: (mailbox, ids, until) => retrieveAs(maildrop.offers('TOP') && !doubtfulTops.has(path.id) ? 'top' : 'retr', mailbox, ids, until),
    close: () => maildrop.close(),
  };
}

function expectInbox(mailbox: RemoteMailboxId, host: string): void {
  if (mailbox === INBOX) return;
  const text = `${host} shows INBOX alone over POP3`;
  throw new MailError('permanent', text, { code: 'mailbox-missing', reason: { class: 'route', text, host } });
}
