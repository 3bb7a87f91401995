import { normalFlags, withFlagChange, type Flag, type FlagChange } from '@stopgap/core';

/** Every path that tells flags at all tells these. The others may be missing because the path does not show them. */
const SHOWN_BY_ALL: readonly Flag[] = ['$seen', '$answered', '$flagged'];

export interface FlagSides {
  readonly here: readonly Flag[];
  /** As last seen upstream; undefined: never seen by this path. */
  readonly base: readonly Flag[] | undefined;
  readonly there: readonly Flag[];
  /** What was done here and upstream does not know yet, oldest first. */
  readonly pending: readonly FlagChange[];
}

/**
 * The flags that a message has here once upstream has spoken: what upstream changed is taken over as an operation, so that a keyword which a path does
 * not show stays; then comes what was done here and has not been carried back.
 */
export function mergedFlags({ here, base, there, pending }: FlagSides): readonly Flag[] {
  const before = base ?? there;
  const told: FlagChange = {
    add: there.filter((flag) => base === undefined || !before.includes(flag) || SHOWN_BY_ALL.includes(flag)),
    remove: [...before.filter((flag) => !there.includes(flag)), ...SHOWN_BY_ALL.filter((flag) => !there.includes(flag))],
  };
  return pending.reduce<readonly Flag[]>((flags, change) => withFlagChange(flags, change), withFlagChange(normalFlags(here), told));
}

/** What a guest on somebody else's ids says about flags: those it never shows keep the base that the owner left. */
export function baseOf(previous: readonly Flag[], there: readonly Flag[], showsAll: boolean): readonly Flag[] {
  if (showsAll) return there;
  const hidden = previous.filter((flag) => !SHOWN_BY_ALL.includes(flag) && !there.includes(flag));
  return normalFlags([...there, ...hidden]);
}

/** The operation that leads from one set to the other. */
export function flagChangeBetween(from: readonly Flag[], to: readonly Flag[]): FlagChange {
  return { add: to.filter((flag) => !from.includes(flag)), remove: from.filter((flag) => !to.includes(flag)) };
}
