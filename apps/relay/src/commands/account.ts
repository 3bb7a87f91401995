import { readFile } from 'node:fs/promises';
import { text as readAll } from 'node:stream/consumers';
import { accountIdOf, MailError, parseAddress, Secret, systemClock } from '@stopgap/core';
import { createAccounts, type Accounts } from '@stopgap/accounts';
import { listAccounts, removeAccount } from '@stopgap/store';
import { createGuard, createUpstreams } from '@stopgap/upstreams';
import type { Command } from 'commander';
import { parseCsv } from '../csv.ts';
import { vaultOf, withStore, type CommandSession } from '../session.ts';
import { print, printJson, table } from '../table.ts';

const VERIFY_MS = 90_000;

interface AddOptions {
  readonly passwordFile?: string;
  readonly name?: string;
  readonly alias?: readonly string[];
  readonly unverified?: boolean;
}

export function addAccountCommands(program: Command): void {
  const account = program.command('account').description('the accounts that may log in here');

  account
    .command('add')
    .argument('<address>')
    .option('--password-file <file>', 'where the password stands; - reads it from standard input', '-')
    .option('--name <name>', 'the person')
    .option('--alias <address...>', 'further addresses this account may send as')
    .option('--unverified', 'every path is down: keep it pending until its first log-in')
    .description('adds an account; its provider password is checked through the first path that answers')
    .action((address: string, options: AddOptions, command: Command) =>
      withStore(command, async (session) => {
        const password = await readPassword(options.passwordFile ?? '-');
        const accounts = await accountsOf(session);
        print(await addOne(accounts, { address, password, ...options }));
      }),
    );

  account
    .command('import')
    .argument('<file>', 'CSV: address,password[,name]')
    .option('--unverified', 'keep those pending that no path can verify now')
    .description('adds many')
    .action((file: string, options: { unverified?: boolean }, command: Command) =>
      withStore(command, async (session) => {
        const rows = parseCsv(await readFile(file, 'utf8')).filter((row) => row[0]?.toLowerCase() !== 'address');
        const accounts = await accountsOf(session);
        let failed = 0;
        for (const [address = '', password = '', name] of rows) {
          try {
            print(await addOne(accounts, { address, password: new Secret(password), ...options, ...(name ? { name } : {}) }));
          } catch (error) {
            failed += 1;
            process.stderr.write(`${address}: ${error instanceof Error ? error.message : String(error)}\n`);
          }
        }
        if (failed > 0)
          throw new MailError('permanent', `${failed} of ${rows.length} accounts were not added; the reasons stand above.`, {
            code: 'import',
          });
      }),
    );

  account
    .command('list')
    .option('--json', 'print JSON')
    .description('all accounts')
    .action((options: { json?: boolean }, command: Command) =>
      withStore(command, async ({ store }) => {
        const accounts = store.read(listAccounts).map((one) => ({
          address: one.address,
          provider: one.provider,
          name: one.name,
          state: one.state,
          createdAt: new Date(one.createdAtMs).toISOString(),
        }));
        if (options.json) return printJson(accounts);
        if (accounts.length === 0) return print('No account yet.');
        print(
          table(
            ['ADDRESS', 'PROVIDER', 'STATE', 'CREATED', 'NAME'],
            accounts.map((one) => [one.address, one.provider, one.state, one.createdAt, one.name]),
          ),
        );
      }),
    );

  account
    .command('remove')
    .argument('<address>')
    .description('removes an account with its credential; mail it has sent still leaves only where no log-in is needed')
    .action((text: string, _options: unknown, command: Command) =>
      withStore(command, async ({ store }) => {
        const address = parseAddress(text);
        const removed = address !== undefined && (await store.write((tx) => removeAccount(tx, accountIdOf(address))));
        if (!removed)
          throw new MailError('permanent', `There is no account ${text}. "stopgap account list" shows them.`, { code: 'not-there' });
        print(`${text} removed.`);
      }),
    );
}

async function addOne(accounts: Accounts, options: AddOptions & { readonly address: string; readonly password: Secret }): Promise<string> {
  const added = await accounts.add(
    {
      address: options.address,
      password: options.password,
      ...(options.name === undefined ? {} : { name: options.name }),
      ...(options.alias === undefined ? {} : { aliases: options.alias }),
      ...(options.unverified === undefined ? {} : { unverified: options.unverified }),
    },
    AbortSignal.timeout(VERIFY_MS),
  );
  switch (added.kind) {
    case 'added': {
      const refused =
        added.refusedAliases.length > 0 ? ` Not taken as aliases, they belong to somebody else: ${added.refusedAliases.join(', ')}.` : '';
      return added.state === 'active'
        ? `${options.address} added; the password was checked.${refused}`
        : `${options.address} added, pending: its password is checked at the first log-in.${refused}`;
    }
    case 'exists':
      throw new MailError('permanent', `${options.address} is an account already. "stopgap account list" shows them.`, { code: 'exists' });
    case 'unknown-provider':
      throw new MailError('permanent', `${options.address} belongs to no provider in the configuration. Add its domain there.`, {
        code: 'unknown-provider',
      });
    case 'refused':
      throw new MailError('auth', `${options.address}: the provider refuses this password (${added.reason.text}).`, { code: 'refused' });
    case 'undecided':
      throw new MailError(
        'transient',
        `${options.address}: no path could check the password now (${added.reason.text}). Add it with --unverified, or later.`,
        {
          code: 'undecided',
        },
      );
  }
}

async function accountsOf({ config, store }: CommandSession): Promise<Accounts> {
  return createAccounts({
    store,
    vault: await vaultOf(config, store),
    providers: config.providers,
    upstreams: createUpstreams({
      guard: createGuard({ allowPrivate: config.allowPrivateUpstreams }),
      clock: systemClock,
      heloName: config.hostname,
    }),
    clock: systemClock,
    limits: config.limits,
    enrolment: config.enrolment,
  });
}

async function readPassword(file: string): Promise<Secret> {
  const content = file === '-' ? await readAll(process.stdin) : await readFile(file, 'utf8');
  const password = content.replace(/\r?\n$/, '');
  if (password === '')
    throw new MailError('permanent', 'The password is empty. Give it by --password-file, or - and standard input.', { code: 'usage' });
  return new Secret(password);
}
