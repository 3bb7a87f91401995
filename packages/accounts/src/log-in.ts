import {
  accountIdOf,
  asId,
  messageOf,
  parseAddress,
  type AccountId,
  type Address,
  type Clock,
  type ProviderName,
  type Reason,
  Secret,
} from '@stopgap/core';
import { findAccount, findVerifier, type Store } from '@stopgap/store';
import type { GuessBrake } from './guess-brake.ts';
import type { VerdictCache } from './verdict-cache.ts';
import { sendingAddresses } from './sending-addresses.ts';
import { weighPassword, type PasswordQuestion, type WeighDeps, type Weighed } from './weigh-password.ts';

/** argon2 reads every byte of it; nobody types more. */
const LONGEST_PASSWORD_BYTES = 1024;
/**
 * A refusal is answered no sooner: unknown user, unknown domain and wrong password look alike, though for one of them a provider is asked.
 * It also slows a guesser down to one a second for each connection.
 */
const REFUSAL_MS = 1000;

export type Door = 'smtp' | 'imap' | 'pop3' | 'http';

export interface LogInRequest {
  readonly address: string;
  readonly password: Secret;
  readonly door: Door;
  readonly remoteAddress: string;
}

export type LogIn =
  | {
      readonly kind: 'accepted';
      readonly account: AccountId;
      readonly address: string;
      readonly provider: ProviderName;
      /** All that it may send as, its own among them, lower case. */
      readonly addresses: readonly string[];
    }
  | { readonly kind: 'refused' }
  /** Nobody can know now; never to be told to a client as a wrong password. */
  | { readonly kind: 'undecided'; readonly reason: Reason }
  | { readonly kind: 'throttled'; readonly retryAfterMs: number };

export interface LogInEvents {
  /** `address` is what the client sent: escape it. */
  readonly loggedIn: (event: { readonly request: LogInRequest; readonly result: LogIn; readonly isNew: boolean }) => void;
}

export interface LogInDeps extends WeighDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly elapsedMs: () => number;
  readonly brake: GuessBrake;
  readonly cache: VerdictCache;
  readonly events: LogInEvents | undefined;
}

interface Answer {
  readonly result: LogIn;
  readonly isNew: boolean;
}

/** The same for every door. */
export class LogInDesk {
  readonly #deps: LogInDeps;
  readonly #stop = new AbortController();
  readonly #underWay = new Map<string, Promise<Weighed>>();

  constructor(deps: LogInDeps) {
    this.#deps = deps;
  }

  /** Never rejects. `signal`: the client went away; what it asked is found out all the same, others may wait for the same answer. */
  async logIn(request: LogInRequest, signal: AbortSignal): Promise<LogIn> {
    const startedMs = this.#deps.elapsedMs();
    const answer = await this.#answer(request);
    this.#deps.events?.loggedIn({ request, ...answer });
    if (answer.result.kind === 'refused') await this.#deps.clock.wait(REFUSAL_MS - (this.#deps.elapsedMs() - startedMs), signal);
    return answer.result;
  }

  /** Whoever still waits is undecided. */
  close(): void {
    this.#stop.abort();
  }

  async #answer(request: LogInRequest): Promise<Answer> {
    const { password, remoteAddress } = request;
    const address = parseAddress(request.address);
    const account = address ? accountIdOf(address) : asId.account(`? ${request.address.slice(0, 254).toLowerCase()}`);
    const asker = { account, remoteAddress };
    const admission = this.#deps.brake.admit(asker);
    if (admission.kind === 'throttled') return { result: admission, isNew: false };
    const key = this.#deps.cache.keyOf(account, password);
    const known = this.#known(account, key);
    if (known?.kind === 'accepted' || known?.kind === 'undecided') return { result: known, isNew: false };
    const weighed =
      known ??
      (await this.#weighOnce(key, account, { address, password, mayGoOn: () => this.#deps.brake.admit(asker).kind !== 'throttled' }));

    if (weighed.kind === 'undecided') return { result: weighed, isNew: false };
    const accepted = weighed.kind === 'accepted' ? this.#accepted(account) : undefined;
    if (weighed.kind === 'accepted' && accepted) {
      this.#deps.brake.succeeded(asker);
      return { result: accepted, isNew: weighed.isNew };
    }
    if (weighed.kind !== 'braked') this.#deps.brake.failed(asker, key);
    if (weighed.kind === 'braked' || admission.kind === 'last-chance') {
      const now = this.#deps.brake.admit(asker);
      return { result: { kind: 'throttled', retryAfterMs: 'retryAfterMs' in now ? now.retryAfterMs : 0 }, isNew: false };
    }
    return { result: { kind: 'refused' }, isNew: false };
  }

  #known(account: AccountId, key: string): LogIn | undefined {
    const verdict = this.#deps.cache.get(key);
    if (verdict === undefined || verdict.kind === 'undecided') return verdict;
    if (this.#verifierOf(account) !== verdict.verifier) return undefined;
    return verdict.kind === 'refused' ? { kind: 'refused' } : this.#accepted(account);
  }

  #verifierOf(account: AccountId): string | undefined {
    return this.#deps.store.read((reader) => findVerifier(reader, account));
  }

  /** Undefined: the account was removed this very moment, or is being erased. */
  #accepted(account: AccountId): (LogIn & { readonly kind: 'accepted' }) | undefined {
    return this.#deps.store.read((reader) => {
      const row = findAccount(reader, account);
      if (!row || row.isLeaving) return undefined;
      return { kind: 'accepted', account, address: row.address, provider: row.provider, addresses: sendingAddresses(reader, row) };
    });
  }

  /** A mail client that opens five connections at once asks one question. */
  async #weighOnce(
    key: string,
    account: AccountId,
    question: Omit<PasswordQuestion, 'address'> & { readonly address: Address | undefined },
  ): Promise<Weighed> {
    const underWay = this.#underWay.get(key);
    if (underWay) return await underWay;
    const verifier = this.#verifierOf(account);
    const weighing = this.#weigh(question).finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, weighing);
    const weighed = await weighing;
    if (weighed.kind === 'refused') {
      if (weighed.isCertain) this.#deps.cache.set(key, { kind: 'refused', verifier });
    } else if (weighed.kind !== 'braked' && !isOurTrouble(weighed)) this.#deps.cache.set(key, weighed);
    return weighed;
  }

  async #weigh({
    address,
    password,
    mayGoOn,
  }: Omit<PasswordQuestion, 'address'> & { readonly address: Address | undefined }): Promise<Weighed> {
    try {
      if (address && isPlausible(password)) return await weighPassword(this.#deps, { address, password, mayGoOn }, this.#stop.signal);
      await this.#deps.hashing.matches(undefined, DECOY, mayGoOn);
      return { kind: 'refused', isCertain: true };
    } catch (error) {
      // The store is full or busy, or too many wait: our own trouble is never the user's wrong password.
      return { kind: 'undecided', reason: { class: 'internal', text: messageOf(error) } };
    }
  }
}

/** Over as soon as the disk is well again: not to be remembered. */
function isOurTrouble(weighed: Weighed): boolean {
  return weighed.kind === 'undecided' && weighed.reason.class === 'internal';
}

/** An over-long password would take longer. */
const DECOY = new Secret('decoy');

/** NUL, CR and LF would end a command or a SASL field upstream (RFC 4616 2). */
function isPlausible(password: Secret): boolean {
  const text = password.open();
  return text !== '' && Buffer.byteLength(text) <= LONGEST_PASSWORD_BYTES && !['\0', '\r', '\n'].some((char) => text.includes(char));
}
