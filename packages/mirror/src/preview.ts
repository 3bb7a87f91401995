/*
 * A dry run for somebody who asks, beside the mirror that runs or without one: it has a log-in of its own, and takes nobody's permit. The board is not
 * asked but looked at: its last word may be days old, so what it knew as down is only tried last.
 */
import { MailError, type AccountId, type IncomingSession, type Path, type PathId, type Reason } from '@stopgap/core';
import { findAccount, loadPathHealth } from '@stopgap/store';
import { boundedSession } from './bounded-session.ts';
import { reasonOf } from './carry-failure.ts';
import type { Deps } from './deps.ts';
import { previewRound, type ReconcilePreview } from './reconcile.ts';
import { MIRROR_SETTINGS } from './settings.ts';

/** Somebody waits for it, and there may be another path. */
const LOG_IN_LIMIT_MS = 30_000;

export type PreviewDeps = Pick<Deps, 'store' | 'upstreams' | 'providers' | 'credentialFor' | 'clock'>;

export interface AccountPreview extends ReconcilePreview {
  /** Better paths that do not answer now, and why. */
  readonly passedOver: readonly PassedOver[];
}

export interface PassedOver {
  readonly path: PathId;
  readonly reason: Reason;
}

/**
 * What a round would do now, by the first incoming path that answers. Writes nothing on either side.
 * @throws MailError `account-missing`; `path-down` when none answers, with the reason of each in its text
 */
export async function previewAccount(account: AccountId, deps: PreviewDeps, signal: AbortSignal): Promise<AccountPreview> {
  const row = deps.store.read((reader) => findAccount(reader, account));
  const provider = deps.providers.find((one) => one.name === row?.provider);
  if (!provider) throw new MailError('permanent', 'There is no such account, or no such provider.', { code: 'account-missing' });
  const passedOver: PassedOver[] = [];
  for (const path of inOrder(provider.incoming, deps)) {
    try {
      return { ...(await previewBy(path, account, { deps, signal })), passedOver };
    } catch (error) {
      signal.throwIfAborted();
      passedOver.push({ path: path.id, reason: reasonOf(error) });
    }
  }
  const why = passedOver.map(({ path, reason }) => `${path}: ${reason.text}`).join('; ');
  throw new MailError('transient', `No path to ${account} answers now, so nothing can be compared. ${why}`, { code: 'path-down' });
}

function inOrder(paths: readonly Path[], { store, upstreams }: PreviewDeps): readonly Path[] {
  const down = new Set(store.read(loadPathHealth).flatMap(({ path, state }) => (state === 'down' ? [path] : [])));
  const readable = paths.filter((path) => upstreams[path.kind]?.open !== undefined);
  return [...readable.filter((path) => !down.has(path.id)), ...readable.filter((path) => down.has(path.id))];
}

async function previewBy(
  path: Path,
  account: AccountId,
  { deps, signal }: { readonly deps: PreviewDeps; readonly signal: AbortSignal },
): Promise<ReconcilePreview> {
  const opened = await open(path, account, { deps, signal });
  const session = boundedSession(opened, { clock: deps.clock, limitMs: MIRROR_SETTINGS.callLimitMs });
  try {
    return await previewRound({ account, path, session, deps }, signal);
  } finally {
    await session.close();
  }
}

async function open(
  path: Path,
  account: AccountId,
  { deps, signal }: { readonly deps: PreviewDeps; readonly signal: AbortSignal },
): Promise<IncomingSession> {
  const limit = AbortSignal.timeout(LOG_IN_LIMIT_MS);
  try {
    const opened = await deps.upstreams[path.kind]?.open?.(path, deps.credentialFor(account), AbortSignal.any([signal, limit]));
    if (opened) return opened;
  } catch (error) {
    if (!limit.aborted || signal.aborted) throw error;
    const text = `no log-in within ${LOG_IN_LIMIT_MS / 1000} seconds`;
    throw new MailError('transient', text, { code: 'no-answer', reason: { class: 'connect', text }, cause: error });
  }
  throw new MailError('bug', `Nobody reads by ${path.kind}.`, { code: 'no-upstream' });
}
