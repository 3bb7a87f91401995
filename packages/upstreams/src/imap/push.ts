import type { RemotePush } from '@stopgap/core';
import { appendMessage } from './append.ts';
import { changeFlags } from './change-flags.ts';
import type { ImapConnection } from './connection.ts';
import { expungeMessages } from './expunge.ts';
import { createMailbox, deleteMailbox, renameMailbox, subscribe } from './mailboxes.ts';
import { moveMessages } from './move.ts';

export function createPush(connection: ImapConnection): RemotePush {
  return {
    changeFlags: (mailbox, ids, change, signal) => changeFlags(connection, { mailbox, ids, change, signal }),
    move: (mailbox, ids, target, signal) => moveMessages(connection, { mailbox, ids, target, signal }),
    append: (mailbox, message, signal) => appendMessage(connection, { mailbox, message, signal }),
    expunge: (mailbox, ids, signal) => expungeMessages(connection, { mailbox, ids, signal }),
    createMailbox: (path, signal) => createMailbox(connection, path, signal),
    renameMailbox: (mailbox, path, signal) => renameMailbox(connection, { mailbox, path, signal }),
    deleteMailbox: (mailbox, signal) => deleteMailbox(connection, mailbox, signal),
    subscribe: (mailbox, isSubscribed, signal) => subscribe(connection, { mailbox, isSubscribed, signal }),
  };
}
