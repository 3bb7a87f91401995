import { MailError, systemClock } from '@stopgap/core';
import { askForMirror, updateRemoteMailbox } from '@stopgap/store';
import type { Command } from 'commander';
import { withOldStore } from '../session.ts';
import { count, print, printJson } from '../table.ts';
import { heldDeletions } from './mirror-status.ts';
import { accountOf, accountsOf } from './named-account.ts';

/** `sync`, `release`: they change rows; the mirror of a running `serve` sees them within a second. */
export function addMirrorChanges(mirror: Command): void {
  mirror
    .command('sync')
    .argument('[address]')
    .option('--dry-run', 'only say what would be changed, here and at the provider')
    .option('--json', 'print JSON')
    .description('look at the provider now')
    .action(async (address: string | undefined, options: { dryRun?: boolean; json?: boolean }, command: Command) => {
      if (!options.dryRun) return askNow(address, options.json === true, command);
      const { printPreview } = await import('./mirror-preview.ts');
      await printPreview(address, options.json === true, command);
    });

  mirror
    .command('release')
    .argument('<address>')
    .argument('[mailbox]', 'only this one')
    .description('let messages go here, too, that are gone at the provider and were held back because they are many')
    .action((address: string, mailbox: string | undefined, _options: unknown, command: Command) =>
      withOldStore(command, async ({ store }) => {
        const account = store.read((reader) => accountOf(reader, address));
        const released = await store.write((tx) => {
          const held = heldDeletions(tx, account.id).filter((one) => mailbox === undefined || one.mailbox.name === mailbox);
          for (const { remote, brake } of held)
            updateRemoteMailbox(tx, { ...remote, brake: JSON.stringify({ ...brake, state: 'released' }) });
          if (held.length > 0) askForMirror(tx, account.id, systemClock.nowMs());
          return held.map((one) => one.brake.gone);
        });
        if (released.length === 0) {
          const where = mailbox === undefined ? address : `${mailbox} of ${address}`;
          throw new MailError('permanent', `No deletion is held in ${where}: nothing to release.`, { code: 'nothing-to-do' });
        }
        const messages = released.reduce((sum, gone) => sum + gone, 0);
        print(
          `${count(messages, 'message')} will go here, too, if still gone at the provider. They can be restored for the time of mirror.keepExpunged.`,
        );
      }),
    );
}

function askNow(address: string | undefined, isJson: boolean, command: Command): Promise<void> {
  return withOldStore(command, async ({ store }) => {
    const accounts = store.read((reader) => accountsOf(reader, address));
    const nowMs = systemClock.nowMs();
    const asked = await store.write((tx) => accounts.filter(({ id }) => askForMirror(tx, id, nowMs)));
    if (isJson) printJson({ asked: asked.map((one) => one.address) });
    else if (asked.length > 0) print(`${count(asked.length, 'account')} will be looked at now.`);
    else print('Nothing to look at again: the mirror has not begun. A running "stopgap serve" begins by itself.');
  });
}
