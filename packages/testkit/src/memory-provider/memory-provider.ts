import { asId, pathIdOf, type Clock, type IncomingSession, type Path, type Provider, type Upstream } from '@stopgap/core';
import { MemoryAccount } from './mail-store.ts';
import { logInRefused, noFaults, pathDown, type PathFaults } from './path-faults.ts';
import { openMemorySession } from './session.ts';
import { VIEWS, type ViewKind } from './views.ts';

export interface MemoryPath {
  readonly path: Path;
  readonly upstream: Upstream;
  readonly faults: PathFaults;
  /** Sessions that are open now, and log-ins so far. */
  readonly open: ReadonlySet<IncomingSession>;
  readonly logIns: number;
}

/** A mail company in memory: accounts with mailboxes, and several paths that show the same store each in its own way. */
export class MemoryProvider {
  readonly provider: Provider;
  readonly paths: Readonly<Record<ViewKind, MemoryPath>>;
  readonly #accounts = new Map<string, MemoryAccount>();
  readonly #clock: Clock;

  /** @param kinds the order of its incoming paths, best first */
  constructor({ clock, kinds, connections = 10 }: { clock: Clock; kinds: readonly ViewKind[]; connections?: number }) {
    this.#clock = clock;
    this.paths = {
      imap: this.#pathOf('imap', connections),
      roundcube: this.#pathOf('roundcube', connections),
      jmap: this.#pathOf('jmap', connections),
      pop3: this.#pathOf('pop3', connections),
    };
    this.provider = {
      name: asId.provider('memory'),
      domains: ['memory.test'],
      login: 'address',
      incoming: kinds.map((kind) => this.paths[kind].path),
      outgoing: [],
      probe: { everyMs: 15_000, timeoutMs: 10_000, downAfter: 2, upAfter: 2 },
    };
  }

  addAccount(address: string): MemoryAccount {
    const account = new MemoryAccount(() => this.#clock.nowMs());
    this.#accounts.set(address, account);
    return account;
  }

  /** For `openMirror`. */
  get upstreams(): Readonly<Record<ViewKind, Upstream>> {
    const { imap, roundcube, jmap, pop3 } = this.paths;
    return { imap: imap.upstream, roundcube: roundcube.upstream, jmap: jmap.upstream, pop3: pop3.upstream };
  }

  #pathOf(kind: ViewKind, connections: number): MemoryPath {
    const faults = noFaults();
    const open = new Set<IncomingSession>();
    const id = pathIdOf('memory', 'incoming', kind, `${kind}.memory.test`);
    const base = { id, provider: asId.provider('memory'), direction: 'incoming' as const, connections };
    const counted = { logIns: 0 };
    const upstream: Upstream = {
      probe: () =>
        Promise.resolve(
          faults.isDown
            ? { kind: 'failed', reason: { class: 'connect', text: 'the provider does not answer' } }
            : { kind: 'answered', elapsedMs: 1 },
        ),
      verify: () => Promise.resolve({ kind: 'accepted' }),
      open: async (_, credential) => {
        counted.logIns += 1;
        const login = await credential();
        await faults.onCall?.('open', 'before');
        if (faults.isDown) throw pathDown();
        const account = login && this.#accounts.get(login.username);
        if (faults.refusesLogIn || !account) throw logInRefused();
        const session = openMemorySession({
          account,
          view: VIEWS[kind],
          faults,
          wait: (ms, signal) => this.#clock.wait(ms, signal),
          onClose: () => void open.delete(session),
        });
        open.add(session);
        return session;
      },
    };
    const path: Path =
      kind === 'imap' || kind === 'pop3'
        ? { ...base, kind, host: `${kind}.memory.test`, port: 1, security: 'none' }
        : { ...base, kind, url: `http://${kind}.memory.test/` };
    return {
      path,
      upstream,
      faults,
      open,
      get logIns() {
        return counted.logIns;
      },
    };
  }
}
