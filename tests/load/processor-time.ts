import { readFileSync } from 'node:fs';
import { groupMembers } from '../lab/processes.ts';

/** Of one count in /proc/PID/stat; Linux tells 100 a second everywhere. */
const TICK_MS = 10;

/** What process groups have used of the processor, with those of their members that have ended and were waited for. Milliseconds. */
export function processorMs(groups: readonly number[]): number {
  return groups.flatMap(groupMembers).reduce((sum, pid) => sum + ticksOf(pid), 0) * TICK_MS;
}

function ticksOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name stands in parentheses and may hold blanks. Behind it: state, ..., utime, stime, cutime, cstime as fields 11 to 14.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  } catch {
    // It has just ended; whoever waited for it has its time.
    return 0;
  }
}
