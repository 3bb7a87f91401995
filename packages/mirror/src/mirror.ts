import type { AccountId, MessageId } from '@stopgap/core';
import { Bodies } from './bodies.ts';
import type { Deps } from './deps.ts';
import { MIRROR_SETTINGS, pacedBy, type MirrorSettings } from './settings.ts';
import { Worker } from './worker.ts';

export interface Mirror {
  /** Keeps all accounts equal with their providers until `signal` aborts; resolves when nothing is under way any more. Call it once. */
  run(signal: AbortSignal): Promise<void>;
  /** Something was done in this account, or somebody asks: look soon. Cheap; call it as often as you like. */
  notify(account: AccountId): void;
  /**
   * Brings a body here of which only the headers are, by the best path that lives. True: it is here now. False: none gives it, and for a while none is asked
   * again for this account. Works without `run`; never rejects.
   */
  fetchBody(account: AccountId, message: MessageId, signal: AbortSignal): Promise<boolean>;
  /** Ends the sessions of `fetchBody`. */
  close(): Promise<void>;
}

/** Opens the mirror. Only the one that holds the lock of the data directory may. Intents that were begun before are looked into once `settleMs` has passed. */
export function openMirror(options: Omit<Deps, 'settings'> & { readonly settings?: Partial<MirrorSettings> }): Mirror {
  const { settings = {} } = options;
  const pace = pacedBy(settings.pollEveryMs ?? MIRROR_SETTINGS.pollEveryMs);
  const deps: Deps = { ...options, settings: { ...MIRROR_SETTINGS, ...pace, ...settings } };
  const worker = new Worker(deps);
  const bodies = new Bodies(deps);
  return {
    run: (signal) => worker.run(signal),
    notify: (account) => worker.notify(account),
    fetchBody: (account, message, signal) => bodies.fetch(account, message, signal),
    close: () => bodies.close(),
  };
}
