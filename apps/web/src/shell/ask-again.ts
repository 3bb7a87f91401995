import type { QueryClient } from '@tanstack/react-query';

/** The relay tells of what was done here, too, and its word comes this late at most; asked for then, it need not be asked for twice. */
const ECHO_MS = 600;

export interface AskAgain {
  /** Resolves with answers to what was asked after this. */
  readonly now: (keys: Iterable<string>) => Promise<void>;
  /** The same, with whatever asks for it next, or after a moment. */
  readonly soon: (keys: Iterable<string>) => Promise<void>;
}

interface Asked {
  underWay?: Promise<void> | undefined;
  afterwards?: Promise<void> | undefined;
  soon?: { readonly asked: PromiseWithResolvers<void>; readonly timer: ReturnType<typeof setTimeout> } | undefined;
}

/**
 * What is heard of while it is being asked for is asked for once more afterwards. To begin anew each time would never come to an end on a slow line, where changes
 * come faster than answers.
 */
export function createAskAgain(client: QueryClient): AskAgain {
  const all = new Map<string, Asked>();
  const askedFor = (key: string): Asked => {
    const asked = all.get(key) ?? {};
    all.set(key, asked);
    return asked;
  };
  const begin = (key: string, asked: Asked): Promise<void> => {
    const { soon } = asked;
    asked.soon = undefined;
    clearTimeout(soon?.timer);
    const underWay = client.invalidateQueries({ queryKey: [key] }).finally(() => {
      asked.underWay = undefined;
    });
    asked.underWay = underWay;
    soon?.asked.resolve(underWay);
    return underWay;
  };
  const now = (key: string): Promise<void> => {
    const asked = askedFor(key);
    if (asked.underWay === undefined) return begin(key, asked);
    asked.afterwards ??= asked.underWay.then(() => {
      asked.afterwards = undefined;
      return begin(key, asked);
    });
    return asked.afterwards;
  };
  const soon = (key: string): Promise<void> => {
    const asked = askedFor(key);
    asked.soon ??= { asked: Promise.withResolvers<void>(), timer: setTimeout(() => void now(key), ECHO_MS) };
    return asked.soon.asked.promise;
  };
  const each =
    (ask: (key: string) => Promise<void>) =>
    async (keys: Iterable<string>): Promise<void> =>
      void (await Promise.all([...new Set(keys)].map(ask)));
  return { now: each(now), soon: each(soon) };
}
