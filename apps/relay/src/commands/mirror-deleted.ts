import { systemClock } from '@stopgap/core';
import { DeletedMessages, mailboxName, type DeletedFilter, type DeletedMessage } from '@stopgap/mailbox';
import type { Command } from 'commander';
import { readStore } from '../session.ts';
import { print, printJson, table } from '../table.ts';
import { minute, since } from '../times.ts';
import { accountOf } from './named-account.ts';
import { positive, timeSince } from './option-values.ts';

/** People see the first page; programs ask for as many as they want. */
const PAGE = 100;
const LONGEST_FROM = 32;

interface DeletedOptions {
  readonly mailbox?: string;
  readonly since?: string;
  readonly search?: string;
  readonly limit: number;
  readonly json?: boolean;
}

/** As `mirror deleted --json` prints it: fields may be added, none of these may go. Times are ISO 8601 UTC. */
interface DeletedLine {
  readonly number: number;
  readonly mailbox: string;
  readonly date: string;
  readonly from: string;
  readonly subject: string;
  readonly sizeBytes: number;
  readonly deletedAt: string;
  /** `upstream`: at the provider. */
  readonly by: string;
  readonly keptUntil: string;
  /** Mailboxes that hold the same message now. */
  readonly alsoIn: readonly string[];
  /** It was asked for, and the relay will restore it. */
  readonly isWanted: boolean;
}

export function addMirrorDeleted(mirror: Command): void {
  mirror
    .command('deleted')
    .argument('<address>')
    .option('--mailbox <name>', 'that were in this one')
    .option('--since <time>', 'deleted since then (2026-11-26, "2026-11-26 14:00" UTC, or 2h, 5d ago)')
    .option('--search <text>', 'with this in sender, recipients or subject')
    .option('--limit <n>', 'at most so many', (text) => positive(text), PAGE)
    .option('--json', 'print JSON')
    .description('deleted messages that can be restored, the last deletion first')
    .action(async (address: string, options: DeletedOptions, command: Command) => {
      const nowMs = systemClock.nowMs();
      const filter = filterOf(options, nowMs);
      const lines = await readStore(
        command,
        (reader, { mirror: { keepExpungedMs } }) => {
          const deleted = new DeletedMessages(reader, accountOf(reader, address).id, nowMs - keepExpungedMs);
          return [...deleted.list(filter).take(options.limit)].map((one) => lineOf(one, keepExpungedMs));
        },
        () => [],
      );
      if (options.json) return printJson(lines);
      if (lines.length === 0) return print(noneText(address, options));
      printLines(lines, nowMs);
      if (lines.length === options.limit) print(`(the first ${options.limit}; --limit shows more)`);
      print(`\nTo bring back: "stopgap mirror restore ${address} NUMBER".`);
    });
}

export function filterOf({ mailbox, since: from, search }: Omit<DeletedOptions, 'limit'>, nowMs: number): DeletedFilter {
  return {
    ...(mailbox === undefined ? {} : { mailbox: mailboxName(mailbox) }),
    ...(from === undefined ? {} : { sinceMs: timeSince(from, nowMs) }),
    ...(search === undefined ? {} : { text: search }),
  };
}

export function noneText(address: string, { mailbox, since: from, search }: Omit<DeletedOptions, 'limit'>): string {
  const how = [
    ...(mailbox === undefined ? [] : [` from ${mailbox}`]),
    ...(from === undefined ? [] : [` since ${from}`]),
    ...(search === undefined ? [] : [` with "${search}"`]),
  ];
  return `Nothing of ${address} that was deleted${how.join('')} is kept (mirror.keepExpunged says for how long).`;
}

function lineOf({ kept: { message, view }, ...row }: DeletedMessage, keepMs: number): DeletedLine {
  const [from] = view.envelope.from;
  return {
    number: row.message,
    mailbox: row.mailboxName,
    date: iso(message.sentAtMs ?? message.receivedAtMs),
    from: from === undefined ? '' : from.name === '' ? from.address : `${from.name} <${from.address}>`,
    subject: view.envelope.subject,
    sizeBytes: message.sizeBytes,
    deletedAt: iso(row.expungedAtMs),
    by: row.by,
    keptUntil: iso(row.expungedAtMs + keepMs),
    alsoIn: row.alsoIn,
    isWanted: row.wantedAtMs !== undefined,
  };
}

function printLines(lines: readonly DeletedLine[], nowMs: number): void {
  const rows = lines.map((one) => [
    String(one.number),
    since(one.deletedAt, nowMs),
    one.by === 'here' ? 'here' : 'provider',
    one.alsoIn.length === 0 ? one.mailbox : `${one.mailbox} (also in ${one.alsoIn.join(', ')})`,
    one.isWanted ? 'is being restored' : minute(one.keptUntil),
    minute(one.date),
    one.from.length > LONGEST_FROM ? `${one.from.slice(0, LONGEST_FROM - 1)}\u2026` : one.from,
    one.subject,
  ]);
  print(table(['NUMBER', 'DELETED (UTC)', 'BY', 'MAILBOX', 'KEPT UNTIL', 'DATE', 'FROM', 'SUBJECT'], rows));
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
