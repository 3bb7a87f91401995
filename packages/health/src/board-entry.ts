import type { Outage, Path, PathHealth, PathId, Provider, Reason } from '@stopgap/core';
import type { StoredPathHealth } from '@stopgap/store';
import { LoginLedger } from './auth-lie.ts';
import { FRESH_BREAKER, type Breaker } from './breaker.ts';
import { breakerOfText } from './breaker-text.ts';
import { freshWindow, type Use, type Window } from './budget.ts';
import { shownState } from './path-state.ts';

/** Ended outages kept in memory for each path; older ones are in the store only. */
const OUTAGES_KEPT = 500;

/** What all paths of one provider share. A smarthost is somebody else's: it has a group of its own. */
export interface Group {
  readonly ledger: LoginLedger;
  readonly entries: Entry[];
  /** At most so many attempts at once, all paths and accounts together: as many as its widest path takes. */
  limit: number;
  inUse: number;
}

/** All that is known of one path. */
export interface Entry {
  readonly path: Path;
  readonly settings: Provider['probe'];
  readonly group: Group;
  breaker: Breaker;
  window: Window;
  inUse: number;
  /** Permits given out so far; the last one's number. */
  issued: number;
  /** How often the breaker has opened: what left before says nothing about the path of today. */
  openings: number;
  canary: number | undefined;
  health: PathHealth;
  slowedDownBy: Reason | undefined;
  lastProbeMs: number | undefined;
  /** In order of start; only the last may be open. */
  outages: readonly Outage[];
}

export interface Loaded {
  readonly rows: readonly StoredPathHealth[];
  /** Newest first, as the store lists them. */
  readonly outages: readonly Outage[];
}

export function entriesOf(providers: readonly Provider[], loaded: Loaded, nowMs: number): Map<PathId, Entry> {
  const rows = new Map(loaded.rows.map((row) => [row.path, row]));
  const entries = new Map<PathId, Entry>();
  for (const provider of providers) {
    const own = newGroup();
    for (const path of [...provider.incoming, ...provider.outgoing]) {
      const group = path.kind === 'smarthost' ? newGroup() : own;
      const outages = loaded.outages.filter((outage) => outage.path === path.id).toReversed();
      const entry = entryOf({ path, settings: provider.probe, group, row: rows.get(path.id), outages, nowMs });
      group.entries.push(entry);
      group.limit = Math.max(group.limit, path.connections);
      entries.set(path.id, entry);
    }
  }
  return entries;
}

export function useOf(entry: Entry): Use {
  return { inUse: entry.inUse, providerInUse: entry.group.inUse, providerLimit: entry.group.limit };
}

export function openOutageOf(entry: Entry): Outage | undefined {
  const last = entry.outages.at(-1);
  return last && last.endMs === undefined ? last : undefined;
}

export function beginOutageOf(entry: Entry, startMs: number, reason: Reason): Outage {
  const outage: Outage = { path: entry.path.id, startMs, reason };
  entry.outages = [...entry.outages.slice(-OUTAGES_KEPT), outage];
  return outage;
}

/** Undefined: none was open. Never ends before it began, whatever the clock did. */
export function endOutageOf(entry: Entry, nowMs: number): (Outage & { readonly endMs: number }) | undefined {
  const open = openOutageOf(entry);
  if (!open) return undefined;
  const ended = { ...open, endMs: Math.max(open.startMs, nowMs) };
  entry.outages = [...entry.outages.slice(0, -1), ended];
  return ended;
}

interface EntryParts {
  readonly path: Path;
  readonly settings: Provider['probe'];
  readonly group: Group;
  readonly row: StoredPathHealth | undefined;
  readonly outages: readonly Outage[];
  readonly nowMs: number;
}

function entryOf({ path, settings, group, row, outages, nowMs }: EntryParts): Entry {
  const breaker = row ? breakerOfText(row.breaker, nowMs) : FRESH_BREAKER;
  const before = row && { state: row.state, sinceMs: Math.min(row.sinceMs, nowMs) };
  return {
    path,
    settings,
    group,
    breaker,
    window: freshWindow(path.connections),
    inUse: 0,
    issued: 0,
    openings: 0,
    canary: undefined,
    health: {
      path: path.id,
      ...shownState({ breaker, refusesSome: false, nowMs }, before),
      ...(row?.watchedSinceMs === undefined ? {} : { watchedSinceMs: row.watchedSinceMs }),
    },
    slowedDownBy: undefined,
    lastProbeMs: undefined,
    outages,
  };
}

function newGroup(): Group {
  return { ledger: new LoginLedger(), entries: [], limit: 0, inUse: 0 };
}
