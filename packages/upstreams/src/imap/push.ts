import type { RemotePush } from '@stopgap/core';
import { appendMessage } from './append.ts';
import { changeFlags } from './change-flags.ts';
import type { ImapConnection } from './connection.ts';
import { isPlainRefusal, refusedAlone } from './errors.ts';
import { expungeMessages } from './expunge.ts';
import { createMailbox, deleteMailbox, renameMailbox, subscribe } from './mailboxes.ts';
import { moveMessages } from './move.ts';

export function createPush(connection: ImapConnection): RemotePush {
  const told = <T>(change: Promise<T>): Promise<T> =>
    change.catch((error: unknown) => {
      throw isPlainRefusal(error) ? refusedAlone(error, connection.host) : error;
    });
  return {
    changeFlags: (mailbox, ids, change, signal) => told(changeFlags(connection, { mailbox, ids, change, signal })),
    move: (mailbox, ids, target, signal) => told(moveMessages(connection, { mailbox, ids, target, signal })),
    append: (mailbox, message, signal) => told(appendMessage(connection, { mailbox, message, signal })),
    expunge: (mailbox, ids, signal) => told(expungeMessages(connection, { mailbox, ids, signal })),
    createMailbox: (path, signal) => told(createMailbox(connection, path, signal)),
    renameMailbox: (mailbox, path, signal) => told(renameMailbox(connection, { mailbox, path, signal })),
    deleteMailbox: (mailbox, signal) => told(deleteMailbox(connection, mailbox, signal)),
    subscribe: (mailbox, isSubscribed, signal) => told(subscribe(connection, { mailbox, isSubscribed, signal })),
  };
}
