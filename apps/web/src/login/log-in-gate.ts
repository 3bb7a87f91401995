/** The session is over, or in another window of this browser another account has logged in: there is one session in a browser. */
export type WhyAgain = 'ended' | 'others';

/** Requests that have no session of their person wait here until that person has logged in again. */
export interface LogInGate {
  /** Resolves when it has been passed, in whatever window. */
  readonly wait: (why: WhyAgain) => Promise<void>;
  /** Somebody has logged in. */
  readonly passed: () => void;
  /** Told why somebody waits (undefined: nobody does), at once and at each change. Gives how to stop listening. */
  readonly listen: (listener: (why: WhyAgain | undefined) => void) => () => void;
}

/** @param news to the other windows of this browser, which have the same session */
export function createLogInGate(news: BroadcastChannel): LogInGate {
  let waiting: PromiseWithResolvers<void> | undefined;
  let reason: WhyAgain | undefined;
  const listeners = new Set<(why: WhyAgain | undefined) => void>();
  const tell = (): void => {
    for (const listener of listeners) listener(reason);
  };
  const open = (): void => {
    waiting?.resolve();
    waiting = undefined;
    reason = undefined;
    tell();
  };
  // Whoever it was: a request that has the wrong session for its person comes back to here.
  news.addEventListener('message', open);
  return {
    wait(why) {
      waiting ??= Promise.withResolvers<void>();
      reason = why;
      tell();
      return waiting.promise;
    },
    passed() {
      news.postMessage('');
      open();
    },
    listen(listener) {
      listeners.add(listener);
      listener(reason);
      return () => listeners.delete(listener);
    },
  };
}
