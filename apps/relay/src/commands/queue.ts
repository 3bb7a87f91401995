import { accountIdOf, MailError, parseAddress, systemClock, type AccountId } from '@stopgap/core';
import { queueDetail, queueEntries, type QueueDetail, type QueueEntry } from '@stopgap/outbox';
import type { QueueFilter } from '@stopgap/store';
import { Option, type Command } from 'commander';
import { readStore, withOldStore } from '../session.ts';
import { count, print, printJson, table } from '../table.ts';
import { ahead, second, since } from '../times.ts';
import { withWaitingReason } from './waiting-reason.ts';
import { positive } from './option-values.ts';
import { addQueueChanges, known } from './queue-changes.ts';

const STATES = ['queued', 'leased', 'unsure', 'delivered', 'rejected', 'expired', 'cancelled', 'held'] as const;
/** People see the first page; programs ask for as many as they want. */
const PAGE = 100;

interface ListOptions {
  readonly json?: boolean;
  readonly account?: AccountId;
  readonly state?: NonNullable<QueueFilter['state']>;
  readonly limit: number;
}

export function addQueueCommands(program: Command): void {
  const queue = program.command('queue').description('the outbox: what waits, for what, and what to do about it (works while serve runs)');

  queue
    .command('list')
    .description('submissions that have not left, oldest first')
    .option('--json', 'print JSON')
    .option('--account <address>', 'of this account only', accountOf)
    .addOption(new Option('--state <state>', 'with a recipient in this state').choices(STATES))
    .option('--limit <n>', 'at most so many', (text) => positive(text), PAGE)
    .action(async ({ json, ...filter }: ListOptions, command: Command) => {
      const entries = await readStore(
        command,
        (reader, config) => withWaitingReason(queueEntries(reader, filter), config, reader),
        () => [],
      );
      if (json) printJson(entries);
      else printList(entries, filter);
    });

  queue
    .command('show')
    .argument('<id>')
    .description('one submission with all its attempts')
    .option('--json', 'print JSON')
    .action((id: string, options: { json?: boolean }, command: Command) =>
      withOldStore(command, async ({ config, store }) => {
        const submission = known(store, id);
        const [detail] = store.read((reader) =>
          withWaitingReason(
            [queueDetail(reader, submission)].flatMap((one) => one ?? []),
            config,
            reader,
          ),
        );
        if (options.json) printJson(detail);
        else if (detail) printDetail(detail);
      }),
    );

  addQueueChanges(queue);
}

function printList(entries: readonly QueueEntry[], { account, state, limit }: ListOptions): void {
  if (entries.length === 0) {
    return print(account === undefined && state === undefined ? 'Nothing waits.' : 'Nothing in the queue is like that.');
  }
  printEntries(entries);
  if (entries.length === limit) print(`(the first ${limit}; --limit shows more)`);
}

function printEntries(entries: readonly QueueEntry[]): void {
  const nowMs = systemClock.nowMs();
  const rows = entries.flatMap((entry) =>
    entry.recipients.map((recipient) => [
      entry.id,
      since(entry.acceptedAt, nowMs),
      entry.from === '' ? '<>' : entry.from,
      recipient.address,
      recipient.held ? `${recipient.state}, ${entry.sendAt === null ? 'held' : 'later'}` : recipient.state,
      ahead(recipient.nextAttemptAt, nowMs),
      recipient.reason ?? (recipient.held && entry.sendAt !== null ? 'is to leave at that time, as its sender asked' : ''),
    ]),
  );
  print(table(['ID', 'ACCEPTED (UTC)', 'FROM', 'TO', 'STATE', 'NEXT TRY', 'REASON'], rows));
}

function printDetail(detail: QueueDetail): void {
  printEntries([detail]);
  if (detail.attempts.length === 0) return print('\nNo attempt yet.');
  const rows = detail.attempts.map((one) => [
    second(one.startedAt),
    one.markedAt === null ? '-' : second(one.markedAt),
    one.endedAt === null ? '-' : second(one.endedAt),
    one.outcome ?? 'under way',
    one.route,
    one.reason ?? '',
  ]);
  print(`\n${count(detail.attempts.length, 'attempt')}, times in UTC; MARKED: from here on it may have arrived`);
  print(table(['STARTED', 'MARKED', 'ENDED', 'OUTCOME', 'PATH', 'REASON'], rows));
  const isUnsure = detail.recipients.some((recipient) => recipient.state === 'unsure');
  if (isUnsure) print(`\nTo decide: "stopgap queue resolve ${detail.id} --as delivered", "--as cancelled" or "--as resend".`);
}

function accountOf(text: string): AccountId {
  const address = parseAddress(text);
  if (!address) throw new MailError('permanent', `"${text}" is not a mail address.`, { code: 'usage' });
  return accountIdOf(address);
}
