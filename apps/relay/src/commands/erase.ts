import { createInterface } from 'node:readline/promises';
import { MailError, systemClock } from '@stopgap/core';
import type { Command } from 'commander';
import { accountNamed, withOldStore } from '../session.ts';
import { count, print, printJson } from '../table.ts';

interface EraseFlags {
  readonly yes?: boolean;
  readonly withQueue?: boolean;
  readonly json?: boolean;
}

export function addEraseCommand(program: Command): void {
  program
    .command('erase')
    .argument('<address>')
    .option('--yes', 'do not ask')
    .option('--with-queue', 'also when mail of it still waits: that mail will never leave')
    .option('--json', 'print the receipt as JSON')
    .description('removes an account with its mail, contacts, credential and what it has sent, for good, and leaves a receipt')
    .action((address: string, flags: EraseFlags, command: Command) =>
      withOldStore(command, async ({ config, store }) => {
        const { eraseAccount } = await import('../erasure/erase-account.ts');
        const { writeReceipt } = await import('../erasure/receipt.ts');
        const account = accountNamed(store, address);
        if (!flags.yes) await confirm(account.address);
        const erased = await eraseAccount({
          store,
          dataDir: config.dataDir,
          clock: systemClock,
          account,
          withQueue: flags.withQueue === true,
        });
        const receipt = { address: account.address, erasedAt: new Date().toISOString(), ...erased };
        const file = await writeReceipt(config.dataDir, receipt);
        if (flags.json) return printJson({ ...receipt, receipt: file });
        print(`${account.address} was erased at ${receipt.erasedAt}:`);
        print(`  ${count(erased.messages, 'message')} (${erased.sizeBytes} bytes) in ${count(erased.mailboxes, 'mailbox', 'mailboxes')},`);
        print(`  ${count(erased.expunged, 'message')} deleted before that could have been restored,`);
        print(`  ${count(erased.contacts, 'contact')}, ${count(erased.submissions, 'message')} sent (${erased.cancelled} had not left),`);
        print(`  its log-in here${erased.hadCredential ? ' and its password at the provider as it was kept here' : ''}.`);
        if (!erased.isOverwritten)
          print('The log of the database holds traces until it is written over; "stopgap erase" could not empty it.');
        print(`Not touched: its mailbox at the provider, log files, backups. The receipt is ${file}.`);
      }),
    );
}

/** @throws MailError when the answer is not the address */
async function confirm(address: string): Promise<void> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const ended = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
    const answer = await Promise.race([lines.question(`This can not be undone. Type ${address} to erase it: `), ended]);
    if (answer.trim().toLowerCase() === address.toLowerCase()) return;
  } finally {
    lines.close();
  }
  throw new MailError('permanent', 'Nothing was erased: the answer was not the address. --yes does not ask.', { code: 'not-confirmed' });
}
