import { randomBytes } from 'node:crypto';
import type { FakeMessage } from './mailboxes.ts';

export interface FakeSession {
  readonly id: string;
  readonly token: string;
  readonly address: string | undefined;
  auth: string;
  authMadeAtMs: number;
  usedAtMs: number;
  /** What was found, by the id that further pages are asked for with. */
  readonly searches: Map<string, readonly FakeMessage[]>;
  /** Open editors by their id. */
  readonly editors: Map<string, FakeEditor>;
}

export interface FakeEditor {
  readonly messageId: string | undefined;
  readonly inReplyTo: string | undefined;
  readonly references: string | undefined;
  isThreaded: boolean;
  readonly files: Map<string, { readonly name: string; readonly type: string; readonly content: Buffer }>;
}

export interface CookieNames {
  readonly session: string;
  readonly auth: string;
}

/** Sessions with sliding expiry; the second cookie is issued anew every half lifetime, and a wrong one ends the session (session.php). */
export class FakeSessions {
  readonly #sessions = new Map<string, FakeSession>();
  readonly #lifetimeMs: number;
  readonly #nowMs: () => number;

  constructor(lifetimeMs: number, nowMs: () => number) {
    this.#lifetimeMs = lifetimeMs;
    this.#nowMs = nowMs;
  }

  begin(address: string | undefined): FakeSession {
    const nowMs = this.#nowMs();
    const session = {
      id: random(),
      token: random(),
      auth: random(),
      address,
      authMadeAtMs: nowMs,
      usedAtMs: nowMs,
      searches: new Map(),
      editors: new Map(),
    };
    this.#sessions.set(session.id, session);
    return session;
  }

  /** The session of these cookies if it is logged in and not over. */
  find(cookies: ReadonlyMap<string, string>, names: CookieNames): FakeSession | undefined {
    const session = this.#sessions.get(cookies.get(names.session) ?? '');
    if (session?.address === undefined) return undefined;
    const isOver = this.#nowMs() - session.usedAtMs > this.#lifetimeMs;
    if (isOver || cookies.get(names.auth) !== session.auth) {
      this.#sessions.delete(session.id);
      return undefined;
    }
    session.usedAtMs = this.#nowMs();
    return session;
  }

  /** The page before the log-in has a session as well, for its token. */
  guest(cookies: ReadonlyMap<string, string>, names: CookieNames): FakeSession | undefined {
    const session = this.#sessions.get(cookies.get(names.session) ?? '');
    return session?.address === undefined ? session : undefined;
  }

  /** The new value of the second cookie when its time has come. */
  renewed(session: FakeSession): string | undefined {
    if (this.#nowMs() - session.authMadeAtMs < this.#lifetimeMs / 2) return undefined;
    session.auth = random();
    session.authMadeAtMs = this.#nowMs();
    return session.auth;
  }

  end(session: FakeSession): void {
    this.#sessions.delete(session.id);
  }

  endAll(): void {
    this.#sessions.clear();
  }

  get count(): number {
    return [...this.#sessions.values()].filter((session) => session.address !== undefined).length;
  }
}

function random(): string {
  return randomBytes(16).toString('hex');
}
