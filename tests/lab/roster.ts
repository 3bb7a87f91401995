import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readProcess, signalGroup } from './processes.ts';

/**
 * `roster.json` in a lab's directory: who owns the lab and which process groups belong to it. It is how the next lab
 * finds and ends what a killed test run has left behind; a pid counts only together with its start time.
 */
const FILE = 'roster.json';

interface Entry {
  readonly pid: number;
  readonly startedAt: number;
}

interface Sheet {
  readonly owner: Entry;
  readonly groups: readonly Entry[];
}

export class Roster {
  readonly #dir: string;
  readonly #groups = new Map<number, Entry>();
  readonly #onExit = (): void => this.killAll();

  constructor(dir: string) {
    this.#dir = dir;
    this.#write();
    process.once('exit', this.#onExit);
  }

  add(pid: number): void {
    this.#groups.set(pid, entryOf(pid));
    this.#write();
  }

  remove(pid: number): void {
    this.#groups.delete(pid);
    this.#write();
  }

  get groups(): readonly number[] {
    return [...this.#groups.keys()];
  }

  killAll(): void {
    for (const entry of this.#groups.values()) killEntry(entry);
  }

  close(): void {
    process.removeListener('exit', this.#onExit);
  }

  #write(): void {
    const sheet: Sheet = { owner: entryOf(process.pid), groups: [...this.#groups.values()] };
    const path = join(this.#dir, FILE);
    writeFileSync(`${path}.new`, JSON.stringify(sheet));
    renameSync(`${path}.new`, path);
  }
}

/** True when the lab in `dir` had an owner that is dead; its processes are dead, too, when this returns. */
export function endAbandoned(dir: string): boolean {
  const sheet = readSheet(dir);
  if (!sheet || isSame(sheet.owner)) return false;
  for (const entry of sheet.groups) killEntry(entry);
  return true;
}

function readSheet(dir: string): Sheet | undefined {
  try {
    return JSON.parse(readFileSync(join(dir, FILE), 'utf8')) as Sheet;
  } catch {
    return undefined;
  }
}

function killEntry(entry: Entry): void {
  if (isSame(entry)) signalGroup(entry.pid, 'SIGKILL');
}

function isSame(entry: Entry): boolean {
  return readProcess(entry.pid)?.startedAt === entry.startedAt;
}

function entryOf(pid: number): Entry {
  return { pid, startedAt: readProcess(pid)?.startedAt ?? 0 };
}
