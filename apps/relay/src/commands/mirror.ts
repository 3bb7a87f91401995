import { systemClock } from '@stopgap/core';
import { findMirror } from '@stopgap/store';
import type { Command } from 'commander';
import { readStore, withOldStore } from '../session.ts';
import { count, print, printJson, table } from '../table.ts';
import { since } from '../times.ts';
import { addMirrorChanges } from './mirror-changes.ts';
import { printReport } from './mirror-report.ts';
import { accountOf, accountsOf } from './named-account.ts';
import { mirrorStatus, type MirrorStatus } from './mirror-status.ts';

export function addMirrorCommands(program: Command): void {
  const mirror = program.command('mirror').description('the copies of mailboxes that are kept here (works while serve runs)');

  mirror
    .command('status')
    .argument('[address]')
    .option('--json', 'print JSON')
    .description('how far each mailbox is, by which path, and what has still to be carried back')
    .action(async (address: string | undefined, options: { json?: boolean }, command: Command) => {
      const found = await readStore(
        command,
        (reader) => accountsOf(reader, address).map((account) => mirrorStatus(reader, account)),
        () => [],
      );
      if (options.json) printJson(found);
      else printStatus(found, address !== undefined);
    });

  mirror
    .command('report')
    .argument('<address>')
    .option('--json', 'print JSON')
    .description('what was found and carried back, what could not be and why')
    .action((address: string, options: { json?: boolean }, command: Command) =>
      withOldStore(command, async ({ store }) => {
        const text = store.read((reader) => findMirror(reader, accountOf(reader, address).id)?.report);
        const report: unknown = text === undefined ? null : JSON.parse(text);
        if (options.json) printJson(report);
        else printReport(report, address);
      }),
    );

  addMirrorChanges(mirror);
}

function printStatus(accounts: readonly MirrorStatus[], withMailboxes: boolean): void {
  if (accounts.length === 0) return print('No account yet.');
  const nowMs = systemClock.nowMs();
  const rows = accounts.map((one) => [
    one.address,
    one.state,
    `${one.messages} of ${one.total}`,
    String(one.pendingIntents),
    since(one.lastUpdate, nowMs),
    one.path ?? '-',
  ]);
  print(table(['ADDRESS', 'STATE', 'MESSAGES', 'TO CARRY BACK', 'LAST UPDATE (UTC)', 'PATH'], rows));
  for (const one of accounts) {
    if (withMailboxes && one.mailboxes.length > 0) {
      print('');
      print(
        table(
          ['MAILBOX', 'MESSAGES', 'AT THE PROVIDER'],
          one.mailboxes.map(({ name, messages, total }) => [name, String(messages), String(total)]),
        ),
      );
    }
    for (const held of one.held) printHeld(one.address, held, nowMs);
  }
}

function printHeld(address: string, { mailbox, gone, of, since: from }: MirrorStatus['held'][number], nowMs: number): void {
  print(
    `\n${address}: ${count(gone, 'message')} of ${of} in ${mailbox} gone at the provider since ${since(from, nowMs)}. They stay here until ` +
      `"stopgap mirror release ${address}" lets them go, or "stopgap mirror give-back ${address}" gives them to the provider again.`,
  );
}
