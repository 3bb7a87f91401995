import { findMirror } from '@stopgap/store';
import { until } from '@stopgap/testkit';
import { openMirror, type Mirror } from './mirror.ts';
import { ALICE, contentHere, mailThere, type Bench } from './test-bench.ts';

/** Generous: how fast the machine is must not matter. */
export const LIMIT_MS = 60_000;

export interface Running extends AsyncDisposable {
  readonly bench: Bench;
  readonly mirror: Mirror;
  /** Lets time go by until it is so. */
  becomes(isSo: () => boolean): Promise<void>;
  isEqual(): boolean;
  state(): string | undefined;
}

/** The mirror at work on a bench, which goes with it. */
export function running(bench: Bench): Running {
  const mirror = openMirror({ ...bench.deps, settings: bench.deps.settings });
  const stop = new AbortController();
  const run = mirror.run(stop.signal);
  return {
    bench,
    mirror,
    becomes: (isSo) =>
      until(async () => {
        if (isSo()) return true;
        await bench.clock.advance(1000);
        return isSo();
      }, LIMIT_MS),
    isEqual: () => JSON.stringify(contentHere(bench.store)) === JSON.stringify(mailThere(bench.there)),
    state: () => bench.store.read((reader) => findMirror(reader, ALICE))?.state,
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await run;
      await bench[Symbol.asyncDispose]();
    },
  };
}
