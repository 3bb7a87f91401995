import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { endAbandoned, Roster } from './roster.ts';

/**
 * A lab's private directory. Daemons that have dropped root must be able to walk through it (no 0700 on the way), and its
 * name must be short: a unix socket's path ends at 107 bytes and Postfix and Dovecot put theirs three levels deep.
 */
const PREFIX = 'sglab-';
const LONGEST_ROOT = 60;
const KEEP = 'STOPGAP_KEEP_LAB';

export interface Home {
  readonly dir: string;
  readonly logs: string;
  readonly roster: Roster;
  /** A new directory below `dir`. */
  folder(name: string): string;
  /** Ends whatever still runs and deletes everything (kept when STOPGAP_KEEP_LAB=1). */
  leave(): void;
}

export function makeHome(): Home {
  const parent = placeForLabs();
  sweep(parent);
  const dir = mkdtempSync(join(parent, PREFIX));
  chmodSync(dir, 0o755);
  const roster = new Roster(dir);
  const logs = join(dir, 'log');
  mkdirSync(logs);
  chmodSync(logs, 0o1777);
  return {
    dir,
    logs,
    roster,
    folder(name) {
      const path = join(dir, name);
      mkdirSync(path, { recursive: true, mode: 0o755 });
      return path;
    },
    leave() {
      roster.killAll();
      roster.close();
      if (process.env[KEEP] !== '1') removeTree(dir);
    },
  };
}

function placeForLabs(): string {
  const place = tmpdir();
  return place.length <= LONGEST_ROOT && isTraversable(place) ? place : '/tmp';
}

function isTraversable(path: string): boolean {
  const parent = dirname(path);
  return (statSync(path).mode & 0o001) !== 0 && (parent === path || isTraversable(parent));
}

function sweep(parent: string): void {
  for (const name of readdirSync(parent)) {
    const dir = join(parent, name);
    if (name.startsWith(PREFIX) && endAbandoned(dir) && process.env[KEEP] !== '1') removeTree(dir);
  }
}

/** A daemon killed a moment ago may still be writing its last file while we delete. */
function removeTree(dir: string): void {
  rmSync(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
}
