import type { Provider } from '@stopgap/core';
import { listOrphans, moveToProvider, type Store } from '@stopgap/store';

/**
 * A provider that was renamed in the configuration, or whose domains went to another: its accounts and what waits of theirs go with their domain. What is
 * unsure is still asked about where the path is the same; by a path that is gone it waits for a person. What finds no home is told of, for it can neither
 * leave nor expire.
 */
export async function adoptOrphans(
  store: Store,
  providers: readonly Provider[],
  log: { warn(message: string, fields: Readonly<Record<string, unknown>>): void },
): Promise<void> {
  const names = providers.map(({ name }) => name);
  const orphans = store.read((reader) => listOrphans(reader, names));
  const homes = new Map(providers.flatMap((provider) => provider.domains.map((domain) => [domain.toLowerCase(), provider] as const)));
  const homeOf = (account: string) => homes.get(account.slice(account.lastIndexOf('@') + 1));
  const homeless = orphans.filter((account) => homeOf(account) === undefined);
  if (homeless.length > 0)
    log.warn('accounts belong to no provider of the configuration, and their mail can not leave; add the provider, or remove them', {
      accounts: homeless.length,
    });
  if (homeless.length === orphans.length) return;
  await store.write((tx) => {
    for (const account of orphans) {
      const home = homeOf(account);
      if (home === undefined) continue;
      const paths = home.outgoing.map(({ id }) => id);
      moveToProvider(tx, account, home.name, paths);
    }
  });
}
