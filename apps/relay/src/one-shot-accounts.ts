import { systemClock, type Path, type ProbeResult } from '@stopgap/core';
import { createAccounts, type Accounts, type Added, type NewAccount } from '@stopgap/accounts';
import type { Config } from '@stopgap/config';
import type { Vault } from '@stopgap/store';
import { createGuard, createUpstreams } from '@stopgap/upstreams';
import { vaultOf, type CommandSession } from './session.ts';

/** All paths of a provider, one after the other. */
const VERIFY_MS = 90_000;

type Upstreams = ReturnType<typeof createUpstreams>;

/** What a command needs that logs in at a provider for itself. */
export interface OneShot extends CommandSession {
  readonly accounts: Accounts;
  readonly upstreams: Upstreams;
}

export async function withAccounts<T>(
  { config, store, vault }: CommandSession & { readonly vault?: Vault },
  run: (one: OneShot) => Promise<T>,
): Promise<T> {
  const upstreams = upstreamsOf(config);
  const accounts = createAccounts({
    store,
    vault: vault ?? (await vaultOf(config, store)),
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

export function upstreamsOf(config: Config): Upstreams {
  return createUpstreams({
    guard: createGuard({ allowPrivate: config.allowPrivateUpstreams }),
    clock: systemClock,
    heloName: config.hostname,
  });
}

/** Without a log-in. */
export function probePath(upstreams: Upstreams, path: Path, signal: AbortSignal): Promise<ProbeResult> {
  return upstreams[path.kind].probe(path, signal);
}

/** Its password is checked through the first path that answers, unless it is unverified. */
export function addOneAccount(accounts: Accounts, account: NewAccount, signal?: AbortSignal): Promise<Added> {
  const limit = AbortSignal.timeout(VERIFY_MS);
  return accounts.add(account, signal === undefined ? limit : AbortSignal.any([limit, signal]));
}
