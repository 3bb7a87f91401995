import { resolve } from 'node:path';
import type { Command } from 'commander';
import { accountNamed, withOldStore } from '../session.ts';
import { count, print, printJson, table } from '../table.ts';

export function addExportCommand(program: Command): void {
  program
    .command('export')
    .argument('<address>')
    .argument('<directory>', 'empty, or not there yet')
    .option('--json', 'print JSON')
    .description('writes all mail of an account as Maildir, byte for byte, and its contacts as vCard; also while serve runs')
    .action((address: string, directory: string, options: { json?: boolean }, command: Command) =>
      withOldStore(command, async ({ store }) => {
        // Loaded at first use: most commands take nothing out.
        const { takeOut } = await import('../take-out/take-out.ts');
        const account = accountNamed(store, address);
        const target = resolve(directory);
        const taken = await takeOut({ store, account: account.id, directory: target });
        if (options.json) return printJson({ address: account.address, directory: target, ...taken });
        print(
          table(
            ['MAILBOX', 'FOLDER', 'MESSAGES', 'BYTES'],
            taken.mailboxes.map((one) => [one.name, one.folder, String(one.messages), String(one.sizeBytes)]),
          ),
        );
        print(`${count(taken.messages, 'message')} and ${count(taken.contacts, 'contact')} of ${account.address} are in ${target}.`);
        if (taken.rebuilt > 0) print(`${count(taken.rebuilt, 'message')} not as the provider has it: put together again by the webmail.`);
        if (taken.incomplete > 0) print(`${count(taken.incomplete, 'message')} left out: more than the header has not come yet.`);
      }),
    );
}
