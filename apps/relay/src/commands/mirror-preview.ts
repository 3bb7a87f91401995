import { MailError, systemClock, type AccountId } from '@stopgap/core';
import { previewAccount, previewText, type AccountPreview } from '@stopgap/mirror';
import type { Command } from 'commander';
import { withAccounts } from '../one-shot-accounts.ts';
import { withOldStore } from '../session.ts';
import { print, printable, printJson } from '../table.ts';
import { accountOf } from './named-account.ts';

/** A large mailbox, listed in full by a slow webmail. */
const LIMIT_MS = 10 * 60_000;

/** `sync --dry-run`: has a log-in of its own, so it works beside a running `serve`, and without one. */
export async function printPreview(address: string | undefined, isJson: boolean, command: Command): Promise<void> {
  if (address === undefined) {
    throw new MailError('permanent', 'A dry run is for one account: stopgap mirror sync --dry-run ADDRESS', { code: 'usage' });
  }
  await withOldStore(command, (session) =>
    withAccounts(session, async ({ config, store, accounts, upstreams }) => {
      const account = store.read((reader) => accountOf(reader, address));
      const deps = {
        store,
        upstreams,
        providers: config.providers,
        credentialFor: (id: AccountId) => accounts.credentialFor(id),
        clock: systemClock,
      };
      const preview = await previewAccount(account.id, deps, AbortSignal.timeout(LIMIT_MS));
      if (isJson) printJson(jsonOf(account.address, preview));
      else printText(preview);
    }),
  );
}

/** As `mirror sync --dry-run --json` prints it: fields may be added, none of these may go. Times are ISO 8601 UTC. */
function jsonOf(address: string, { held, ...preview }: AccountPreview): object {
  return { address, ...preview, held: held.map(({ sinceMs, ...one }) => ({ ...one, since: new Date(sinceMs).toISOString() })) };
}

function printText(preview: AccountPreview): void {
  for (const { path, reason } of preview.passedOver) print(printable(`${path} is passed over: ${reason.text}`));
  for (const line of previewText(preview).split('\n')) print(printable(line));
  print('Nothing was changed, here or at the provider.');
}
