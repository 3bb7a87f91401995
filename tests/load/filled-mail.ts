/* Mail put straight into a store, as the mirror would have it there: through package mailbox, newest first, many in one transaction. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asId, systemClock, type AccountId, type MailboxId } from '@stopgap/core';
import { digestOf } from '@stopgap/message';
import { addMessage, createMailbox, openMailboxes, type Mailboxes, type NewMessage } from '@stopgap/mailbox';
import { findMailboxByName, openStore, putAccount, type Store } from '@stopgap/store';
import type { FullMailbox } from './full-mailboxes.ts';
import { mailText } from './mail-text.ts';

export const LOADED_ACCOUNT = asId.account('alice@provider.test');
const PER_WRITE = 100;
const START_MS = Date.UTC(2026, 0, 1);
const APART_MS = 600_000;

export interface OpenMail extends AsyncDisposable {
  readonly store: Store;
  readonly mail: Mailboxes;
  readonly dataDir: string;
}

/** Opens the mail of a data directory that nobody else has open; none given: of a new one with one account, removed at the end. */
export async function openMail(givenDir?: string): Promise<OpenMail> {
  const dataDir = givenDir ?? (await mkdtemp(join(tmpdir(), 'stopgap-mail-')));
  const store = await openStore({ dataDir, clock: systemClock });
  if (givenDir === undefined) {
    const id = LOADED_ACCOUNT;
    await store.write((tx) =>
      putAccount(tx, { id, address: id, provider: asId.provider('load'), name: '', state: 'active', createdAtMs: 0 }),
    );
  }
  const mail = openMailboxes({ store, dataDir, clock: systemClock, keepExpungedMs: 0 });
  return {
    store,
    mail,
    dataDir,
    async [Symbol.asyncDispose]() {
      await mail.close();
      await store.close();
      if (givenDir === undefined) await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** Fills a mailbox, made if it is not there, with messages 1 to `messages`, newest first as a first sync does. */
export async function fill(
  { store, mail }: Pick<OpenMail, 'store' | 'mail'>,
  into: { readonly account?: AccountId; readonly name?: string; readonly messages: number },
  make: (mailbox: MailboxId, n: number) => NewMessage | Promise<NewMessage>,
): Promise<MailboxId> {
  const { account = LOADED_ACCOUNT, name = 'INBOX', messages } = into;
  const mailbox =
    store.read((reader) => findMailboxByName(reader, account, name))?.id ??
    (await mail.write(account, (tx) => createMailbox(tx, { name, isSubscribed: true, by: 'upstream' }).id));
  for (let from = messages; from > 0; from -= PER_WRITE) {
    const batch = await Promise.all(
      Array.from({ length: Math.min(PER_WRITE, from) }, (_, index) => Promise.resolve(make(mailbox, from - index))),
    );
    await mail.write(account, (tx) => batch.map((one) => addMessage(tx, one)));
  }
  return mailbox;
}

/** The n-th text of `textOf` behind the first ones, with its bytes: what `full-mailboxes.ts` puts into a Maildir. */
export function wholeMessage(
  { store }: Pick<OpenMail, 'store'>,
  { first, sizeBytes, textOf = mailText }: Pick<FullMailbox, 'sizeBytes' | 'textOf'> & { readonly first: number },
): Parameters<typeof fill>[2] {
  return async (mailbox, n) => {
    const bytes = Buffer.from(textOf(first + n - 1, sizeBytes).replaceAll('\n', '\r\n'));
    const writer = store.blobs.stage();
    await writer.write(bytes);
    return {
      mailbox,
      blob: await writer.finish(),
      digest: digestOf(bytes),
      completeness: 'raw',
      receivedAtMs: START_MS + n * APART_MS,
      flags: n % 2 === 1 ? ['$seen'] : [],
      by: 'upstream',
    };
  };
}

/** Waits until all of it can be searched. */
export async function untilIndexed({ mail }: Pick<OpenMail, 'mail'>, account: AccountId = LOADED_ACCOUNT): Promise<void> {
  for (;;) {
    const { isComplete } = await mail.search(account, { kind: 'text', field: 'text', value: 'needle' }, { limit: 1 });
    if (isComplete) return;
  }
}
