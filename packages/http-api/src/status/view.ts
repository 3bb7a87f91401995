import type { Direction, Outage, PathKind, PathState, ReasonClass } from '@stopgap/core';
import type { HttpApiDeps } from '../deps.ts';

/** What the strip of a path reaches back. */
export const STRIP_MS = 7 * 24 * 60 * 60_000;

/** For anybody: no host, no address, no provider's own words (they may name a person), no count that tells of people. */
export interface StatusView {
  readonly nowMs: number;
  readonly providers: readonly { readonly name: string; readonly paths: readonly PathView[] }[];
  /** Newest first. */
  readonly outages: readonly OutageView[];
}

export interface PathView {
  readonly direction: Direction;
  readonly kind: PathKind;
  readonly state: PathState;
  readonly sinceMs: number;
  readonly reason?: ReasonClass;
  /** Undefined: nothing is known yet. */
  readonly watchedSinceMs?: number;
  readonly outages: readonly Outage[];
}

export interface OutageView extends Outage {
  readonly provider: string;
  readonly direction: Direction;
  readonly kind: PathKind;
}

export function statusView({ board, providers, clock }: Pick<HttpApiDeps, 'board' | 'providers' | 'clock'>): StatusView {
  const nowMs = clock.nowMs();
  const outages = board.outages(nowMs - STRIP_MS);
  const all = providers.flatMap((provider) => [...provider.incoming, ...provider.outgoing]);
  const pathOf = new Map(all.map((path) => [path.id, path]));
  return {
    nowMs,
    providers: providers.map(({ name, incoming, outgoing }) => ({
      name,
      paths: [...incoming, ...outgoing].map(({ id, direction, kind }) => {
        const { state, sinceMs, reason, watchedSinceMs } = board.health(id);
        return {
          direction,
          kind,
          state,
          sinceMs,
          ...(reason === undefined ? {} : { reason: reason.class }),
          ...(watchedSinceMs === undefined ? {} : { watchedSinceMs }),
          outages: outages.filter(({ path }) => path === id),
        };
      }),
    })),
    outages: outages
      .flatMap((outage) => {
        const path = pathOf.get(outage.path);
        return path === undefined ? [] : [{ ...outage, provider: path.provider, direction: path.direction, kind: path.kind }];
      })
      .toSorted((one, other) => other.startMs - one.startMs),
  };
}
