import { systemClock } from '@stopgap/core';
import type { Command } from 'commander';
import { configOf, hasStore, readStore } from '../session.ts';
import { print, printJson, table } from '../table.ts';
import { minute, since, span } from '../times.ts';
import { isServing } from './serving.ts';
import { statusReport, type StatusOutage, type StatusReport } from './status-report.ts';

export function addStatusCommand(program: Command): void {
  program
    .command('status')
    .description('every provider, path and state; outages; backlog')
    .option('--json', 'print JSON')
    .action(async (options: { json?: boolean }, command: Command) => {
      const { listen, dataDir } = configOf(command);
      const serving = await isServing(listen.http);
      const report = await readStore(
        command,
        (reader, config) => statusReport(config, reader),
        (config) => statusReport(config, undefined),
      );
      if (options.json) return printJson({ serving, ...report });
      if (serving === false && hasStore(dataDir))
        print('No relay answers here: this is how the last one left things. "stopgap serve" starts it.\n');
      printReport(report);
    });
}

function printReport(report: StatusReport): void {
  const nowMs = systemClock.nowMs();
  if (report.providers.length === 0) print('No provider is configured: "stopgap config" prints the manual of stopgap.yaml.');
  const rows = report.providers.flatMap((provider) =>
    provider.paths.map((path) => [
      provider.name,
      path.direction,
      path.kind,
      path.place,
      path.state,
      since(path.since, nowMs),
      path.reason ?? '',
    ]),
  );
  if (rows.length > 0) print(table(['PROVIDER', 'DIRECTION', 'KIND', 'PLACE', 'STATE', 'SINCE (UTC)', 'REASON'], rows));
  if (report.outages.length > 0) printOutages(report.outages, nowMs);
  const { waiting, unsure, held } = report.queue;
  print(`\nQueue: ${waiting} waiting, ${unsure} unsure, ${held} held (recipients).`);
  if (unsure > 0) print('An attempt ended without an answer: "stopgap queue list --state unsure" shows for whom.');
}

function printOutages(outages: readonly StatusOutage[], nowMs: number): void {
  const rows = outages.map((one) => [
    minute(one.start),
    one.end === null ? 'going on' : minute(one.end),
    span((one.end === null ? nowMs : Date.parse(one.end)) - Date.parse(one.start)),
    one.path,
    one.reason,
  ]);
  print('\nOutages of the last 7 days');
  print(table(['START (UTC)', 'END', 'LASTED', 'PATH', 'REASON'], rows));
}
