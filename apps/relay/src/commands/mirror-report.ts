import { systemClock } from '@stopgap/core';
import type { MirrorReport, ReportLine } from '@stopgap/mirror';
import { print, table } from '../table.ts';
import { minute } from '../times.ts';
import { printHeld } from './mirror-held.ts';
import type { HeldDeletion } from './mirror-status.ts';

/** As `mirror report --json` prints it: fields may be added, none of these may go. Times are ISO 8601 UTC. */
interface Report extends Omit<MirrorReport, 'sinceMs' | 'held'> {
  readonly since: string;
  readonly held: readonly HeldDeletion[];
}

/** @param text what the mirror wrote into `mirror.report` */
export function reportOf(text: string | undefined): Report | undefined {
  if (text === undefined) return undefined;
  const { sinceMs, held, ...report } = JSON.parse(text) as MirrorReport;
  return { since: iso(sinceMs), ...report, held: held.map(({ sinceMs: from, ...one }) => ({ ...one, since: iso(from) })) };
}

export function printReport(report: Report | undefined, address: string): void {
  if (report === undefined) return print(`Nothing to report of ${address} yet.`);
  print(`Since ${minute(report.since)} UTC`);
  print(`Found: ${counts(report.found)}`);
  print(`Carried back: ${counts(report.carriedBack)}`);
  printLines('NOT CARRIED BACK', report.notCarriedBack);
  printLines('DECIDED', report.decided);
  printLines('UNREADABLE', report.unreadable);
  for (const held of report.held) printHeld(address, held, systemClock.nowMs());
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

function counts(numbers: Readonly<Record<string, number>>): string {
  const told = Object.entries(numbers).map(([name, value]) => `${value} ${name}`);
  return told.length === 0 ? 'nothing' : told.join(', ');
}

function printLines(head: string, lines: readonly ReportLine[]): void {
  if (lines.length === 0) return;
  print('');
  print(
    table(
      [head, 'WHY'],
      lines.map(({ what, why }) => [what, why]),
    ),
  );
}
