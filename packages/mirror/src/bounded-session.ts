import { MailError, type Clock, type FetchedMessage, type IncomingSession, type RemotePush } from '@stopgap/core';

/** The session with a limit on every call, and on every chunk of a message: a provider that falls silent must not hold an account for ever. */
export function boundedSession(
  session: IncomingSession,
  { clock, limitMs }: { readonly clock: Clock; readonly limitMs: number },
): IncomingSession {
  const watch = new SilenceWatch(clock, limitMs);
  const bounded: Bounded = (signal, call) => {
    // What is given up is also told to end.
    const limited = AbortSignal.any([signal, watch.signal]);
    return watch.over(() => call(limited));
  };
  const { push } = session;
  return {
    idKind: session.idKind,
    list: (signal) => bounded(signal, (one) => session.list(one)),
    changes: (mailbox, since, signal) => bounded(signal, (one) => session.changes(mailbox, since, one)),
    fetch: (mailbox, ids, signal) => boundedFetch(session.fetch(mailbox, ids, AbortSignal.any([signal, watch.signal])), watch),
    ...(session.find
      ? { find: (mailbox, messageId, signal) => bounded(signal, async (one) => (await session.find?.(mailbox, messageId, one)) ?? []) }
      : {}),
    ...(session.idle ? { idle: async (mailbox, signal) => session.idle?.(mailbox, signal) } : {}),
    ...(push ? { push: boundedPush(push, bounded) } : {}),
    close: () => {
      watch.close();
      return session.close();
    },
  };
}

type Bounded = <T>(signal: AbortSignal, call: (signal: AbortSignal) => Promise<T>) => Promise<T>;

async function* boundedFetch(messages: AsyncIterable<FetchedMessage>, watch: SilenceWatch): AsyncGenerator<FetchedMessage> {
  for await (const message of boundedIterable(messages, watch)) {
    const { bytes } = message;
    // What is here can not fall silent, and takes no steps of the event loop for each of ten thousand messages.
    yield Symbol.asyncIterator in bytes ? { ...message, bytes: boundedIterable(bytes, watch) } : message;
  }
}

async function* boundedIterable<T>(items: AsyncIterable<T>, watch: SilenceWatch): AsyncGenerator<T> {
  const iterator = items[Symbol.asyncIterator]();
  let isSilent = true;
  try {
    for (;;) {
      const next = await watch.over(() => iterator.next());
      if (next.done === true) return;
      isSilent = false;
      yield next.value;
      isSilent = true;
    }
  } finally {
    const ending = iterator.return?.().catch(() => undefined);
    // An iterator that hangs in `next` would hang here too; closing the session ends it.
    if (!isSilent) await ending;
  }
}

/** One timer for many short calls, of which there is one at a time; it runs only while there are calls. */
class SilenceWatch {
  readonly #clock: Clock;
  readonly #limitMs: number;
  readonly #silence = new AbortController();
  readonly #end = new AbortController();
  #calls = 0;
  #pending: ((error: MailError) => void) | undefined;
  #isWatching = false;

  constructor(clock: Clock, limitMs: number) {
    this.#clock = clock;
    this.#limitMs = limitMs;
  }

  /** No more is watched, and no timer is left. */
  close(): void {
    this.#end.abort('closed');
  }

  /** Aborted once the provider has fallen silent: the session is of no more use. */
  get signal(): AbortSignal {
    return this.#silence.signal;
  }

  over<T>(call: () => Promise<T>): Promise<T> {
    this.#calls += 1;
    const number = this.#calls;
    return new Promise<T>((resolve, reject) => {
      this.#pending = reject;
      const done = (): void => {
        if (this.#calls === number) this.#pending = undefined;
      };
      call().then(
        (value) => {
          done();
          resolve(value);
        },
        (error: unknown) => {
          done();
          reject(error instanceof Error ? error : new Error(String(error)));
        },
      );
      if (!this.#isWatching) void this.#watch();
    });
  }

  /** Looks every limit whether the same call is still under way: it then has had one limit at least, and two at most. */
  async #watch(): Promise<void> {
    this.#isWatching = true;
    for (let seen = this.#calls; this.#pending && !this.#end.signal.aborted; seen = this.#calls) {
      await this.#clock.wait(this.#limitMs, this.#end.signal);
      if (!this.#pending || this.#calls !== seen || this.#end.signal.aborted) continue;
      this.#silence.abort('silent');
      this.#pending(silent());
      this.#pending = undefined;
    }
    this.#isWatching = false;
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
