import { systemClock } from '@stopgap/core';
import { findMirror } from '@stopgap/store';
import type { Command } from 'commander';
import { readStore, withOldStore } from '../session.ts';
import { print, printJson, table } from '../table.ts';
import { since, span } from '../times.ts';
import { addMirrorChanges } from './mirror-changes.ts';
import { addMirrorDeleted } from './mirror-deleted.ts';
import { addMirrorRestore } from './mirror-restore.ts';
import { printHeld } from './mirror-held.ts';
import { printReport, reportOf } from './mirror-report.ts';
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
        const report = reportOf(text);
        if (options.json) printJson(report ?? null);
        else printReport(report, address);
      }),
    );

  addMirrorChanges(mirror);
  addMirrorDeleted(mirror);
  addMirrorRestore(mirror);
}

function printStatus(accounts: readonly MirrorStatus[], withMailboxes: boolean): void {
  if (accounts.length === 0) return print('No account yet.');
  const nowMs = systemClock.nowMs();
  const rows = accounts.map((one) => [
    one.address,
    one.state,
    `${one.messages} of ${one.total}${rateOf(one)}`,
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

/** Of a round that has ended it says nothing. */
function rateOf({ state, progress }: MirrorStatus): string {
  if (state !== 'syncing' || typeof progress !== 'object' || progress === null || !('ratePerS' in progress)) return '';
  const isGoing = 'leftS' in progress && typeof progress.leftS === 'number' && progress.leftS > 0;
  return `, ${String(progress.ratePerS)}/s${isGoing ? `, about ${span(Number(progress.leftS) * 1000)} left` : ''}`;
}
