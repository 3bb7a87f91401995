import { readdirSync, readFileSync } from 'node:fs';

/**
 * What /proc says. `kill -0` is no proof of life here: orphans stay zombies until PID 1 finds time to reap them, and a
 * daemon's helpers outlive their leader, so groups are looked up member by member.
 */
export interface ProcessFacts {
  readonly state: string;
  readonly group: number;
  /** Clock ticks since boot; with the pid it names a process for good, the pid alone may have been given away again. */
  readonly startedAt: number;
}

export function readProcess(pid: number): ProcessFacts | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The command name stands in parentheses and may hold blanks: the fields count from the last one.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '?', group: Number(fields[2]), startedAt: Number(fields[19]) };
  } catch {
    return undefined;
  }
}

/** Pids of the live (not zombie) members of a process group. */
export function groupMembers(group: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      const facts = readProcess(pid);
      return facts !== undefined && facts.group === group && facts.state !== 'Z' && facts.state !== 'X';
    });
}

/** A group that is already gone is no error. */
export function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
