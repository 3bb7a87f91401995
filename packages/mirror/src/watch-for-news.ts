import { messageOf, type RemoteMailboxId } from '@stopgap/core';
import { findMailboxByRole, listRemoteMailboxesOf } from '@stopgap/store';
import type { Deps } from './deps.ts';
import type { Tended } from './tended.ts';

/** Leaves the kept session watching INBOX; `onNews` at the first sign of a change, or when the session breaks. */
export function watchForNews(one: Tended, deps: Deps, onNews: () => void): void {
  const { kept } = one;
  const inbox = inboxOf(one, deps);
  if (kept?.session.idle === undefined || inbox === undefined) return;
  const stop = new AbortController();
  let isStopped = false;
  const watching = kept.session
    .idle(inbox, stop.signal)
    .catch(async (error: unknown) => {
      deps.log.warn('watching for news ended', { account: one.account, path: kept.path.id, reason: messageOf(error) });
      if (isStopped) return;
      // Nobody would hear from it again.
      one.kept = undefined;
      await kept.session.close();
    })
    .then(() => {
      if (!isStopped) onNews();
    });
  one.kept = {
    ...kept,
    stopWatching: () => {
      isStopped = true;
      stop.abort('enough');
      return watching;
    },
  };
}

function inboxOf({ account, kept }: Tended, { store }: Deps): RemoteMailboxId | undefined {
  return store.read((reader) => {
    const inbox = findMailboxByRole(reader, account, 'inbox');
    const rows = inbox ? listRemoteMailboxesOf(reader, inbox.id) : [];
    return (rows.find((row) => kept !== undefined && row.space.endsWith(kept.path.id)) ?? rows.at(-1))?.remoteId;
  });
}
