import {
  accountIdOf,
  loginNameOf,
  MailError,
  parseAddress,
  type AccountId,
  type Clock,
  type LoginCredential,
  type Provider,
  type Reason,
  type Secret,
} from '@stopgap/core';
import { findAccount, findCredential, listAccounts, removeAccount, type AccountRow, type Store, type Vault } from '@stopgap/store';
import { PathAsker, type PathJudge, type Upstreams } from './ask-paths.ts';
import { enrol } from './enrol.ts';
import { GuessBrake, type GuessLimits } from './guess-brake.ts';
import { LogInDesk, type LogIn, type LogInEvents, type LogInRequest } from './log-in.ts';
import { PasswordHashing } from './password-hashing.ts';
import { directoryOf, type ProviderDirectory } from './provider-directory.ts';
import { sendingAddresses } from './sending-addresses.ts';
import { VerdictCache } from './verdict-cache.ts';
import { ASKS_WITHIN_MS, type WeighDeps } from './weigh-password.ts';
import { WindowCounter } from './window-counter.ts';

const HOUR_MS = 3_600_000;

export interface AccountsOptions {
  readonly store: Store;
  readonly vault: Vault;
  readonly providers: readonly Provider[];
  /** By kind of path; a kind that is absent can not be asked. */
  readonly upstreams: Upstreams;
  /** Undefined (a one-shot command): every path is believed. */
  readonly board?: PathJudge;
  readonly clock: Clock;
  readonly limits: { readonly loginFailures: GuessLimits; readonly recipientsPerHour: number | false };
  readonly enrolment: 'open' | 'closed';
  readonly events?: LogInEvents;
  /** Milliseconds that only ever grow; undefined: those of the process. */
  readonly elapsedMs?: () => number;
}

export interface NewAccount {
  readonly address: string;
  readonly password: Secret;
  readonly name?: string;
  /** Do not ask the provider: the account is pending until a path has confirmed a log-in. */
  readonly unverified?: boolean;
  /** Further addresses it may send as. */
  readonly aliases?: readonly string[];
}

export type Added =
  | { readonly kind: 'added'; readonly account: AccountId; readonly state: AccountRow['state']; readonly refusedAliases: readonly string[] }
  /** Unverified, and there is an active one: what is proven is not replaced by what is not. */
  | { readonly kind: 'exists'; readonly account: AccountId }
  /** No address, or one of no provider in the configuration. */
  | { readonly kind: 'unknown-provider' }
  | { readonly kind: 'refused'; readonly reason: Reason }
  | { readonly kind: 'undecided'; readonly reason: Reason };

export interface Accounts {
  logIn(request: LogInRequest, signal: AbortSignal): Promise<LogIn>;
  add(account: NewAccount, signal: AbortSignal): Promise<Added>;
  list(): AccountRow[];
  /** False: there was none. Its sessions end with their next command. */
  remove(address: string): Promise<boolean>;
  providerOf(address: string): Provider | undefined;
  /** All that it may send as, lower case; undefined: there is no such account (any more), or it is being erased. */
  addressesOf(account: AccountId): readonly string[] | undefined;
  /** Opens nothing before it is called, and then for one log-in upstream (law 10). */
  credentialFor(account: AccountId): () => Promise<LoginCredential | undefined>;
  /** Counts recipients against the hourly limit; false: they would go beyond it, and none is counted. */
  takeRecipients(account: AccountId, recipients: number): boolean;
  close(): void;
}

export function createAccounts(options: AccountsOptions): Accounts {
  const { store, vault, clock } = options;
  const elapsedMs = options.elapsedMs ?? (() => performance.now());
  const directory = directoryOf(options.providers);
  const weighing: WeighDeps = {
    store,
    vault,
    clock,
    hashing: new PasswordHashing(),
    directory,
    paths: new PathAsker({ upstreams: options.upstreams, judge: options.board }),
    enrolment: options.enrolment,
    asks: new WindowCounter({ withinMs: ASKS_WITHIN_MS, elapsedMs }),
  };
  const desk = new LogInDesk({
    ...weighing,
    elapsedMs,
    brake: new GuessBrake(options.limits.loginFailures, elapsedMs),
    cache: new VerdictCache(elapsedMs),
    events: options.events,
  });
  const sent = new WindowCounter({ withinMs: HOUR_MS, elapsedMs });
  return {
    logIn: (request, signal) => desk.logIn(request, signal),
    add: (account, signal) => add(weighing, account, signal),
    list: () => store.read(listAccounts),
    async remove(address) {
      const parsed = parseAddress(address);
      return parsed ? await store.write((tx) => removeAccount(tx, accountIdOf(parsed))) : false;
    },
    providerOf(address) {
      const parsed = parseAddress(address);
      return parsed && directory.ofDomain(parsed.domain);
    },
    addressesOf: (id) =>
      store.read((reader) => {
        const account = findAccount(reader, id);
        return account && !account.isLeaving ? sendingAddresses(reader, account) : undefined;
      }),
    credentialFor: (account) => () => openCredential({ store, vault, directory }, account),
    takeRecipients(account, recipients) {
      const limit = options.limits.recipientsPerHour;
      if (limit === false) return true;
      if (sent.count(account) + recipients > limit) return false;
      sent.add(account, recipients);
      return true;
    },
    close: () => desk.close(),
  };
}

async function add(deps: WeighDeps, account: NewAccount, signal: AbortSignal): Promise<Added> {
  const address = parseAddress(account.address);
  const provider = address && deps.directory.ofDomain(address.domain);
  if (!address || !provider) return { kind: 'unknown-provider' };
  if (account.unverified) {
    const id = accountIdOf(address);
    if (deps.store.read((reader) => findAccount(reader, id))?.state === 'active') return { kind: 'exists', account: id };
  } else {
    const verdict = await deps.paths.ask({ provider, address, password: account.password, mayGoOn: () => true }, signal);
    if (verdict && verdict.kind !== 'accepted') return verdict;
  }
  const state = account.unverified ? 'pending' : 'active';
  const enrolled = await enrol(deps, {
    address,
    provider: provider.name,
    password: account.password,
    state,
    ...(account.name === undefined ? {} : { name: account.name }),
    ...(account.aliases === undefined ? {} : { aliases: account.aliases }),
  });
  return { kind: 'added', account: enrolled.account, state, refusedAliases: enrolled.refusedAliases };
}

async function openCredential(
  deps: { readonly store: Store; readonly vault: Vault; readonly directory: ProviderDirectory },
  id: AccountId,
): Promise<LoginCredential | undefined> {
  const { account, sealed } = deps.store.read((reader) => ({ account: findAccount(reader, id), sealed: findCredential(reader, id) }));
  const provider = account && deps.directory.byName(account.provider);
  if (!account || !sealed || !provider) return undefined;
  try {
    return { username: loginNameOf(provider, account.address), password: await deps.vault.open(id, sealed) };
  } catch (error) {
    // A damaged row is as good as none until its user has logged in once more; the row itself stays as evidence.
    if (error instanceof MailError && error.code === 'credential-damaged') return undefined;
    throw error;
  }
}
