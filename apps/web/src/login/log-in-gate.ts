/** Requests that met the end of the session wait here until somebody has logged in again. */
export interface LogInGate {
  /** Resolves when it has been passed. */
  readonly wait: () => Promise<void>;
  readonly passed: () => void;
  /** Told whether anybody waits, at once and at each change. Gives how to stop listening. */
  readonly listen: (listener: (isWaiting: boolean) => void) => () => void;
}

export function createLogInGate(): LogInGate {
  let waiting: PromiseWithResolvers<void> | undefined;
  const listeners = new Set<(isWaiting: boolean) => void>();
  const tell = (): void => {
    for (const listener of listeners) listener(waiting !== undefined);
  };
  return {
    wait() {
      waiting ??= Promise.withResolvers<void>();
      tell();
      return waiting.promise;
    },
    passed() {
      waiting?.resolve();
      waiting = undefined;
      tell();
    },
    listen(listener) {
      listeners.add(listener);
      listener(waiting !== undefined);
      return () => listeners.delete(listener);
    },
  };
}
