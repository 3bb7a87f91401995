import { accountIdOf, formatAddress, type AccountId, type Address, type Clock, type ProviderName, type Secret } from '@stopgap/core';
import {
  addAccountAddress,
  askForMirror,
  putAccount,
  putCredential,
  putVerifier,
  retryRecipientsOf,
  type Store,
  type Vault,
} from '@stopgap/store';
import type { PasswordHashing } from './password-hashing.ts';

export interface EnrolDeps {
  readonly store: Store;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly hashing: PasswordHashing;
}

export interface Enrolment {
  readonly address: Address;
  readonly provider: ProviderName;
  readonly password: Secret;
  readonly name?: string;
  readonly state: 'active' | 'pending';
  readonly aliases?: readonly string[];
}

export interface Enrolled {
  readonly account: AccountId;
  readonly verifier: string;
  /** Aliases that are another account's. */
  readonly refusedAliases: readonly string[];
}

/** Account, verifier and sealed credential in one transaction: there is never one without the others. Also brings a known account up to date. */
export async function enrol(deps: EnrolDeps, enrolment: Enrolment): Promise<Enrolled> {
  const account = accountIdOf(enrolment.address);
  const [verifier, credential] = await Promise.all([deps.hashing.hash(enrolment.password), deps.vault.seal(account, enrolment.password)]);
  const nowMs = deps.clock.nowMs();
  const refusedAliases = await deps.store.write((tx) => {
    putAccount(tx, {
      id: account,
      address: formatAddress(enrolment.address),
      provider: enrolment.provider,
      name: enrolment.name ?? '',
      state: enrolment.state,
      createdAtMs: nowMs,
    });
    putVerifier(tx, account, verifier, nowMs);
    putCredential(tx, account, credential, nowMs);
    // With the password before, the provider may have refused what waits now.
    askForMirror(tx, account, nowMs);
    retryRecipientsOf(tx, account, nowMs);
    return (enrolment.aliases ?? []).filter((alias) => !addAccountAddress(tx, account, alias));
  });
  return { account, verifier, refusedAliases };
}
