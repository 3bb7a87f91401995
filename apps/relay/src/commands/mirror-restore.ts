import { MailError, systemClock, type MessageId } from '@stopgap/core';
import { DeletedMessages } from '@stopgap/mailbox';
import { askForRestore, isServed, wantedMessages, whyNotRestored, type AccountRow, type Store } from '@stopgap/store';
import type { Command } from 'commander';
import { withOldStore, type CommandSession } from '../session.ts';
import { count, print, printable, printJson } from '../table.ts';
import { accountOf } from './named-account.ts';
import { chooseRestores, type Choice, type Chosen, type LeftOut, type RestoreOptions } from './restore-choice.ts';

/** In one transaction: others write, too. */
const ASKED_AT_ONCE = 1000;
const LOOK_EVERY_MS = 200;
/** A `serve` that has done nothing of it for so long is left to it. */
const PATIENCE_LOOKS = 75;
/** Lines that a person reads. */
const MOST_TOLD = 20;

/** As `mirror restore --json` prints it: fields may be added, none of these may go. */
interface Restore {
  readonly number: MessageId;
  readonly mailbox: string;
  /** `chosen`: by a dry run. `waiting`: for `serve`. */
  readonly state: 'chosen' | 'waiting' | 'restored' | 'refused';
  readonly why?: string;
}

/** A `serve` restores, which knows who waits for changes: the command leaves requests, and waits for them to be done while one runs. */
export function addMirrorRestore(mirror: Command): void {
  mirror
    .command('restore')
    .argument('<address>')
    .argument('[numbers...]', 'as "mirror deleted" shows them')
    .option('--since <time>', 'instead of numbers: all that was deleted since then (2026-11-26, "2026-11-26 14:00" UTC, or 2h, 5d ago)')
    .option('--mailbox <name>', 'with --since: only what was in this one')
    .option('--to <name>', 'into this mailbox, which is made if need be; without it to where each one was')
    .option('--dry-run', 'only say what would be restored')
    .option('--json', 'print JSON')
    .description('bring deleted messages back, here and at the provider')
    .action(
      (
        address: string,
        numbers: readonly string[],
        { dryRun: isDryRun = false, json, ...options }: RestoreOptions & { readonly dryRun?: boolean; readonly json?: boolean },
        command: Command,
      ) =>
        withOldStore(command, async (session) => {
          const { account, chosen, leftOut } = choose(session, { address, numbers, options });
          const messages = isDryRun ? chosen.map((one) => told(one, 'chosen')) : await restore(session, account, chosen);
          const isRunning = isServed(session.config.dataDir);
          if (json) printJson({ address: account.address, isDryRun, isRunning, messages, leftOut });
          else printAll(messages, { leftOut, address, isRunning });
          const refused = messages.filter(({ state }) => state === 'refused');
          if (refused.length > 0) throw refusedError(refused);
        }),
    );
}

function choose(
  { config, store }: CommandSession,
  given: { readonly address: string; readonly numbers: readonly string[]; readonly options: RestoreOptions },
): Choice & { readonly account: AccountRow } {
  const { address, numbers, options } = given;
  const nowMs = systemClock.nowMs();
  return store.read((reader) => {
    const account = accountOf(reader, address);
    const deleted = new DeletedMessages(reader, account.id, nowMs - config.mirror.keepExpungedMs);
    return { account, ...chooseRestores(deleted, numbers, { ...options, address, nowMs }) };
  });
}

async function restore(
  { config, store }: CommandSession,
  { id: account }: AccountRow,
  chosen: readonly Chosen[],
): Promise<readonly Restore[]> {
  const nowMs = systemClock.nowMs();
  for (let from = 0; from < chosen.length; from += ASKED_AT_ONCE) {
    await store.write((tx) => {
      for (const { number: message, mailbox, isElsewhere } of chosen.slice(from, from + ASKED_AT_ONCE)) {
        askForRestore(tx, { message, account, ...(isElsewhere ? { mailbox } : {}) }, nowMs);
      }
    });
  }
  const waiting = isServed(config.dataDir) ? await untilDone(store, account, chosen) : new Set(chosen.map(({ number }) => number));
  return chosen.map((one) => {
    if (waiting.has(one.number)) return told(one, 'waiting');
    const why = store.read((reader) => whyNotRestored(reader, one.number));
    return why === undefined ? told(one, 'restored') : { ...told(one, 'refused'), why };
  });
}

/** What is not done even so. */
async function untilDone(store: Store, account: AccountRow['id'], chosen: readonly Chosen[]): Promise<ReadonlySet<MessageId>> {
  const numbers = new Set(chosen.map(({ number }) => number));
  let left: ReadonlySet<MessageId> = numbers;
  for (let looks = 0; left.size > 0 && looks < PATIENCE_LOOKS; looks += 1) {
    await systemClock.wait(LOOK_EVERY_MS);
    const now = new Set(store.read((reader) => wantedMessages(reader, account)).filter((one) => numbers.has(one)));
    if (now.size < left.size) looks = 0;
    left = now;
  }
  return left;
}

function told({ number, mailbox }: Chosen, state: Restore['state']): Restore {
  return { number, mailbox, state };
}

function printAll(
  messages: readonly Restore[],
  { leftOut, address, isRunning }: { readonly leftOut: readonly LeftOut[]; readonly address: string; readonly isRunning: boolean },
): void {
  for (const { number, why } of leftOut.slice(0, MOST_TOLD)) print(printable(`Message ${number} ${why}.`));
  if (leftOut.length > MOST_TOLD) print(`(${leftOut.length - MOST_TOLD} more are left out like that; --json names them)`);
  printCounts(messages, 'chosen', 'would be restored to');
  printCounts(messages, 'restored', 'back in');
  printCounts(messages, 'waiting', 'to be restored to');
  const states = new Set(messages.map(({ state }) => state));
  if (states.has('chosen')) print('Nothing was changed.');
  if (states.has('restored'))
    print(`What the provider has lost it is given again; "stopgap mirror status ${address}" shows how far that is.`);
  if (states.has('waiting')) {
    print(
      isRunning
        ? 'The running "stopgap serve" has not come to it yet, and goes on with it.'
        : 'No "stopgap serve" runs: the next one restores them when it starts.',
    );
  }
}

function printCounts(messages: readonly Restore[], state: Restore['state'], words: string): void {
  const some = messages.filter((one) => one.state === state);
  for (const [mailbox, those] of Map.groupBy(some, (one) => one.mailbox))
    print(printable(`${count(those.length, 'message')} ${words} ${mailbox}.`));
}

function refusedError(refused: readonly Restore[]): MailError {
  const [first] = refused;
  const isOne = refused.length === 1;
  const text = `${count(refused.length, 'message')} could not be restored and ${isOne ? 'is' : 'are'} still kept. Message ${first?.number}: ${first?.why}`;
  return new MailError('permanent', `${text}${isOne ? '' : ' --json tells each of them.'}`, { code: 'refused' });
}
