import { Secret, systemClock, type MailboxRole } from '@stopgap/core';
import { incomingContract, type IncomingCan, type IncomingWorld } from '../incoming-contract.ts';
import type { MemoryAccount } from './mail-store.ts';
import { MemoryProvider } from './memory-provider.ts';
import type { ViewKind } from './views.ts';

const ALICE = 'alice@memory.test';
const CALM = new AbortController().signal;
const ROLES: readonly MailboxRole[] = ['inbox', 'sent'];

/** The store behind a path, in the words of the contract. */
function worldOf(kind: ViewKind): IncomingWorld {
  const provider = new MemoryProvider({ clock: systemClock, kinds: [kind] });
  const account = provider.addAccount(ALICE);
  account.createMailbox('Sent', 'sent');
  const { path, upstream, faults, open } = provider.paths[kind];
  const uidAt = (name: string, place: number): number => account.mailbox(name).messages[place]?.uid ?? -1;
  return {
    store: backDoorOf(account, uidAt),
    async open() {
      faults.isDown = false;
      const session = await upstream.open?.(path, () => Promise.resolve({ username: ALICE, password: new Secret('sesame') }), CALM);
      if (!session) throw new Error(`${kind} has no sessions`);
      return session;
    },
    async cut() {
      for (const session of open) await session.close();
    },
    close: () => Promise.resolve(),
  };
}

function backDoorOf(account: MemoryAccount, uidAt: (name: string, place: number) => number): IncomingWorld['store'] {
  const name = (path: readonly string[]): string => path.join('/');
  const done = Promise.resolve();
  return {
    append: (path, { bytes, ...rest }) => (account.deliver(name(path), bytes, rest), done),
    changeFlags: (path, places, change) => {
      for (const place of places) account.changeFlags(name(path), uidAt(name(path), place), change);
      return done;
    },
    expunge: (path, places) => {
      for (const uid of places.map((place) => uidAt(name(path), place))) account.expunge(name(path), uid);
      return done;
    },
    messages: (path) =>
      Promise.resolve((account.find(name(path))?.messages ?? []).map(({ bytes, flags, receivedAtMs }) => ({ bytes, flags, receivedAtMs }))),
    mailboxes: () => Promise.resolve(account.mailboxes.map((mailbox) => name(mailbox.path))),
    createMailbox: (path) => {
      account.createMailbox(name(path)).isSubscribed = false;
      return done;
    },
    renameMailbox: (path, to) => (account.renameMailbox(name(path), name(to)), done),
    deleteMailbox: (path) => (account.deleteMailbox(name(path)), done),
  };
}

const IMAP: IncomingCan = {
  mailboxes: true,
  roles: ROLES,
  seesNewMail: true,
  flags: true,
  keywords: true,
  sizes: true,
  dates: true,
  delta: true,
  state: true,
  validity: true,
  find: true,
  idle: true,
  push: true,
  subscribe: true,
  exactExpunge: true,
};

incomingContract('IMAP, of the provider in memory', { can: IMAP, start: () => Promise.resolve(worldOf('imap')) });
incomingContract('Roundcube, of the provider in memory', {
  can: {
    ...IMAP,
    keywords: false,
    delta: false,
    state: false,
    validity: false,
    idle: false,
    trimsAppended: 'as Roundcube 1.6 does',
  },
  start: () => Promise.resolve(worldOf('roundcube')),
});
incomingContract('JMAP, of the provider in memory', {
  can: { ...IMAP, state: false, validity: false, idle: false, mergesEqual: true },
  start: () => Promise.resolve(worldOf('jmap')),
});
incomingContract('POP3, of the provider in memory', {
  can: {
    ...IMAP,
    mailboxes: false,
    roles: ['inbox'],
    flags: false,
    keywords: false,
    dates: false,
    delta: false,
    state: false,
    validity: false,
    find: false,
    idle: false,
    push: false,
    subscribe: false,
  },
  start: () => Promise.resolve(worldOf('pop3')),
});
