import { MailError } from '@stopgap/core';
import {
  createMailbox,
  deleteMailbox,
  INBOX,
  mailboxName,
  renameMailbox,
  setSubscribed,
  unsubscribeName,
  type MailTx,
} from '@stopgap/mailbox';
import { countMarked, findMailboxByName, findMailboxByRole, listSubscribedNames } from '@stopgap/store';
import type { ImapSession, SpecialUse } from '../session.ts';
import type { LoggedIn } from '../settings.ts';
import { MailboxAppend } from './append.ts';
import type { MailboxSessionDeps, Owner } from './deps.ts';
import { mailboxCalled, mailboxIdOf, mailboxNamed, roleOf, statusOf, useOf } from './mailbox-rows.ts';
import { openMailbox } from './open-mailbox.ts';
import { readOnlyError } from './read-only.ts';
import { copyOrMove } from './transfer.ts';
import { EVERY_UID } from './uid-pages.ts';
import { deletedInWaiting, openWaiting, WAITING_NAME, waitingStatus, type Waiting } from './waiting-mailbox.ts';

/** Binds the seam to package mailbox: one logged-in connection on the mail of its account. */
export async function openMailboxSession({ account }: Pick<LoggedIn, 'account'>, deps: MailboxSessionDeps): Promise<ImapSession> {
  const owner: Owner = { deps, account };
  await seeToInbox(owner);
  const session = ownMailboxes(owner);
  return deps.waiting ? withWaiting(session, { ...owner, mail: deps.waiting }) : session;
}

function ownMailboxes(owner: Owner): ImapSession {
  const { deps, account } = owner;
  const { store, mailboxes, quotaBytes } = deps;
  const named = (name: string) => store.read((reader) => mailboxNamed(reader, account, name));
  return {
    appendLimitBytes: deps.messageBytes,
    async list() {
      const there = mailboxes.list(account).map((row) => {
        const use = useOf(row.role);
        return { name: row.name, ...(use === undefined ? {} : { use }), isSubscribed: row.isSubscribed, status: statusOf(row) };
      });
      const gone = store.read((reader) => listSubscribedNames(reader, account));
      return [...there, ...gone.map((name) => ({ name, isSubscribed: true, isGone: true as const }))];
    },
    async status(name) {
      const row = store.read((reader) => mailboxCalled(reader, account, name));
      return row && statusOf(row);
    },
    async deletedIn(name) {
      const { total, sizeBytes } = store.read((reader) => countMarked(reader, mailboxNamed(reader, account, name).id));
      return { messages: total, sizeBytes };
    },
    create: (name, use) => create(owner, name, use),
    delete: (name) => changeOne(owner, (mail) => deleteMailbox(mail, mailboxNamed(mail.tx, account, name).id, 'here')),
    rename: (from, to) => rename(owner, from, to),
    subscribe: (name, isSubscribed) => changeOne(owner, (mail) => subscribe(mail, name, isSubscribed)),
    async append(name) {
      return new MailboxAppend(owner, named(name));
    },
    async open(name, options) {
      return openMailbox(owner, named(name), options);
    },
    async quota() {
      const usedBytes = mailboxes.list(account).reduce((sum, row) => sum + row.sizeBytes, 0);
      return { usedBytes, ...(quotaBytes === undefined ? {} : { limitBytes: quotaBytes }) };
    },
    close: () => undefined,
  };
}

/** With one more mailbox: what has not left. */
function withWaiting(session: ImapSession, waiting: Waiting): ImapSession {
  const isIt = (name: string): boolean => name === WAITING_NAME;
  return {
    ...session,
    list: async () => [
      ...(await session.list()).filter(({ name }) => !isIt(name)),
      {
        name: WAITING_NAME,
        isSubscribed: true,
        // The queue is looked at for who asks.
        get status() {
          return waitingStatus(waiting);
        },
      },
    ],
    status: async (name) => (isIt(name) ? waitingStatus(waiting) : await session.status(name)),
    deletedIn: async (name) => (isIt(name) ? deletedInWaiting(waiting) : await session.deletedIn(name)),
    create: async (name, use) => {
      if (isIt(name)) throw new MailError('permanent', 'It is there.', { code: 'mailbox-exists', reply: 'this mailbox is there already' });
      return await session.create(name, use);
    },
    delete: async (name) => await (isIt(name) ? refuse() : session.delete(name)),
    rename: async (from, to) => await (isIt(from) || isIt(to) ? refuse() : session.rename(from, to)),
    subscribe: async (name, isSubscribed) => (isIt(name) ? undefined : await session.subscribe(name, isSubscribed)),
    append: async (name) => await (isIt(name) ? refuse() : session.append(name)),
    open: async (name, options) => (isIt(name) ? openWaiting(waiting, options) : await session.open(name, options)),
  };
}

function refuse(): never {
  throw readOnlyError();
}

/** RFC 9051 5.1: it is always there, also before the mirror has seen anything. Upstream has its own, so nobody is told. */
async function seeToInbox({ deps: { store, mailboxes }, account }: Owner): Promise<void> {
  if (store.read((reader) => findMailboxByName(reader, account, INBOX))) return;
  await mailboxes.write(account, (mail) => {
    if (!findMailboxByName(mail.tx, account, INBOX)) createMailbox(mail, { name: INBOX, isSubscribed: true, by: 'upstream' });
  });
}

async function create(owner: Owner, name: string, use: SpecialUse | undefined): Promise<{ readonly mailboxId: string }> {
  const { account } = owner;
  return await changeOne(owner, (mail) => {
    const role = use === undefined ? undefined : roleOf(use);
    if (use !== undefined && (role === undefined || findMailboxByRole(mail.tx, account, role))) throw useTaken();
    // RFC 9051 6.3.4: a hierarchy separator at its end says that others will be made below it.
    const plain = name.replace(/\/$/, '');
    const row = createMailbox(mail, { name: mailboxName(plain), ...(role === undefined ? {} : { role }), isSubscribed: false, by: 'here' });
    return { mailboxId: mailboxIdOf(row) };
  });
}

function subscribe(mail: MailTx, name: string, isSubscribed: boolean): void {
  if (!isSubscribed && !mailboxCalled(mail.tx, mail.account, name)) unsubscribeName(mail, name);
  else setSubscribed(mail, mailboxNamed(mail.tx, mail.account, name).id, { isSubscribed, by: 'here' });
}

/** RFC 9051 6.3.6: of INBOX it is the messages that go, and it stays. */
async function rename(owner: Owner, from: string, to: string): Promise<void> {
  const { deps, account } = owner;
  if (from === INBOX) {
    await create(owner, to, undefined);
    const inbox = deps.store.read((reader) => mailboxNamed(reader, account, INBOX));
    await copyOrMove(owner, inbox, { ranges: EVERY_UID, target: to, isMove: true });
    return;
  }
  await changeOne(owner, (mail) => renameMailbox(mail, mailboxNamed(mail.tx, account, from).id, { name: to, by: 'here' }));
}

async function changeOne<T>({ deps, account }: Owner, job: Parameters<typeof deps.mailboxes.write<T>>[1]): Promise<T> {
  const value = await deps.mailboxes.write(account, job);
  deps.changed(account);
  return value;
}

function useTaken(): MailError {
  return new MailError('permanent', 'Another mailbox has this use.', { code: 'use-taken', reply: 'another mailbox has this use' });
}
