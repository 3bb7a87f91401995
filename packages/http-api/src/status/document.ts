import type { StatusView } from './view.ts';

/** `/status.json`: fields may be added, none of these may go. Times are ISO 8601 UTC; a reason is its class. */
export interface StatusDocument {
  readonly now: string;
  readonly providers: readonly {
    readonly name: string;
    readonly paths: readonly {
      readonly direction: string;
      readonly kind: string;
      readonly state: string;
      /** Null: nobody has asked it yet. */
      readonly since: string | null;
      readonly reason: string | null;
      /** Of what was before nothing is known; null: nothing is yet. */
      readonly watchedSince: string | null;
    }[];
  }[];
  /** Of seven days, newest first. */
  readonly outages: readonly {
    readonly provider: string;
    readonly direction: string;
    readonly kind: string;
    readonly start: string;
    /** Null: it goes on. */
    readonly end: string | null;
    readonly reason: string;
  }[];
}

export function statusDocument({ nowMs, providers, outages }: StatusView): StatusDocument {
  return {
    now: isoTime(nowMs),
    providers: providers.map(({ name, paths }) => ({
      name,
      paths: paths.map(({ direction, kind, state, sinceMs, reason, watchedSinceMs }) => ({
        direction,
        kind,
        state,
        since: state === 'unknown' ? null : isoTime(sinceMs),
        reason: reason ?? null,
        watchedSince: watchedSinceMs === undefined ? null : isoTime(watchedSinceMs),
      })),
    })),
    outages: outages.map(({ provider, direction, kind, startMs, endMs, reason }) => ({
      provider,
      direction,
      kind,
      start: isoTime(startMs),
      end: endMs === undefined ? null : isoTime(endMs),
      reason: reason.class,
    })),
  };
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
