import { MailError, type Clock, type FetchedMessage, type IncomingSession, type RemotePush } from '@stopgap/core';

/** The session with a limit on every call, and on every chunk of a message: a provider that falls silent must not hold an account for ever. */
export function boundedSession(
  session: IncomingSession,
  { clock, limitMs }: { readonly clock: Clock; readonly limitMs: number },
): IncomingSession {
  const bounded = async <T>(signal: AbortSignal, call: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    const limit = new AbortController();
    const over = clock.wait(limitMs, limit.signal).then((): never => {
      throw silent();
    });
    // When the call ends first, this wait is ended with it and its rejection is nobody's.
    over.catch(() => undefined);
    const timedOut = new AbortController();
    try {
      return await Promise.race([call(AbortSignal.any([signal, timedOut.signal])), over]);
    } finally {
      limit.abort('answered');
      timedOut.abort('over');
    }
  };
  const { push } = session;
  return {
    idKind: session.idKind,
    list: (signal) => bounded(signal, (one) => session.list(one)),
    changes: (mailbox, since, signal) => bounded(signal, (one) => session.changes(mailbox, since, one)),
    fetch: (mailbox, ids, signal) => boundedFetch(session.fetch(mailbox, ids, signal), (step) => bounded(signal, step)),
    ...(session.find
      ? { find: (mailbox, messageId, signal) => bounded(signal, async (one) => (await session.find?.(mailbox, messageId, one)) ?? []) }
      : {}),
    ...(session.idle ? { idle: async (mailbox, signal) => session.idle?.(mailbox, signal) } : {}),
    ...(push ? { push: boundedPush(push, bounded) } : {}),
    close: () => session.close(),
  };
}

type Bounded = <T>(signal: AbortSignal, call: (signal: AbortSignal) => Promise<T>) => Promise<T>;

async function* boundedFetch(
  messages: AsyncIterable<FetchedMessage>,
  bounded: <T>(step: () => Promise<T>) => Promise<T>,
): AsyncGenerator<FetchedMessage> {
  for await (const message of boundedIterable(messages, bounded)) {
    yield { ...message, bytes: boundedIterable(message.bytes, bounded) };
  }
}

async function* boundedIterable<T>(items: AsyncIterable<T>, bounded: <S>(step: () => Promise<S>) => Promise<S>): AsyncGenerator<T> {
  const iterator = items[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await bounded(() => iterator.next());
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    // Not awaited: an iterator that hangs in `next` would hang here too; closing the session ends it.
    void iterator.return?.().catch(() => undefined);
  }
}

function boundedPush(push: RemotePush, bounded: Bounded): RemotePush {
  return {
    changeFlags: (mailbox, ids, change, signal) => bounded(signal, (one) => push.changeFlags(mailbox, ids, change, one)),
    move: (mailbox, ids, target, signal) => bounded(signal, (one) => push.move(mailbox, ids, target, one)),
    append: (mailbox, message, signal) => bounded(signal, (one) => push.append(mailbox, message, one)),
    expunge: (mailbox, ids, signal) => bounded(signal, (one) => push.expunge(mailbox, ids, one)),
    createMailbox: (path, signal) => bounded(signal, (one) => push.createMailbox(path, one)),
    renameMailbox: (mailbox, path, signal) => bounded(signal, (one) => push.renameMailbox(mailbox, path, one)),
    deleteMailbox: (mailbox, signal) => bounded(signal, (one) => push.deleteMailbox(mailbox, one)),
    ...(push.subscribe
      ? { subscribe: (mailbox, isSubscribed, signal) => bounded(signal, async (one) => push.subscribe?.(mailbox, isSubscribed, one)) }
      : {}),
  };
}

/** Whether what was asked was done is not known. */
function silent(): MailError {
  const text = 'the provider fell silent';
  return new MailError('transient', text, { code: 'session-ended', reason: { class: 'lost-answer', text } });
}
