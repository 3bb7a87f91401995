import { MailError, type AccountId } from '@stopgap/core';
import { findAccount } from '@stopgap/store';
import { boundedSession } from './bounded-session.ts';
import type { Deps } from './deps.ts';
import { previewRound, type ReconcilePreview } from './reconcile.ts';
import { choosePath } from './schedule.ts';
import { MIRROR_SETTINGS, pacedBy, type MirrorSettings } from './settings.ts';
import { outlooks } from './turn.ts';
import { Worker } from './worker.ts';

export interface Mirror {
  /** Keeps all accounts equal with their providers until `signal` aborts; resolves when nothing is under way any more. Call it once. */
  run(signal: AbortSignal): Promise<void>;
  /** Something was done in this account, or somebody asks: look soon. Cheap; call it as often as you like. */
  notify(account: AccountId): void;
  /**
   * A dry run: what a round by the best path would do now. Logs in for itself and writes nothing.
   * @throws MailError as sessions do; `path-down` when no path may be used now, `account-missing`
   */
  preview(account: AccountId, signal: AbortSignal): Promise<ReconcilePreview>;
}

/** Opens the mirror. Only the one that holds the lock of the data directory may. Intents that were begun before are looked into once `settleMs` has passed. */
export function openMirror(options: Omit<Deps, 'settings'> & { readonly settings?: Partial<MirrorSettings> }): Mirror {
  const { settings = {} } = options;
  const pace = pacedBy(settings.pollEveryMs ?? MIRROR_SETTINGS.pollEveryMs);
  const deps: Deps = { ...options, settings: { ...MIRROR_SETTINGS, ...pace, ...settings } };
  const worker = new Worker(deps);
  return {
    run: (signal) => worker.run(signal),
    notify: (account) => worker.notify(account),
    preview: (account, signal) => previewNow(account, deps, signal),
  };
}

async function previewNow(account: AccountId, deps: Deps, signal: AbortSignal): Promise<ReconcilePreview> {
  const row = deps.store.read((reader) => findAccount(reader, account));
  const provider = deps.providers.find((one) => one.name === row?.provider);
  if (!provider) throw new MailError('permanent', 'There is no such account.', { code: 'account-missing' });
  const choice = choosePath(outlooks({ provider }, deps), deps.clock.nowMs());
  const permit = choice.kind === 'go' ? deps.board.permit(choice.path.id) : undefined;
  if (choice.kind !== 'go' || !permit) throw new MailError('transient', 'No path may be used now.', { code: 'path-down' });
  const { path } = choice;
  try {
    const opened = await deps.upstreams[path.kind]?.open?.(path, deps.credentialFor(account), signal);
    if (!opened) throw new MailError('bug', `Nobody reads by ${path.kind}.`, { code: 'no-upstream' });
    const session = boundedSession(opened, { clock: deps.clock, limitMs: deps.settings.callLimitMs });
    try {
      return await previewRound({ account, path, session, deps }, signal);
    } finally {
      await session.close();
    }
  } finally {
    permit.done({ kind: 'neutral' });
  }
}
