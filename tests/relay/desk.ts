import { asId, systemClock, type FlagChange, type Flag, type MailboxId, type MessageId } from '@stopgap/core';
import {
  addMessage,
  changeFlags,
  copyMessages,
  createMailbox,
  deleteMailbox,
  expungeMessages,
  moveMessages,
  openMailboxes,
  renameMailbox,
  restoreMessage,
  setSubscribed,
  type MailTx,
} from '@stopgap/mailbox';
import { digestOf } from '@stopgap/message';
import { findMailboxByName, findMessageView, listMailboxMessages, openStore, type Reader, type Store } from '@stopgap/store';
import type { Relay } from './relay.ts';

const EVERYTHING = 1_000_000;
const KEEP_EXPUNGED_MS = 30 * 24 * 3_600_000;

/**
 * What a person does with the mail that is here, as a door does it for them: by the operations of package mailbox, each in a transaction of its own, in the
 * store of a relay that may run meanwhile. A message is named by the local part of its Message-ID.
 */
export interface Desk extends AsyncDisposable {
  flag(mailbox: string, message: string, change: Partial<FlagChange>): Promise<void>;
  move(mailbox: string, message: string, to: string): Promise<void>;
  copy(mailbox: string, message: string, to: string): Promise<void>;
  expunge(mailbox: string, messages: readonly string[]): Promise<void>;
  append(mailbox: string, bytes: Buffer, flags?: readonly Flag[]): Promise<void>;
  /** The message that was expunged under this id comes back to where it was. False: it can not. */
  restore(id: MessageId): Promise<boolean>;
  create(mailbox: string): Promise<void>;
  rename(mailbox: string, to: string): Promise<void>;
  remove(mailbox: string): Promise<void>;
  subscribe(mailbox: string, isSubscribed: boolean): Promise<void>;
  /** Its id here, which stays whatever happens to the message. */
  idOf(mailbox: string, message: string): MessageId;
}

export async function openDesk({ dataDir }: Pick<Relay, 'dataDir'>, address: string): Promise<Desk> {
  const account = asId.account(address);
  const store = await openStore({ dataDir, clock: systemClock });
  const mailboxes = openMailboxes({ store, dataDir, clock: systemClock, keepExpungedMs: KEEP_EXPUNGED_MS });
  const placeOf = (reader: Reader, name: string): MailboxId => {
    const found = findMailboxByName(reader, account, name);
    if (!found) throw new Error(`there is no mailbox ${name} here`);
    return found.id;
  };
  const messageIn = (reader: Reader, mailbox: string, message: string): MessageId => {
    const rows = listMailboxMessages(reader, placeOf(reader, mailbox), { afterUid: 0, limit: EVERYTHING });
    const found = rows.find(({ id }) => findMessageView(reader, id)?.envelope.messageId?.startsWith(`<${message}@`) === true);
    if (!found) throw new Error(`there is no message ${message} in ${mailbox} here`);
    return found.id;
  };
  const done = async (job: (mail: MailTx) => unknown): Promise<void> => void (await mailboxes.write(account, job));
  return {
    flag: (mailbox, message, { add = [], remove = [] }) =>
      done((mail) => changeFlags(mail, [messageIn(mail.tx, mailbox, message)], { add, remove }, 'here')),
    move: (mailbox, message, to) =>
      done((mail) => moveMessages(mail, [messageIn(mail.tx, mailbox, message)], placeOf(mail.tx, to), 'here')),
    copy: (mailbox, message, to) =>
      done((mail) => copyMessages(mail, [messageIn(mail.tx, mailbox, message)], placeOf(mail.tx, to), 'here')),
    expunge: (mailbox, messages) =>
      done((mail) =>
        expungeMessages(
          mail,
          messages.map((message) => messageIn(mail.tx, mailbox, message)),
          'here',
        ),
      ),
    async append(mailbox, bytes, flags = []) {
      const blob = await staged(store, bytes);
      const rest = { blob, digest: digestOf(bytes), completeness: 'raw', receivedAtMs: systemClock.nowMs(), flags, by: 'here' } as const;
      await done((mail) => addMessage(mail, { mailbox: placeOf(mail.tx, mailbox), ...rest }));
    },
    restore: (id) => mailboxes.write(account, (mail) => restoreMessage(mail, id, { by: 'here' }) !== undefined),
    create: (name) => done((mail) => createMailbox(mail, { name, isSubscribed: true, by: 'here' })),
    rename: (mailbox, name) => done((mail) => renameMailbox(mail, placeOf(mail.tx, mailbox), { name, by: 'here' })),
    remove: (mailbox) => done((mail) => deleteMailbox(mail, placeOf(mail.tx, mailbox), 'here')),
    subscribe: (mailbox, isSubscribed) => done((mail) => setSubscribed(mail, placeOf(mail.tx, mailbox), { isSubscribed, by: 'here' })),
    idOf: (mailbox, message) => store.read((reader) => messageIn(reader, mailbox, message)),
    async [Symbol.asyncDispose]() {
      await mailboxes.close();
      await store.close();
    },
  };
}

async function staged(store: Store, bytes: Buffer): ReturnType<ReturnType<Store['blobs']['stage']>['finish']> {
  const writer = store.blobs.stage();
  await writer.write(bytes);
  return writer.finish();
}
