import { systemClock } from '@stopgap/core';
import type { Config } from '@stopgap/config';
import { countQueue, listOutages, loadPathHealth, type QueueCounts, type Reader } from '@stopgap/store';

const OUTAGES_SHOWN_MS = 7 * 24 * 60 * 60 * 1000;

/** As `status --json` prints it: fields may be added, none of these may go. Times are ISO 8601 UTC. */
export interface StatusReport {
  readonly providers: readonly { readonly name: string; readonly paths: readonly StatusPath[] }[];
  readonly outages: readonly StatusOutage[];
  readonly queue: QueueCounts;
}

export interface StatusPath {
  readonly direction: string;
  readonly kind: string;
  readonly place: string;
  readonly state: string;
  readonly since: string | null;
  readonly reason: string | null;
  readonly reasonClass: string | null;
}

export interface StatusOutage {
  readonly provider: string;
  readonly path: string;
  readonly start: string;
  readonly end: string | null;
  readonly reason: string;
  readonly reasonClass: string;
}

/** As the running `serve` last wrote it; a path nobody has looked at yet is `unknown`. Undefined: there is no store yet. */
export function statusReport(config: Config, reader: Reader | undefined): StatusReport {
  const health = new Map(reader ? loadPathHealth(reader).map((one) => [one.path, one]) : []);
  const outages = reader ? listOutages(reader, systemClock.nowMs() - OUTAGES_SHOWN_MS) : [];
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
          reasonClass: known?.reason?.class ?? null,
        };
      }),
    })),
    outages: outages.map((outage) => ({
      provider: providerOf.get(outage.path) ?? '',
      path: outage.path,
      start: new Date(outage.startMs).toISOString(),
      end: outage.endMs === undefined ? null : new Date(outage.endMs).toISOString(),
      reason: outage.reason.text,
      reasonClass: outage.reason.class,
    })),
    queue: reader ? countQueue(reader) : { waiting: 0, unsure: 0, held: 0 },
  };
}
