import { asId, MailError, systemClock, type SubmissionId } from '@stopgap/core';
import { cancel, hold, queueDetail, release, resolve, retryNow, type Changed, type Resolution } from '@stopgap/outbox';
import type { Store } from '@stopgap/store';
import { Option, type Command } from 'commander';
import { withOldStore } from '../session.ts';
import { count, print } from '../table.ts';

interface Change {
  readonly name: string;
  readonly description: string;
  readonly run: (...args: Parameters<typeof hold>) => Promise<Changed & { readonly asked?: number }>;
  /** `2 recipients ...` */
  readonly done: string;
  /** When there was no recipient to do it to: `No recipient of ID ...` */
  readonly none: string;
}

const CHANGES: readonly Change[] = [
  { name: 'hold', description: 'no attempts until release', run: hold, done: 'held', none: 'waits without being held' },
  { name: 'release', description: 'goes on after hold', run: release, done: 'released', none: 'is held' },
  { name: 'cancel', description: 'give up what has not left', run: cancel, done: 'cancelled', none: 'waits' },
];

/** `2 recipients ...` */
const RESOLVED: Readonly<Record<Resolution, string>> = {
  delivered: 'now counted as delivered',
  resend: 'will be sent again',
  cancelled: 'given up, and not sent again',
};

/** `retry`, `hold`, `release`, `cancel`, `resolve`: they change rows; the worker of a running `serve` sees them within a second. */
export function addQueueChanges(queue: Command): void {
  queue
    .command('retry')
    .argument('[id]')
    .option('--all', 'everything that waits')
    .description('try now')
    .action((id: string | undefined, options: { all?: boolean }, command: Command) => {
      if ((id === undefined) === (options.all !== true))
        throw new MailError('permanent', 'Name a submission, or say --all.', { code: 'usage' });
      return withOldStore(command, async ({ store }) => {
        const { changed } = await retryNow({ store, clock: systemClock }, id === undefined ? undefined : known(store, id));
        if (changed > 0) print(`${count(changed, 'recipient')} will be tried now.`);
        else print(id === undefined ? 'Nothing waits.' : `Nothing to try: no recipient of ${id} waits.`);
      });
    });

  for (const change of CHANGES) addChange(queue, change);

  queue
    .command('resolve')
    .argument('<id>')
    .addOption(
      new Option('--as <how>', 'delivered: it did arrive; resend: send it (again); cancelled: it did not, and is not sent again')
        .choices(Object.keys(RESOLVED))
        .makeOptionMandatory(),
    )
    .description('decide about an attempt whose end is unknown (unsure)')
    .action((id: string, options: { as: Resolution }, command: Command) =>
      withOldStore(command, async ({ store }) => {
        const { changed } = await resolve({ store, clock: systemClock }, known(store, id), options.as);
        if (changed === 0)
          throw new MailError('permanent', `${id} has no recipient in state unsure: nothing to decide.`, { code: 'nothing-to-do' });
        print(`${count(changed, 'recipient')} ${RESOLVED[options.as]}.`);
      }),
    );
}

function addChange(queue: Command, { name, description, run, done, none }: Change): void {
  queue
    .command(name)
    .argument('<id>')
    .description(description)
    .action((id: string, _options: unknown, command: Command) =>
      withOldStore(command, async ({ store }) => {
        const { changed, underWay, asked = 0 } = await run({ store, clock: systemClock }, known(store, id));
        const unsure = name === 'cancel' ? unsureSentence(store, id) : undefined;
        if (changed > 0) print(`${count(changed, 'recipient')} ${done}.`);
        else if (asked + underWay === 0 && unsure !== undefined) throw new MailError('permanent', unsure, { code: 'unsure' });
        else if (asked + underWay === 0) print(`Nothing changed: no recipient of ${id} ${none}.`);
        if (underWay > 0)
          print(
            `${count(underWay, 'recipient')} leaving at this moment${name === 'cancel' ? ', and not tried again' : ''}; "stopgap queue show ${id}" tells how it ends.`,
          );
        if (unsure !== undefined) print(unsure);
      }),
    );
}

/** Undefined: nobody may have it already. */
function unsureSentence(store: Store, id: string): string | undefined {
  const recipients = store.read((reader) => queueDetail(reader, asId.submission(id)))?.recipients ?? [];
  const unsure = recipients.filter(({ state }) => state === 'unsure').length;
  if (unsure === 0) return undefined;
  return `${count(unsure, 'recipient')} of ${id} may have it already (unsure) and will not get it again by itself: "stopgap queue resolve ${id} --as delivered" ends it, so does "--as cancelled"; "--as resend" sends it again.`;
}

/** @throws when there is no such submission */
export function known(store: Store, id: string): SubmissionId {
  const submission = asId.submission(id);
  if (store.read((reader) => queueDetail(reader, submission))) return submission;
  throw new MailError('permanent', `There is no submission ${id}. "stopgap queue list" shows those that wait.`, { code: 'not-there' });
}
