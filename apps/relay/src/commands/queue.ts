import { asId, accountIdOf, MailError, parseAddress, systemClock, type AccountId, type SubmissionId } from '@stopgap/core';
import { cancel, hold, queueDetail, queueEntries, release, resolve, retryNow, type Changed, type QueueEntry } from '@stopgap/outbox';
import type { QueueFilter, Store } from '@stopgap/store';
import { Argument, Option, type Command } from 'commander';
import { withStore } from '../session.ts';
import { print, printJson, table } from '../table.ts';

const STATES = ['queued', 'leased', 'unsure', 'delivered', 'rejected', 'expired', 'cancelled', 'held'] as const;
/** People see the first page; programs ask for as many as they want. */
const PAGE = 100;

export function addQueueCommands(program: Command): void {
  const queue = program.command('queue').description('the outbox: what waits, for what, and what to do about it (works while serve runs)');

  queue
    .command('list')
    .description('submissions that have not left, oldest first')
    .option('--json', 'print JSON')
    .option('--account <address>', 'of this account only')
    .addOption(new Option('--state <state>', 'with a recipient in this state').choices(STATES))
    .option('--limit <n>', 'at most so many', positive, PAGE)
    .action((options: { json?: boolean; account?: string; state?: QueueFilter['state']; limit: number }, command: Command) =>
      withStore(command, async ({ store }) => {
        const filter = {
          limit: options.limit,
          ...(options.account === undefined ? {} : { account: accountOf(options.account) }),
          ...(options.state === undefined ? {} : { state: options.state }),
        };
        const entries = store.read((reader) => queueEntries(reader, filter));
        if (options.json) printJson(entries);
        else printEntries(entries, options.limit);
      }),
    );

  queue
    .command('show')
    .argument('<id>')
    .description('one submission with all its attempts')
    .option('--json', 'print JSON')
    .action((id: string, options: { json?: boolean }, command: Command) =>
      withStore(command, async ({ store }) => {
        const detail = store.read((reader) => queueDetail(reader, known(store, id)));
        if (!detail) throw notThere(id);
        if (options.json) return printJson(detail);
        printEntries([detail], 1);
        print('');
        print(
          table(
            ['STARTED', 'MARKED', 'ENDED', 'OUTCOME', 'ROUTE', 'REASON'],
            detail.attempts.map((one) => [
              one.startedAt,
              one.markedAt ?? '-',
              one.endedAt ?? '-',
              one.outcome ?? 'under way',
              one.route,
              one.reason ?? '',
            ]),
          ),
        );
      }),
    );

  queue
    .command('retry')
    .argument('[id]')
    .option('--all', 'everything that waits')
    .description('try now')
    .action((id: string | undefined, options: { all?: boolean }, command: Command) => {
      if ((id === undefined) === (options.all !== true))
        throw new MailError('permanent', 'Name a submission, or say --all.', { code: 'usage' });
      return withStore(command, async ({ store }) => {
        const changed = await retryNow({ store, clock: systemClock }, id === undefined ? undefined : known(store, id));
        print(`${changed.changed} recipient(s) will be tried now.`);
      });
    });

  addChange(queue, 'hold', 'no attempts until release', hold, 'held');
  addChange(queue, 'release', 'goes on after hold', release, 'released');
  addChange(queue, 'cancel', 'give up what has not left', cancel, 'cancelled');

  queue
    .command('resolve')
    .argument('<id>')
    .requiredOption('--as <how>', 'delivered: it did arrive; resend: send it (again)')
    .description('decide about an attempt whose end is unknown (unsure)')
    .action((id: string, options: { as: string }, command: Command) => {
      const how = options.as;
      if (how !== 'delivered' && how !== 'resend')
        throw new MailError('permanent', 'Say --as delivered or --as resend.', { code: 'usage' });
      return withStore(command, async ({ store }) => {
        const { changed } = await resolve({ store, clock: systemClock }, known(store, id), how);
        if (changed === 0)
          throw new MailError('permanent', `${id} has no recipient in state unsure: nothing to decide.`, { code: 'nothing-to-do' });
        print(how === 'delivered' ? `${changed} recipient(s) now count as delivered.` : `${changed} recipient(s) will be sent again.`);
      });
    });
}

function addChange(
  queue: Command,
  name: string,
  description: string,
  change: (options: { store: Store; clock: typeof systemClock }, id: SubmissionId) => Promise<Changed>,
  word: string,
): void {
  queue
    .command(name)
    .addArgument(new Argument('<id>'))
    .description(description)
    .action((id: string, _options: unknown, command: Command) =>
      withStore(command, async ({ store }) => {
        const { changed, underWay } = await change({ store, clock: systemClock }, known(store, id));
        print(`${changed} recipient(s) ${word}.${underWay > 0 ? ` ${underWay} are leaving at this moment.` : ''}`);
      }),
    );
}

function printEntries(entries: readonly QueueEntry[], limit: number): void {
  if (entries.length === 0) return print('Nothing waits.');
  const rows = entries.flatMap((entry) =>
    entry.recipients.map((recipient) => [
      entry.id,
      entry.acceptedAt,
      entry.from === '' ? '<>' : entry.from,
      recipient.address,
      recipient.held ? `${recipient.state}, held` : recipient.state,
      recipient.nextAttemptAt ?? '-',
      recipient.reason ?? '',
    ]),
  );
  print(table(['ID', 'ACCEPTED', 'FROM', 'TO', 'STATE', 'NEXT TRY', 'REASON'], rows));
  if (entries.length === limit && limit > 1) print(`(the first ${limit}; --limit shows more)`);
}

/** @throws when there is no such submission */
function known(store: Store, id: string): SubmissionId {
  const submission = asId.submission(id);
  if (!store.read((reader) => queueDetail(reader, submission))) throw notThere(id);
  return submission;
}

function notThere(id: string): MailError {
  return new MailError('permanent', `There is no submission ${id}. "stopgap queue list" shows those that wait.`, { code: 'not-there' });
}

function accountOf(text: string): AccountId {
  const address = parseAddress(text);
  if (!address) throw new MailError('permanent', `"${text}" is not a mail address.`, { code: 'usage' });
  return accountIdOf(address);
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new MailError('permanent', `--limit takes a whole number above 0, not "${text}".`, { code: 'usage' });
  return value;
}
