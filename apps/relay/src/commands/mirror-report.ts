import { print, table } from '../table.ts';
import { minute } from '../times.ts';

/** What the mirror writes into `mirror.report`, as far as it is told here. */
interface Report {
  readonly sinceMs?: number;
  readonly found?: Readonly<Record<string, number>>;
  readonly carriedBack?: Readonly<Record<string, number>>;
  readonly notCarriedBack?: readonly Line[];
  readonly decided?: readonly Line[];
  readonly unreadable?: readonly Line[];
}

interface Line {
  readonly what: string;
  readonly why: string;
}

export function printReport(given: unknown, address: string): void {
  if (given === null) return print(`Nothing to report of ${address} yet.`);
  const report = given as Report;
  if (report.sinceMs !== undefined) print(`Since ${minute(new Date(report.sinceMs).toISOString())} UTC`);
  print(`Found: ${counts(report.found)}`);
  print(`Carried back: ${counts(report.carriedBack)}`);
  printLines('NOT CARRIED BACK', report.notCarriedBack);
  printLines('DECIDED', report.decided);
  printLines('UNREADABLE', report.unreadable);
}

function counts(numbers: Readonly<Record<string, number>> = {}): string {
  const told = Object.entries(numbers).map(([name, value]) => `${value} ${name}`);
  return told.length === 0 ? 'nothing' : told.join(', ');
}

function printLines(head: string, lines: readonly Line[] = []): void {
  if (lines.length === 0) return;
  print('');
  print(
    table(
      [head, 'WHY'],
      lines.map(({ what, why }) => [what, why]),
    ),
  );
}
