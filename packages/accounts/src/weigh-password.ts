import { accountIdOf, type Address, type LoginVerdict, type Provider, type Reason, type Secret } from '@stopgap/core';
import { findAccount, findVerifier } from '@stopgap/store';
import type { PathAsker } from './ask-paths.ts';
import { enrol, type EnrolDeps } from './enrol.ts';
import type { ProviderDirectory } from './provider-directory.ts';
import type { WindowCounter } from './window-counter.ts';

/** Questions to the paths about one account in the time of `asks`: a provider locks accounts that are tried too often. */
const ASKS = 5;
export const ASKS_WITHIN_MS = 60_000;

export interface WeighDeps extends EnrolDeps {
  readonly directory: ProviderDirectory;
  readonly paths: PathAsker;
  readonly enrolment: 'open' | 'closed';
  readonly asks: WindowCounter;
}

export type Weighed =
  | { readonly kind: 'accepted'; readonly verifier: string; readonly isNew: boolean }
  /** `isCertain`: a path that is to be believed said so, or nobody could ever say otherwise. */
  | { readonly kind: 'refused'; readonly isCertain: boolean }
  | { readonly kind: 'undecided'; readonly reason: Reason }
  /** The brake came on meanwhile. */
  | { readonly kind: 'braked' };

export interface PasswordQuestion {
  readonly address: Address;
  readonly password: Secret;
  readonly mayGoOn: () => boolean;
}

/**
 * | account  | our verifier | a path accepts    | a believed path refuses | nobody can say |
 * |----------|--------------|-------------------|-------------------------|----------------|
 * | active   | matches      | (not asked)       | (not asked)             | accepted       |
 * | active   | differs      | accepted, updated | refused                 | refused        |
 * | pending  | matches      | accepted, active  | refused                 | accepted       |
 * | pending  | differs      | accepted, active  | refused                 | undecided      |
 * | unknown, its provider known, enrolment open | accepted, enrolled | refused | undecided |
 * | leaving  | undecided without asking, after the same work: it is being erased       ||||
 * | any other | refused without asking, after the same work                       ||||
 *
 * `active, differs, nobody can say`: most likely mistyped, so the client should ask its user; the password that worked last still works, and
 * nothing about the account changes. `pending, matches, nobody can say`: the operator who added it vouches for the password.
 */
export async function weighPassword(deps: WeighDeps, question: PasswordQuestion, signal: AbortSignal): Promise<Weighed> {
  const { address, password } = question;
  const id = accountIdOf(address);
  const { account, verifier } = deps.store.read((reader) => ({ account: findAccount(reader, id), verifier: findVerifier(reader, id) }));
  const matches = await deps.hashing.matches(verifier, password, question.mayGoOn);
  if (matches === undefined) return { kind: 'braked' };
  // Of class internal, for it is not to be remembered.
  if (account?.isLeaving === true) return { kind: 'undecided', reason: { class: 'internal', text: 'This account is being removed here.' } };
  const vouched: Weighed | undefined = matches && verifier !== undefined ? { kind: 'accepted', verifier, isNew: false } : undefined;
  if (account?.state === 'active' && vouched) return vouched;

  const provider = account ? deps.directory.byName(account.provider) : openProviderOf(deps, address);
  if (!provider) return { kind: 'refused', isCertain: true };
  const verdict = await ask(deps, provider, question, signal);
  if (!verdict) return { kind: 'braked' };
  if (verdict.kind === 'accepted') {
    const enrolled = await enrol(deps, { address, provider: provider.name, password, state: 'active' });
    return { kind: 'accepted', verifier: enrolled.verifier, isNew: !account };
  }
  if (verdict.kind === 'refused') return { kind: 'refused', isCertain: true };
  if (account?.state === 'active') return { kind: 'refused', isCertain: false };
  if (account?.state === 'pending' && vouched) return vouched;
  return { kind: 'undecided', reason: verdict.reason };
}

function openProviderOf(deps: WeighDeps, address: Address): Provider | undefined {
  return deps.enrolment === 'open' ? deps.directory.ofDomain(address.domain) : undefined;
}

async function ask(
  deps: WeighDeps,
  provider: Provider,
  question: PasswordQuestion,
  signal: AbortSignal,
): Promise<LoginVerdict | undefined> {
  if (deps.asks.add(accountIdOf(question.address)) > ASKS) {
    return { kind: 'undecided', reason: { class: 'throttled', text: 'The provider was asked about this account too often just now.' } };
  }
  return await deps.paths.ask({ ...question, provider }, signal);
}
