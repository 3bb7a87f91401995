import { MailError, systemClock } from '@stopgap/core';
import { askForMirror, updateRemoteMailbox, type AccountRow, type Store } from '@stopgap/store';
import type { Command } from 'commander';
import { withOldStore } from '../session.ts';
import { count, print, printJson } from '../table.ts';
import { heldDeletions, type HeldBrake } from './mirror-status.ts';
import { accountOf, accountsOf } from './named-account.ts';

/** `sync`, `release`, `give-back`: they change rows; the mirror of a running `serve` sees them within a second. */
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
    .description('let messages go here, too, that are gone at the provider and were held back')
    .action((address: string, mailbox: string | undefined, _options: unknown, command: Command) =>
      withOldStore(command, async ({ store }) => {
        const account = store.read((reader) => accountOf(reader, address));
        const messages = await decide(store, { accounts: [account], mailbox, state: 'released' });
        if (messages === 0) throw nothingHeld(address, mailbox);
        print(
          `${count(messages, 'message')} will go here, too, if still gone at the provider. For the time of mirror.keepExpunged "stopgap mirror restore ${address}" brings them back.`,
        );
      }),
    );

  mirror
    .command('give-back')
    .argument('[address]', 'without it: --all')
    .argument('[mailbox]', 'only this one')
    .option('--all', 'of every account')
    .description('give messages to the provider again that are gone there and were held back, as after a restore from an old backup')
    .action((address: string | undefined, mailbox: string | undefined, options: { all?: boolean }, command: Command) =>
      withOldStore(command, async ({ store }) => {
        if ((address === undefined) !== (options.all === true)) {
          throw new MailError('permanent', 'Name an address, or say --all; not both.', { code: 'usage' });
        }
        const accounts = store.read((reader) => accountsOf(reader, address));
        const messages = await decide(store, { accounts, mailbox, state: 'given-back' });
        if (messages === 0) throw nothingHeld(address ?? 'any account', mailbox);
        print(
          `${count(messages, 'message')} will be given to the provider again, if still gone there. "stopgap mirror status" shows how far that is.`,
        );
      }),
    );
}

/** How many messages were held there. */
function decide(
  store: Store,
  what: {
    readonly accounts: readonly AccountRow[];
    readonly mailbox: string | undefined;
    readonly state: Exclude<HeldBrake['state'], 'held'>;
  },
): Promise<number> {
  return store.write((tx) => {
    let messages = 0;
    for (const { id } of what.accounts) {
      const held = heldDeletions(tx, id).filter((one) => what.mailbox === undefined || one.mailbox.name === what.mailbox);
      for (const { remote, brake } of held) {
        updateRemoteMailbox(tx, { ...remote, brake: JSON.stringify({ ...brake, state: what.state }) });
        messages += brake.gone;
      }
      if (held.length > 0) askForMirror(tx, id, systemClock.nowMs());
    }
    return messages;
  });
}

function nothingHeld(whose: string, mailbox: string | undefined): MailError {
  const where = mailbox === undefined ? whose : `${mailbox} of ${whose}`;
  return new MailError('permanent', `No deletion is held in ${where}: nothing to decide.`, { code: 'nothing-to-do' });
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
