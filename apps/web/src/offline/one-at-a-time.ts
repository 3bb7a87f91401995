/** Runs alone among all windows of a person in this browser that ask by the same name. */
export type Alone = <Result>(name: string, run: () => Promise<Result>) => Promise<Result>;

/** Runs only if nobody else does; undefined: somebody does. */
export type IfFree = <Result>(name: string, run: () => Promise<Result>) => Promise<Result | undefined>;

export interface Turns {
  readonly alone: Alone;
  readonly ifFree: IfFree;
}

/**
 * By the browser's own locks: they are free again when a window is gone, however it went.
 * @param address whose turns they are: a window of somebody else may have one until its person logs in again
 */
export function browserTurns(locks: LockManager, address: string): Turns {
  const own = (name: string): string => `${name} ${address.toLowerCase()}`;
  return {
    alone: (name, run) => locks.request(own(name), run),
    ifFree: (name, run) => locks.request(own(name), { ifAvailable: true }, async (lock) => (lock === null ? undefined : run())),
  };
}
