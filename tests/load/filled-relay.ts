import { resolve } from 'node:path';
import { asId } from '@stopgap/core';
import type { Relay } from '../relay/index.ts';
import { fill, openMail, untilIndexed, wholeMessage } from './filled-mail.ts';
import type { FullMailbox } from './full-mailboxes.ts';
import type { ImapTarget } from './imap-line.ts';
import { startLoadedRelay } from './loaded-relay.ts';

export interface FilledRelay extends AsyncDisposable {
  readonly relay: Relay;
  /** One for each user. */
  readonly targets: readonly ImapTarget[];
}

/** A relay whose provider is dead and who has all mail here: these mailboxes for each of the users, searchable. */
export async function startFilledRelay(
  mailboxes: readonly FullMailbox[],
  options: { readonly users: readonly string[]; readonly connections?: number; readonly profileDir?: string | undefined },
): Promise<FilledRelay> {
  const addresses = options.users.map((user) => `${user}@provider.test`);
  const loaded = await startLoadedRelay({ addresses, ...(options.connections === undefined ? {} : { connections: options.connections }) });
  try {
    await loaded.relay.end();
    await fillAll(loaded.relay.dataDir, addresses, mailboxes);
    const { profileDir } = options;
    const relay = await loaded.relay.again(
      profileDir === undefined ? {} : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${resolve(profileDir)}` },
    );
    return {
      relay,
      targets: addresses.map((user) => ({ port: relay.ports.imap, user, password: loaded.target.password })),
      async [Symbol.asyncDispose]() {
        await relay.end();
        await loaded[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await loaded[Symbol.asyncDispose]();
    throw error;
  }
}

async function fillAll(dataDir: string, addresses: readonly string[], mailboxes: readonly FullMailbox[]): Promise<void> {
  await using open = await openMail(dataDir);
  for (const account of addresses.map(asId.account)) {
    let first = 0;
    for (const mailbox of mailboxes) {
      const { name, messages } = mailbox;
      await fill(open, { account, name, messages }, wholeMessage(open, { ...mailbox, first }));
      first += messages;
    }
    await untilIndexed(open, account);
  }
}
