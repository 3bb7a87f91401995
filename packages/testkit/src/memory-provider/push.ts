import {
  asId,
  type MovedIds,
  type RemoteAppend,
  type RemoteMailbox,
  type RemoteMailboxId,
  type RemoteMessageId,
  type RemotePush,
} from '@stopgap/core';
import type { MemoryAccount, MemoryMailbox } from './mail-store.ts';
import { changeRefused, lostAnswer, notANewName, notEmpty, unreadable, type PathFaults } from './path-faults.ts';
import { shown, type View } from './views.ts';

interface PushGround {
  readonly account: MemoryAccount;
  readonly view: View;
  readonly faults: PathFaults;
  readonly call: <T>(name: string, signal: AbortSignal, answer: () => T) => Promise<T>;
  readonly mailboxOf: (id: RemoteMailboxId) => MemoryMailbox;
}

const nameOf = (mailbox: MemoryMailbox): string => mailbox.path.join('/');

export function pushOf({ account, view, faults, call, mailboxOf }: PushGround): RemotePush {
  /** A change, whose answer may be lost. */
  const change = <T>(name: string, signal: AbortSignal, run: () => T): Promise<T> =>
    call(name, signal, () => {
      if (faults.refusesChanges !== undefined) throw changeRefused(faults.refusesChanges);
      const loses = faults.losesAnswer;
      faults.losesAnswer = undefined;
      if (loses === 'before') throw lostAnswer();
      const result = run();
      if (loses === 'after') throw lostAnswer();
      return result;
    });
  const uidsOf = (mailbox: MemoryMailbox, ids: readonly RemoteMessageId[]): readonly (readonly [RemoteMessageId, number])[] =>
    ids.flatMap((id) => mailbox.messages.filter((message) => view.messageId(message) === id).map((message) => [id, message.uid] as const));
  const withIds = (mailbox: MemoryMailbox): RemoteMailbox => shown(mailbox, view);
  return {
    changeFlags: (id, ids, flags, signal) =>
      change('changeFlags', signal, () => {
        const mailbox = mailboxOf(id);
        for (const [, uid] of uidsOf(mailbox, ids)) account.changeFlags(nameOf(mailbox), uid, flags);
      }),
    move: (id, ids, target, signal) =>
      change('move', signal, (): MovedIds => {
        const from = mailboxOf(id);
        const to = mailboxOf(target);
        const moved = new Map<RemoteMessageId, RemoteMessageId>();
        for (const [old, uid] of uidsOf(from, ids)) {
          const bytes = from.messages.find((message) => message.uid === uid)?.bytes;
          const next = account.move(nameOf(from), uid, nameOf(to));
          if (bytes && next !== undefined && view.tellsNewIds) moved.set(old, asId.remoteMessage(view.messageId({ uid: next, bytes })));
        }
        return moved;
      }),
    append: async (id, message, signal) => {
      const bytes = await bytesOf(message);
      // Roundcube imports first and marks afterwards.
      const flags = view.trimsAppends && faults.losesAnswer === 'after' ? [] : message.flags;
      return change('append', signal, () => {
        const stored = view.trimsAppends ? trimmed(bytes) : bytes;
        const mailbox = mailboxOf(id);
        // Where ids are made of content, what is there already is not stored again.
        if (view.idKind === 'jmap') {
          const there = mailbox.messages.find((one) => one.bytes.equals(stored));
          if (there) return asId.remoteMessage(view.messageId(there));
        }
        const uid = account.deliver(nameOf(mailbox), stored, { ...message, flags });
        return view.tellsNewIds ? asId.remoteMessage(view.messageId({ uid, bytes: stored })) : undefined;
      });
    },
    expunge: (id, ids, signal) =>
      change('expunge', signal, () => {
        const mailbox = mailboxOf(id);
        for (const [, uid] of uidsOf(mailbox, ids)) account.expunge(nameOf(mailbox), uid);
      }),
    createMailbox: (path, signal) =>
      change('createMailbox', signal, () => {
        if (!path.every(isName)) throw notANewName();
        const isThere = account.find(path.join('/')) !== undefined;
        const made = account.createMailbox(path.join('/'));
        // RFC 9051 6.3.4: CREATE subscribes to nothing; webmails and JMAP do both.
        if (view.idKind === 'imap-uid' && !isThere) made.isSubscribed = false;
        return withIds(made);
      }),
    renameMailbox: (id, path, signal) =>
      change('renameMailbox', signal, () => {
        const mailbox = mailboxOf(id);
        if (!path.every(isName) || account.find(path.join('/'))) throw notANewName();
        account.renameMailbox(nameOf(mailbox), path.join('/'));
        return withIds(mailbox);
      }),
    deleteMailbox: (id, signal) =>
      change('deleteMailbox', signal, () => {
        const mailbox = mailboxOf(id);
        if (view.idKind === 'jmap' && mailbox.messages.length > 0) throw notEmpty();
        account.deleteMailbox(nameOf(mailbox));
      }),
    subscribe: (id, isSubscribed, signal) =>
      change('subscribe', signal, () => {
        mailboxOf(id).isSubscribed = isSubscribed;
      }),
  };
}

async function bytesOf(message: RemoteAppend): Promise<Buffer> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of message.open()) chunks.push(chunk);
  } catch (error) {
    throw unreadable(error);
  }
  return Buffer.concat(chunks);
}

function trimmed(bytes: Buffer): Buffer {
  return Buffer.from(bytes.toString('latin1').trimEnd(), 'latin1');
}

function isName(part: string): boolean {
  return part !== '' && !/[\x00-\x1f\x7f]/.test(part);
}
