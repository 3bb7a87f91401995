import {
  asId,
  type HostPath,
  type Outage,
  type Path,
  type PathHealth,
  type ProbeResult,
  type Provider,
  type Reason,
  type SmarthostPath,
  type UrlPath,
} from '@stopgap/core';
import type { Store } from '@stopgap/store';
import { FakeClock, tempStore } from '@stopgap/testkit';
import { Board, type BoardEvents, type Permit, type PermitResult } from './index.ts';

/* One provider with three ways out, and a board on a real store: for the tests of this package only. */

export const refusedConnection: Reason = { class: 'connect', text: 'refused the connection' };
export const wrongPassword: Reason = { class: 'auth', text: '535 wrong password' };
export const tooFast: Reason = { class: 'throttled', text: '421 too many connections' };
export const ann = asId.account('ann@alice.test');
export const ben = asId.account('ben@alice.test');
export const cleo = asId.account('cleo@alice.test');
export const answered: ProbeResult = { kind: 'answered', elapsedMs: 5 };
export const unreachable: ProbeResult = { kind: 'failed', reason: refusedConnection };
export const ok: PermitResult = { kind: 'ok' };
export const broken: PermitResult = { kind: 'failed', reason: refusedConnection };

export const alice = asId.provider('alice');
export const smtp: HostPath = {
  id: asId.path('alice outgoing smtp smtp.alice.test:587'),
  provider: alice,
  direction: 'outgoing',
  connections: 20,
  kind: 'smtp',
  host: 'smtp.alice.test',
  port: 587,
  security: 'starttls',
};
export const webmail: UrlPath = {
  id: asId.path('alice outgoing roundcube webmail.alice.test'),
  provider: alice,
  direction: 'outgoing',
  connections: 10,
  kind: 'roundcube',
  url: 'https://webmail.alice.test/',
};
export const smarthost: SmarthostPath = {
  id: asId.path('alice outgoing smarthost smtp.other.test:587'),
  provider: alice,
  direction: 'outgoing',
  connections: 5,
  kind: 'smarthost',
  host: 'smtp.other.test',
  port: 587,
  security: 'starttls',
  afterMs: 0,
};
export const provider: Provider = {
  name: alice,
  domains: ['alice.test'],
  login: 'address',
  incoming: [],
  outgoing: [smtp, webmail, smarthost],
  probe: { everyMs: 15_000, timeoutMs: 10_000, downAfter: 2, upAfter: 2 },
};

export interface Bench extends AsyncDisposable {
  readonly clock: FakeClock;
  readonly store: Store;
  readonly board: Board;
  readonly told: string[];
  /** As a restart does it. */
  reopen(providers?: readonly Provider[]): Promise<Board>;
}

export async function bench(): Promise<Bench> {
  const clock = new FakeClock(1_000_000);
  const temp = await tempStore();
  const told: string[] = [];
  const events: BoardEvents = {
    pathMoved: (health: PathHealth, before) => told.push(`${before} -> ${health.state}`),
    outageStarted: (outage: Outage) => told.push(`outage from ${outage.startMs}: ${outage.reason.class}`),
    outageEnded: (outage: Outage) => told.push(`outage until ${outage.endMs}`),
  };
  const open = (providers: readonly Provider[]): Promise<Board> =>
    Board.open({ store: temp.store, clock, random: () => 0.5, providers, events });
  const boards = [await open([provider])];
  const [board] = boards;
  if (!board) throw new Error('no board');
  return {
    clock,
    board,
    told,
    store: temp.store,
    async reopen(providers = [provider]) {
      await boards.at(-1)?.close();
      const next = await open(providers);
      boards.push(next);
      return next;
    },
    async [Symbol.asyncDispose]() {
      for (const one of boards) await one.close();
      await temp.dispose();
    },
  };
}

export function take(board: Board, path: Path = smtp): Permit {
  const permit = board.permit(path.id);
  if (!permit) throw new Error(`no permit on ${path.id}`);
  return permit;
}

export function takeAll(board: Board, path: Path = smtp): Permit[] {
  const permits: Permit[] = [];
  for (let permit = board.permit(path.id); permit; permit = board.permit(path.id)) permits.push(permit);
  return permits;
}

export async function breakDown(clock: FakeClock, board: Board, path: Path = smtp): Promise<void> {
  board.probed(path.id, unreachable);
  await clock.advance(15_000);
  board.probed(path.id, unreachable);
}
