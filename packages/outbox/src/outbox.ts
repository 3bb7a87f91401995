import { capWaits } from '@stopgap/store';
import type { Deps } from './deps.ts';
import { createPut, type Put } from './put.ts';
import { releaseLeases } from './sweep.ts';
import { Worker } from './worker.ts';

export interface Outbox {
  readonly put: Put;
  /** Delivers until `signal` aborts; resolves when nothing is under way any more. Call it once. */
  run(signal: AbortSignal): Promise<void>;
  /** Something was changed by hand: look now. */
  notify(): void;
}

/** Opens the queue. Only the one that holds the lock of the data directory may: leases found now belong to nobody alive and are given back. */
export async function openOutbox(options: Deps): Promise<Outbox> {
  const { store, clock, log, dataDir } = options;
  // A path that nobody here can send by (yet) is for the mirror alone.
  const providers = options.providers.map((provider) => ({
    ...provider,
    outgoing: provider.outgoing.filter((path) => options.routes.has(path.id)),
  }));
  const deps: Deps = { ...options, providers };
  const released = await releaseLeases({ store, nowMs: clock.nowMs(), settleMs: deps.unsure.settleMs }, Infinity, () => false);
  if (released > 0) log.warn('attempts were under way when the relay last stopped', { recipients: released });
  // A clock that was set back while nobody watched it.
  await store.write((tx) => capWaits(tx, clock.nowMs() + deps.retry.backoff.longestMs));
  const worker = new Worker(deps);
  return {
    put: createPut({ store, dataDir, clock, onPut: worker.notify }),
    run: (signal) => worker.run(signal),
    notify: worker.notify,
  };
}
