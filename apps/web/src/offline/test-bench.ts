import type { Turns } from './one-at-a-time.ts';

/** As the browser's locks: one at a time for each name, in the order in which they came. */
export function turnsOfOneBrowser(): Turns {
  const last = new Map<string, Promise<unknown>>();
  const alone: Turns['alone'] = (name, run) => {
    const mine = (last.get(name) ?? Promise.resolve()).then(run, run);
    const over = mine.catch(() => undefined).then(() => void (last.get(name) === over && last.delete(name)));
    last.set(name, over);
    return mine;
  };
  return { alone, ifFree: async (name, run) => (last.has(name) ? undefined : alone(name, run)) };
}
