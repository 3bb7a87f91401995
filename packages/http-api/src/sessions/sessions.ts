/*
 * Log-ins of the web client. Two cookies: a token that says which session it is (`tokens.ts`, 15 minutes), and a refresh token, random, that only
 * `/api/session` sees and that is another one after each renewal. The session is a row: without it neither is worth anything, so a log-out counts at once.
 * A refresh token that was replaced before the last one was stolen, or is: then the session ends for both who have it.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { AccountId, Clock } from '@stopgap/core';
import {
  deleteAgedHttpSessions,
  deleteHttpSession,
  deleteHttpSessions,
  findHttpSession,
  findVerifier,
  insertHttpSession,
  listHttpSessions,
  renewHttpSession,
  trimHttpSessions,
  type HttpSessionRow,
  type Reader,
  type Store,
} from '@stopgap/store';
import type { Tokens } from './tokens.ts';

/** Not renewed for so long: over. */
export const IDLE_MS = 14 * 24 * 60 * 60_000;
/** Over in any case. */
const LONGEST_MS = 90 * 24 * 60 * 60_000;
/** Of one account; the oldest goes. */
const MOST_SESSIONS = 50;
/** The token before is good for so long after a renewal: an answer may be lost, two windows renew at once. */
const OVERLAP_MS = 60_000;
const AGENT_CHARACTERS = 200;

export interface OpenedSession {
  readonly id: string;
  readonly account: AccountId;
  readonly token: string;
  /** Undefined: another window has renewed it this moment; the one it got is good. */
  readonly refresh?: string;
}

/** What a person is told of a log-in. */
export interface SessionFacts {
  readonly id: string;
  /** Names it to its own account; opens nothing. */
  readonly handle: string;
  /** What the browser calls itself; hostile text. */
  readonly agent: string;
  readonly createdAtMs: number;
  readonly renewedAtMs: number;
}

export interface Sessions {
  open(account: AccountId, agent: string): Promise<OpenedSession>;
  /** Whose session it is that this token names; undefined: there is none (any more). */
  read(token: string): Promise<{ readonly id: string; readonly account: AccountId } | undefined>;
  isAlive(id: string): boolean;
  renew(refresh: string): Promise<OpenedSession | undefined>;
  /** Of an account, the one used last first. */
  list(account: AccountId): readonly SessionFacts[];
  /** False: the account has no such session. @param handle of `SessionFacts` */
  endByHandle(account: AccountId, handle: string): Promise<boolean>;
  end(id: string): Promise<void>;
  /** Of an account: all of them. Returns how many there were. */
  endAll(account: AccountId): Promise<number>;
  /** Which session a refresh token belongs to. */
  idOfRefresh(refresh: string): string | undefined;
}

export function createSessions({
  store,
  clock,
  tokens,
}: {
  readonly store: Store;
  readonly clock: Clock;
  readonly tokens: Tokens;
}): Sessions {
  const alive = (reader: Reader, id: string): HttpSessionRow | undefined => {
    const row = findHttpSession(reader, id);
    if (row === undefined) return undefined;
    const nowMs = clock.nowMs();
    const isOver = row.renewedAtMs < nowMs - IDLE_MS || row.createdAtMs < nowMs - LONGEST_MS;
    return isOver || verifierMark(reader, row.account) !== row.verifierMark ? undefined : row;
  };
  return {
    async open(account, agent) {
      const id = randomBytes(16).toString('base64url');
      const refresh = newRefresh(id);
      const nowMs = clock.nowMs();
      await store.write((tx) => {
        deleteAgedHttpSessions(tx, { renewedMs: nowMs - IDLE_MS, createdMs: nowMs - LONGEST_MS });
        insertHttpSession(tx, {
          id,
          account,
          verifierMark: verifierMark(tx, account),
          refreshHash: hashOf(refresh),
          agent: agent.slice(0, AGENT_CHARACTERS),
          createdAtMs: nowMs,
          renewedAtMs: nowMs,
        });
        trimHttpSessions(tx, account, MOST_SESSIONS);
      });
      return { id, account, token: await tokens.issue(id), refresh };
    },
    async read(token) {
      const id = await tokens.read(token);
      const row = id === undefined ? undefined : store.read((reader) => alive(reader, id));
      return row && { id: row.id, account: row.account };
    },
    isAlive: (id) => store.read((reader) => alive(reader, id)) !== undefined,
    async renew(refresh) {
      const id = idOf(refresh);
      if (id === undefined || store.read((reader) => alive(reader, id)) === undefined) return undefined;
      const next = newRefresh(id);
      const renewed = await store.write((tx): { account: AccountId; refresh?: string } | undefined => {
        const row = alive(tx, id);
        if (row === undefined) return undefined;
        const nowMs = clock.nowMs();
        if (row.refreshHash === hashOf(refresh)) {
          renewHttpSession(tx, id, { refreshHash: hashOf(next), nowMs });
          return { account: row.account, refresh: next };
        }
        if (row.refreshBefore === hashOf(refresh) && row.renewedAtMs > nowMs - OVERLAP_MS) return { account: row.account };
        deleteHttpSession(tx, id);
        return undefined;
      });
      return renewed && { id, ...renewed, token: await tokens.issue(id) };
    },
    list: (account) =>
      store.read((reader) => listHttpSessions(reader, account).filter(({ id }) => alive(reader, id) !== undefined)).map(factsOf),
    endByHandle: (account, handle) =>
      store.write((tx) => {
        const found = listHttpSessions(tx, account).find(({ id }) => handleOf(id) === handle);
        return found !== undefined && deleteHttpSession(tx, found.id);
      }),
    async end(id) {
      await store.write((tx) => deleteHttpSession(tx, id));
    },
    endAll: (account) => store.write((tx) => deleteHttpSessions(tx, account)),
    idOfRefresh(refresh) {
      const id = idOf(refresh);
      const row = id === undefined ? undefined : store.read((reader) => findHttpSession(reader, id));
      return row !== undefined && (row.refreshHash === hashOf(refresh) || row.refreshBefore === hashOf(refresh)) ? id : undefined;
    },
  };
}

function factsOf({ id, agent, createdAtMs, renewedAtMs }: HttpSessionRow): SessionFacts {
  return { id, handle: handleOf(id), agent, createdAtMs, renewedAtMs };
}

function handleOf(id: string): string {
  return hashOf(`handle ${id}`).slice(0, 16);
}

/** The session's id in front, so that it is found without an index of hashes. */
function newRefresh(id: string): string {
  return `${id}.${randomBytes(32).toString('base64url')}`;
}

function idOf(refresh: string): string | undefined {
  return /^([\w-]{22})\.[\w-]{43}$/.exec(refresh)?.[1];
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

/** Another one when the account's password is. */
function verifierMark(reader: Reader, account: AccountId): string {
  return hashOf(findVerifier(reader, account) ?? '').slice(0, 16);
}
