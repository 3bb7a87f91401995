import {
  accountIdOf,
  formatAddress,
  loginNameOf,
  type AccountId,
  type Address,
  type LoginVerdict,
  type Path,
  type PathHealth,
  type PathId,
  type PathState,
  type Provider,
  type Reason,
  type Secret,
  type Upstream,
} from '@stopgap/core';
import { Slots } from './slots.ts';

/** One path's time. Long enough for a webmail page that limps. */
const ONE_PATH_MS = 10_000;
/** All paths together; mail clients wait about a minute for the answer to AUTH. */
const ALL_PATHS_MS = 30_000;
/** Log-ins at one provider at once; when it comes back, everybody comes at once. */
const AT_ONCE = 8;
const WAITING = 200;

/** What the health board knows that matters here. */
export interface PathJudge {
  health(path: PathId): PathHealth;
  /** False while accounts that worked are being refused there: then "wrong password" is a lie of the outage. */
  believesAuthFailure(path: PathId, account: AccountId): boolean;
  /** A log-in worked there. */
  authWorked(path: PathId, account: AccountId): void;
}

export type Upstreams = Readonly<Partial<Record<Path['kind'], Upstream>>>;

export interface PathsQuestion {
  readonly provider: Provider;
  readonly address: Address;
  readonly password: Secret;
  /** Asked when it is this question's turn. */
  readonly mayGoOn: () => boolean;
}

/**
 * Asks a provider whether address and password belong together: path by path until one accepts, or until a refusal that is to be believed has its
 * second opinion. Providers lie at the beginning of an outage, before anybody knows of it, so one path's "wrong password" turns nobody away while
 * another kind of path says something else: accepted wins, and silence makes it undecided. Never rejects; nobody answered, or only paths that are not believed: undecided (law 14). Undefined: it might not go on.
 *
 * What comes out here is not told to the board as an auth failure: it is a stranger's guess, and guesses must not make a path look like a liar.
 */
export class PathAsker {
  readonly #upstreams: Upstreams;
  readonly #judge: PathJudge | undefined;
  readonly #slots = new Map<string, Slots>();

  constructor(options: { readonly upstreams: Upstreams; readonly judge?: PathJudge | undefined }) {
    this.#upstreams = options.upstreams;
    this.#judge = options.judge;
  }

  async ask(question: PathsQuestion, signal: AbortSignal): Promise<LoginVerdict | undefined> {
    const all = AbortSignal.any([signal, AbortSignal.timeout(ALL_PATHS_MS)]);
    const account = accountIdOf(question.address);
    let doubt: Reason = { class: 'connect', text: `No path of ${question.provider.name} can check a password.` };
    const ask = async (path: Path): Promise<LoginVerdict> => {
      const verdict = await this.#askOne(path, question, all);
      if (verdict.kind === 'accepted') this.#judge?.authWorked(path.id, account);
      return verdict;
    };
    try {
      return await this.#slotsOf(question.provider.name).run(async () => {
        if (!question.mayGoOn()) return undefined;
        for (const path of this.#inOrder(question.provider)) {
          if (all.aborted) break;
          const verdict = await ask(path);
          if (verdict.kind === 'accepted') return verdict;
          if (verdict.kind === 'refused' && this.#isBelieved(path, account)) {
            const second = this.#secondOpinion(path, question.provider);
            return second ? await ask(second) : verdict;
          }
          doubt = verdict.reason;
        }
        return { kind: 'undecided', reason: doubt };
      });
    } catch {
      return {
        kind: 'undecided',
        reason: { class: 'throttled', text: `Too many log-ins at ${question.provider.name} are being checked.` },
      };
    }
  }

  async #askOne(path: Path, question: PathsQuestion, signal: AbortSignal): Promise<LoginVerdict> {
    const upstream = this.#upstreams[path.kind];
    if (!upstream) return { kind: 'undecided', reason: { class: 'route', text: `${path.id} can not check a password.` } };
    const username = loginNameOf(question.provider, formatAddress(question.address));
    return await upstream.verify(
      path,
      { username, password: question.password },
      AbortSignal.any([signal, AbortSignal.timeout(ONE_PATH_MS)]),
    );
  }

  /** Those that work first; among equals, the order of the file, incoming first: reading is what a provider grants to all its users. */
  #inOrder(provider: Provider): Path[] {
    return [...provider.incoming, ...provider.outgoing]
      .filter((path) => path.kind !== 'smarthost')
      .map((path) => ({ path, rank: RANK[this.#judge?.health(path.id).state ?? 'unknown'] }))
      .sort((a, b) => a.rank - b.rank)
      .map(({ path }) => path);
  }

  /** Another kind of path that is not known to be down, a webmail before all: the mail servers often share what is broken. */
  #secondOpinion(first: Path, provider: Provider): Path | undefined {
    const others = this.#inOrder(provider).filter(
      (path) => path.kind !== first.kind && this.#upstreams[path.kind] && this.#judge?.health(path.id).state !== 'down',
    );
    return others.find((path) => path.kind === 'roundcube' || path.kind === 'jmap') ?? others[0];
  }

  #isBelieved(path: Path, account: AccountId): boolean {
    if (!this.#judge) return true;
    return this.#judge.health(path.id).state !== 'down' && this.#judge.believesAuthFailure(path.id, account);
  }

  #slotsOf(provider: string): Slots {
    let slots = this.#slots.get(provider);
    if (!slots) {
      slots = new Slots({ atOnce: AT_ONCE, waiting: WAITING });
      this.#slots.set(provider, slots);
    }
    return slots;
  }
}

const RANK: Readonly<Record<PathState, number>> = { up: 0, unknown: 1, impaired: 2, down: 3 };
