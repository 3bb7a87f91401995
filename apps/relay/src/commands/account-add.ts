import { MailError, messageOf, parseAddress, Secret } from '@stopgap/core';
import type { Accounts } from '@stopgap/accounts';
import type { Command } from 'commander';
import { parseCsv } from '../csv.ts';
import { addOneAccount, withAccounts } from '../one-shot-accounts.ts';
import { readFileOf, readPassword } from '../password-input.ts';
import { withStore } from '../session.ts';
import { count, print, printable } from '../table.ts';

export interface AddOptions {
  readonly name?: string;
  readonly alias?: readonly string[];
  readonly unverified?: boolean;
}

export async function addAccount(address: string, options: AddOptions & { passwordFile: string }, command: Command): Promise<void> {
  checkAddress(address);
  await withStore(command, (session) =>
    withAccounts(session, async ({ accounts }) => {
      checkProvider(accounts, address);
      const password = await readPassword(options.passwordFile, `Password of ${address} at its provider: `);
      if (!options.unverified) tell('Asking the provider ...');
      print(await addOne(accounts, { address, password, ...options }));
    }),
  );
}

export async function importAccounts(file: string, options: Pick<AddOptions, 'unverified'>, command: Command): Promise<void> {
  const rows = parseCsv(await readFileOf(file)).filter((row, index) => index > 0 || !isHead(row));
  await withStore(command, (session) =>
    withAccounts(session, async ({ accounts }) => {
      let failed = 0;
      for (const [address = '', password = '', name] of rows) {
        try {
          checkAddress(address);
          checkProvider(accounts, address);
          if (password === '') throw new MailError('permanent', `${address} has no password in this file.`, { code: 'import' });
          print(printable(await addOne(accounts, { address, password: new Secret(password), ...options, ...(name ? { name } : {}) })));
        } catch (error) {
          failed += 1;
          process.stderr.write(`${printable(messageOf(error))}\n`);
        }
      }
      if (failed > 0) {
        throw new MailError('permanent', `${failed} of ${count(rows.length, 'account')} not added; the reasons stand above.`, {
          code: 'import',
        });
      }
      print(rows.length === 0 ? 'There is no account in this file.' : `${count(rows.length, 'account')} added.`);
    }),
  );
}

function isHead(row: readonly string[]): boolean {
  return row.every((cell) => !cell.includes('@'));
}

function checkAddress(address: string): void {
  if (!parseAddress(address)) throw new MailError('permanent', `"${address}" is not a mail address.`, { code: 'usage' });
}

/** @throws before anybody is asked for a password */
function checkProvider(accounts: Accounts, address: string): void {
  if (accounts.providerOf(address)) return;
  throw new MailError('permanent', `${address} belongs to no provider in the configuration. Add its domain there.`, {
    code: 'unknown-provider',
  });
}

async function addOne(accounts: Accounts, options: AddOptions & { readonly address: string; readonly password: Secret }): Promise<string> {
  const { address, password, name, alias, unverified } = options;
  const account = {
    address,
    password,
    ...(name === undefined ? {} : { name }),
    ...(alias === undefined ? {} : { aliases: alias }),
    ...(unverified === undefined ? {} : { unverified }),
  };
  const added = await addOneAccount(accounts, account);
  switch (added.kind) {
    case 'added': {
      const refused =
        added.refusedAliases.length > 0 ? ` Not taken as aliases, they belong to somebody else: ${added.refusedAliases.join(', ')}.` : '';
      return added.state === 'active'
        ? `${address} added; the password was checked.${refused}`
        : `${address} added, pending: its password is checked at the first log-in.${refused}`;
    }
    case 'exists':
      throw new MailError('permanent', `${address} is an account already. "stopgap account list" shows them.`, { code: 'exists' });
    case 'unknown-provider':
      throw new MailError('permanent', `${address} belongs to no provider in the configuration.`, { code: 'unknown-provider' });
    case 'refused':
      throw new MailError('auth', `${address}: the provider refuses this password (${added.reason.text}).`, { code: 'refused' });
    case 'undecided': {
      const text = `${address}: no path could check the password now (${added.reason.text}). Add it with --unverified, or later.`;
      throw new MailError('transient', text, { code: 'undecided' });
    }
  }
}

/** For a person who waits; programs do not need it. */
function tell(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`${text}\n`);
}
