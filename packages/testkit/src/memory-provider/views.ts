import { asId, type Flag, type IncomingSession, type RemoteMailbox } from '@stopgap/core';
import { contentId, type MemoryMailbox, type MemoryMessage } from './mail-store.ts';

export type ViewKind = 'imap' | 'roundcube' | 'jmap' | 'pop3';

/** How one kind of path shows the store behind it, and what it can do. */
export interface View {
  readonly idKind: IncomingSession['idKind'];
  readonly showsOnlyInbox: boolean;
  readonly tellsDeltas: boolean;
  readonly tellsNewIds: boolean;
  readonly canPush: boolean;
  readonly canIdle: boolean;
  /** Roundcube 1.6 trims the white space at the end of what it imports. */
  readonly trimsAppends: boolean;
  /** Undefined: not told. */
  validity(mailbox: MemoryMailbox): string | undefined;
  mailboxId(mailbox: MemoryMailbox): string;
  messageId(message: Pick<MemoryMessage, 'uid' | 'bytes'>): string;
  flags(message: MemoryMessage): readonly Flag[] | undefined;
}

/** Roundcube's rows show these and no other flags. */
const ROUNDCUBE_FLAGS: readonly Flag[] = ['$answered', '$deleted', '$flagged', '$forwarded', '$seen'];

const nameOf = (mailbox: MemoryMailbox): string => mailbox.path.join('/');
const uidOf = (message: Pick<MemoryMessage, 'uid'>): string => String(message.uid);

export const VIEWS: Readonly<Record<ViewKind, View>> = {
  imap: {
    idKind: 'imap-uid',
    showsOnlyInbox: false,
    validity: (mailbox) => String(mailbox.validity),
    tellsDeltas: true,
    tellsNewIds: true,
    canPush: true,
    canIdle: true,
    trimsAppends: false,
    mailboxId: nameOf,
    messageId: uidOf,
    flags: (message) => message.flags,
  },
  roundcube: {
    idKind: 'imap-uid',
    showsOnlyInbox: false,
    validity: () => undefined,
    tellsDeltas: false,
    tellsNewIds: false,
    canPush: true,
    canIdle: false,
    trimsAppends: true,
    mailboxId: nameOf,
    messageId: uidOf,
    flags: (message) => message.flags.filter((flag) => ROUNDCUBE_FLAGS.includes(flag)),
  },
  jmap: {
    idKind: 'jmap',
    showsOnlyInbox: false,
    // Of the account: the ids of its mailboxes are never used again.
    validity: () => 'account',
    tellsDeltas: true,
    tellsNewIds: true,
    canPush: true,
    canIdle: false,
    trimsAppends: false,
    // A mailbox keeps its id when it is renamed.
    mailboxId: (mailbox) => `B${mailbox.created}`,
    messageId: (message) => contentId(message.bytes),
    flags: (message) => message.flags,
  },
  pop3: {
    idKind: 'uidl',
    showsOnlyInbox: true,
    validity: () => undefined,
    tellsDeltas: false,
    tellsNewIds: false,
    canPush: false,
    canIdle: false,
    trimsAppends: false,
    mailboxId: nameOf,
    // Dovecot's default: UIDVALIDITY and UID, in hex.
    messageId: (message) => `u${message.uid.toString(16).padStart(8, '0')}`,
    flags: () => undefined,
  },
};

export function shown(mailbox: MemoryMailbox, view: View): RemoteMailbox {
  const validity = view.validity(mailbox);
  return {
    id: asId.remoteMailbox(view.mailboxId(mailbox)),
    path: mailbox.path,
    ...(mailbox.role === undefined ? {} : { role: mailbox.role }),
    isSelectable: true,
    isSubscribed: mailbox.isSubscribed,
    ...(validity === undefined ? {} : { validity }),
    ...(view.idKind === 'imap-uid' && validity !== undefined ? { state: `${validity}.${mailbox.uidNext}.${mailbox.modSeq}` } : {}),
    messages: idsOf(mailbox.messages, view).size,
  };
}

/** Where ids are made of content, equal messages of one mailbox are one. */
export function idsOf(messages: readonly MemoryMessage[], view: View): Map<string, MemoryMessage> {
  return new Map(messages.map((message) => [view.messageId(message), message]));
}
