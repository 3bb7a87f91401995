/** Runs alone among all windows of this browser that ask by the same name. */
export type Alone = <Result>(name: string, run: () => Promise<Result>) => Promise<Result>;

/** Runs only if nobody else does; undefined: somebody does. */
export type IfFree = <Result>(name: string, run: () => Promise<Result>) => Promise<Result | undefined>;

export interface Turns {
  readonly alone: Alone;
  readonly ifFree: IfFree;
}

/** By the browser's own locks: they are free again when a window is gone, however it went. */
export function browserTurns(locks: LockManager): Turns {
  return {
    alone: (name, run) => locks.request(name, run),
    ifFree: (name, run) => locks.request(name, { ifAvailable: true }, async (lock) => (lock === null ? undefined : run())),
  };
}
