import { MailError } from '@stopgap/core';
import { configPath, firstConfig, readNewPath, type Config, type ConfigSource } from '@stopgap/config';
import { createDns, newSetupCode, propose, type Applied, type FirstSteps, type SetupDeps } from '@stopgap/http-api';
import type { Store, Vault } from '@stopgap/store';
import { createGuard } from '@stopgap/upstreams';
import { addOneAccount, probePath, upstreamsOf, withAccounts } from './one-shot-accounts.ts';

export interface FirstRunOptions {
  readonly source: ConfigSource;
  readonly config: Config;
  readonly store: Store;
  readonly vault: Vault;
  /** The configuration is another one now. */
  readonly onConfigured: () => void;
}

/** What the page needs on which a relay without providers is set up; each step goes the way of `check` and `account add`. */
export function firstRun({ source, config, store, vault, onConfigured }: FirstRunOptions): SetupDeps {
  const guard = createGuard({ allowPrivate: config.allowPrivateUpstreams });
  const upstreams = upstreamsOf(config);
  const dns = createDns(config.dnsServers);
  return {
    code: newSetupCode(),
    file: configPath(source).path,
    hostname: config.hostname,
    allowPrivate: config.allowPrivateUpstreams,
    propose: (address, signal) => propose(address, { guard, dns, signal }),
    async probe(path, direction, signal) {
      return await probePath(upstreams, readNewPath(path, direction), signal);
    },
    apply: (first, signal) => apply(first, { source, store, vault, signal }),
    done: onConfigured,
  };
}

/** The account comes first: a provider without one could not be finished in the page any more. */
async function apply(
  { account, ...settings }: FirstSteps,
  { source, store, vault, signal }: Pick<FirstRunOptions, 'source' | 'store' | 'vault'> & { readonly signal: AbortSignal },
): Promise<Applied> {
  const first = firstConfig(source, settings);
  const added = await withAccounts({ config: first.config, store, vault }, ({ accounts }) => addOneAccount(accounts, account, signal));
  if (added.kind === 'unknown-provider') return { kind: added.kind };
  if (added.kind === 'refused' || added.kind === 'undecided') return { kind: added.kind, reason: added.reason };
  try {
    await first.write();
  } catch (error) {
    if (!(error instanceof MailError) || error.code !== 'config-file') throw error;
    return { kind: 'not-written', why: error.message, text: first.text };
  }
  return { kind: 'added', state: added.kind === 'exists' ? 'active' : added.state };
}
