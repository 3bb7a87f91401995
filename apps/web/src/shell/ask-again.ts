import type { QueryClient } from '@tanstack/react-query';

/**
 * What was heard of while it is being asked for is asked for once more afterwards. To begin anew each time would never come to an end on a slow line, where changes
 * come faster than answers.
 */
export function createAskAgain(client: QueryClient): (keys: Iterable<string>) => void {
  const underWay = new Map<string, { isHeardOf: boolean }>();
  const ask = async (key: string): Promise<void> => {
    const before = underWay.get(key);
    if (before !== undefined) {
      before.isHeardOf = true;
      return;
    }
    const now = { isHeardOf: true };
    underWay.set(key, now);
    while (now.isHeardOf) {
      now.isHeardOf = false;
      await client.invalidateQueries({ queryKey: [key] });
    }
    underWay.delete(key);
  };
  return (keys) => {
    for (const key of new Set(keys)) void ask(key);
  };
}
