/** The session is over, or in another window of this browser another account has logged in: there is one session in a browser. */
export type WhyAgain = 'ended' | 'others';

/** Requests that have no session of their person wait here until that person has logged in again. */
export interface LogInGate {
  /** Resolves when it has been passed. */
  readonly wait: (why: WhyAgain) => Promise<void>;
  readonly passed: () => void;
  /** Told why somebody waits (undefined: nobody does), at once and at each change. Gives how to stop listening. */
  readonly listen: (listener: (why: WhyAgain | undefined) => void) => () => void;
}

export function createLogInGate(): LogInGate {
  let waiting: PromiseWithResolvers<void> | undefined;
  let reason: WhyAgain | undefined;
  const listeners = new Set<(why: WhyAgain | undefined) => void>();
  const tell = (): void => {
    for (const listener of listeners) listener(reason);
  };
  return {
    wait(why) {
      waiting ??= Promise.withResolvers<void>();
      reason = why;
      tell();
      return waiting.promise;
    },
    passed() {
      waiting?.resolve();
      waiting = undefined;
      reason = undefined;
      tell();
    },
    listen(listener) {
      listeners.add(listener);
      listener(reason);
      return () => listeners.delete(listener);
    },
  };
}
