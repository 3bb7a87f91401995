import { systemClock } from '@stopgap/core';
import { countQueue, listOutages, loadPathHealth, type Store } from '@stopgap/store';
import type { Config } from '@stopgap/config';
import type { Command } from 'commander';
import { withStore } from '../session.ts';
import { print, printJson, table } from '../table.ts';

const OUTAGES_SHOWN_MS = 7 * 24 * 60 * 60 * 1000;

export interface StatusReport {
  readonly providers: readonly { readonly name: string; readonly paths: readonly StatusPath[] }[];
  readonly outages: readonly {
    readonly provider: string;
    readonly path: string;
    readonly start: string;
    readonly end: string | null;
    readonly reason: string;
  }[];
  readonly queue: { readonly waiting: number; readonly unsure: number; readonly held: number };
}

export interface StatusPath {
  readonly direction: string;
  readonly kind: string;
  readonly place: string;
  readonly state: string;
  readonly since: string | null;
  readonly reason: string | null;
}

export function addStatusCommand(program: Command): void {
  program
    .command('status')
    .description('every provider, path and state; outages; backlog')
    .option('--json', 'print JSON')
    .action((options: { json?: boolean }, command: Command) =>
      withStore(command, async ({ config, store }) => {
        const report = statusReport(config, store);
        if (options.json) printJson(report);
        else printReport(report);
      }),
    );
}

/** As the running `serve` last wrote it; a path nobody has looked at yet is `unknown`. */
export function statusReport(config: Config, store: Store): StatusReport {
  const { health, outages, queue } = store.read((reader) => ({
    health: new Map(loadPathHealth(reader).map((one) => [one.path, one])),
    outages: listOutages(reader, systemClock.nowMs() - OUTAGES_SHOWN_MS),
    queue: countQueue(reader),
  }));
  const providerOf = new Map(
    config.providers.flatMap((provider) => [...provider.incoming, ...provider.outgoing].map((path) => [path.id, provider.name] as const)),
  );
  return {
    providers: config.providers.map((provider) => ({
      name: provider.name,
      paths: [...provider.incoming, ...provider.outgoing].map((path) => {
        const known = health.get(path.id);
        return {
          direction: path.direction,
          kind: path.kind,
          place: 'url' in path ? path.url : `${path.host}:${path.port}`,
          state: known?.state ?? 'unknown',
          since: known ? new Date(known.sinceMs).toISOString() : null,
          reason: known?.reason?.text ?? null,
        };
      }),
    })),
    outages: outages.map((outage) => ({
      provider: providerOf.get(outage.path) ?? '',
      path: outage.path,
      start: new Date(outage.startMs).toISOString(),
      end: outage.endMs === undefined ? null : new Date(outage.endMs).toISOString(),
      reason: outage.reason.text,
    })),
    queue,
  };
}

function printReport(report: StatusReport): void {
  if (report.providers.length === 0) print('No provider is configured: see "stopgap config".');
  const rows = report.providers.flatMap((provider) =>
    provider.paths.map((path) => [provider.name, path.direction, path.kind, path.place, path.state, path.since ?? '-', path.reason ?? '']),
  );
  if (rows.length > 0) print(table(['PROVIDER', 'DIRECTION', 'KIND', 'PLACE', 'STATE', 'SINCE', 'REASON'], rows));
  if (report.outages.length > 0) {
    print('\nOutages of the last 7 days');
    print(
      table(
        ['START', 'END', 'PATH', 'REASON'],
        report.outages.map((one) => [one.start, one.end ?? 'going on', one.path, one.reason]),
      ),
    );
  }
  const { waiting, unsure, held } = report.queue;
  print(`\nQueue: ${waiting} waiting, ${unsure} unsure, ${held} held (recipients)`);
}
