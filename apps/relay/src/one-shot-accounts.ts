import { systemClock } from '@stopgap/core';
import { createAccounts, type Accounts } from '@stopgap/accounts';
import { createGuard, createUpstreams } from '@stopgap/upstreams';
import { vaultOf, type CommandSession } from './session.ts';

/** What a command needs that logs in at a provider for itself. */
export interface OneShot extends CommandSession {
  readonly accounts: Accounts;
  readonly upstreams: ReturnType<typeof createUpstreams>;
}

export async function withAccounts<T>({ config, store }: CommandSession, run: (one: OneShot) => Promise<T>): Promise<T> {
  const upstreams = createUpstreams({
    guard: createGuard({ allowPrivate: config.allowPrivateUpstreams }),
    clock: systemClock,
    heloName: config.hostname,
  });
  const accounts = createAccounts({
    store,
    vault: await vaultOf(config, store),
    providers: config.providers,
    upstreams,
    clock: systemClock,
    limits: config.limits,
    enrolment: config.enrolment,
  });
  try {
    return await run({ config, store, accounts, upstreams });
  } finally {
    accounts.close();
  }
}
