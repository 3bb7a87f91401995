import { listAccounts } from '@stopgap/store';
import type { Command } from 'commander';
import { readStore, withOldStore } from '../session.ts';
import { print, printJson, table } from '../table.ts';
import { minute } from '../times.ts';
import type { AddOptions } from './account-add.ts';

export function addAccountCommands(program: Command): void {
  const account = program.command('account').description('the accounts that may log in here');

  account
    .command('add')
    .argument('<address>')
    .option('--password-file <file>', 'where the password stands; - reads it from standard input', '-')
    .option('--name <name>', 'the person')
    .option('--alias <address...>', 'further addresses this account may send as')
    .option('--unverified', 'do not ask the provider: keep it pending until its first log-in')
    .description('adds an account; its provider password is checked through the first path that answers')
    .action(async (address: string, options: AddOptions & { passwordFile: string }, command: Command) => {
      const { addAccount } = await import('./account-add.ts');
      await addAccount(address, options, command);
    });

  account
    .command('import')
    .argument('<file>', 'CSV: address,password[,name]')
    .option('--unverified', 'do not ask the provider: keep them pending until their first log-in')
    .description('adds many; a row that fails does not stop the others')
    .action(async (file: string, options: { unverified?: boolean }, command: Command) => {
      const { importAccounts } = await import('./account-add.ts');
      await importAccounts(file, options, command);
    });

  account
    .command('list')
    .option('--json', 'print JSON')
    .description('all accounts')
    .action(async (options: { json?: boolean }, command: Command) => {
      const rows = await readStore(command, listAccounts, () => []);
      const accounts = rows.map((one) => ({
        address: one.address,
        provider: one.provider,
        name: one.name,
        state: one.isLeaving ? 'leaving' : one.state,
        createdAt: new Date(one.createdAtMs).toISOString(),
      }));
      if (options.json) return printJson(accounts);
      if (accounts.length === 0) return print('No account yet.');
      print(
        table(
          ['ADDRESS', 'PROVIDER', 'STATE', 'CREATED (UTC)', 'NAME'],
          accounts.map((one) => [one.address, one.provider, one.state, minute(one.createdAt), one.name]),
        ),
      );
    });

  account
    .command('remove')
    .argument('<address>')
    .description('removes an account with its credential; mail it has sent still leaves only where no log-in is needed')
    .action((text: string, _options: unknown, command: Command) =>
      withOldStore(command, async ({ config, store }) => {
        const { removeOne } = await import('./account-remove.ts');
        await removeOne(text, { store, dataDir: config.dataDir });
        print(`${text} removed.`);
      }),
    );

  account
    .command('rekey')
    .description('makes a new vault key (or takes STOPGAP_KEY) and seals every stored password with it')
    .action(async (_options: unknown, command: Command) => {
      const { rekey } = await import('./rekey.ts');
      await rekey(command);
    });
}
