import { MailError, type RemoteAppend } from '@stopgap/core';
import { changeFlags, expungeMessages, type MailTx } from '@stopgap/mailbox';
import {
  endIntent,
  findMailbox,
  findMessage,
  findMessageView,
  findRemoteMessage,
  listMailboxMessages,
  putRemoteMessage,
  type MessageRow,
} from '@stopgap/store';
import { idsOf, pushOf, targetOf, type Carrier } from './carrier.ts';
import { refuseIfChanged } from './changed-meanwhile.ts';
import { looseHash } from './content.ts';
import type { CarryRun } from './push-back.ts';
import type { Place } from './round.ts';

/** Sent messages that are compared with a new one: the webmail's copy came at the same time. */
const LATEST_SENT = 50;

export async function carryAppend(carrier: Carrier, { group, begin, carried }: CarryRun): Promise<void> {
  const { deps, account } = carrier.round;
  const intent = group[0];
  if (intent?.message === undefined) return;
  const id = intent.message;
  const message = deps.store.read((reader) => findMessage(reader, id));
  const done = (also: (mail: MailTx) => void = () => undefined): Promise<void> =>
    deps.mailboxes.write(account, (mail) => {
      also(mail);
      endIntent(mail.tx, intent.id, { state: 'done', nowMs: mail.nowMs });
    });
  const doneAsRead = (also: (mail: MailTx) => void = () => undefined): Promise<void> =>
    done((mail) => {
      refuseIfChanged(mail.tx, id, message);
      also(mail);
    });
  // Found upstream already (in Sent, say), or gone here, where a later intent tells the rest.
  if (!message || idsOf(carrier, id).length > 0) return await doneAsRead();
  const twin = await sentTwin(carrier, message);
  if (twin) {
    await doneAsRead((mail) => {
      refuseIfChanged(mail.tx, twin.id, twin);
      changeFlags(mail, [twin.id], { add: message.flags, remove: [] }, 'here');
      expungeMessages(mail, [id], 'upstream');
    });
    carrier.round.report.decided({ what: 'a message appended to Sent', why: 'the same message was there already' });
    return;
  }
  const target = await targetOf(carrier, message.mailbox);
  if (!target) return await doneAsRead();
  const content = contentOf(carrier, message);
  await begin([intent], message);
  const remoteId = await store(carrier, target, content);
  const rowId = target.row?.id;
  await done(({ tx }) => {
    if (remoteId === undefined || rowId === undefined) carrier.again.add(target.mailbox);
    else if (!findRemoteMessage(tx, rowId, remoteId)) {
      putRemoteMessage(tx, { remoteMailbox: rowId, remoteId, message: id, flags: content.flags });
    }
  });
  // It may be there under another Date (one-in-sent.ts), and no look tells of it.
  if (rowId !== undefined) carrier.round.memory.tidied.delete(rowId);
  carried([intent]);
}

/** A mailbox that has gone since it was listed is made anew, once. */
async function store(carrier: Carrier, target: Place, content: RemoteAppend): ReturnType<ReturnType<typeof pushOf>['append']> {
  const { signal } = carrier.round;
  try {
    return await pushOf(carrier).append(target.remote.id, content, signal);
  } catch (error) {
    if (!(error instanceof MailError) || error.code !== 'mailbox-missing') throw error;
    const anew = await targetOf(carrier, target.mailbox, { isMissing: true });
    if (!anew) throw error;
    return pushOf(carrier).append(anew.remote.id, content, signal);
  }
}

function contentOf({ round }: Carrier, message: MessageRow): RemoteAppend {
  const { store } = round.deps;
  const { blob } = message;
  if (!blob)
    throw new MailError('permanent', 'Its bytes are not here.', {
      code: 'blob-missing',
      reason: { class: 'internal', text: 'its bytes are not here' },
    });
  const messageId = store.read((reader) => findMessageView(reader, message.id))?.envelope.messageId;
  return {
    sizeBytes: blob.sizeBytes,
    flags: message.flags,
    receivedAtMs: message.receivedAtMs,
    ...(messageId === undefined ? {} : { messageId }),
    open: () => store.blobs.open(blob),
  };
}

/** What left through the relay and was stored in Sent by the webmail is what the user's program stores there too: one message. */
async function sentTwin(carrier: Carrier, message: MessageRow): Promise<MessageRow | undefined> {
  const { store } = carrier.round.deps;
  const found = store.read((reader) => {
    const mailbox = findMailbox(reader, message.mailbox);
    const messageId = findMessageView(reader, message.id)?.envelope.messageId;
    if (mailbox?.role !== 'sent' || messageId === undefined) return [];
    return listMailboxMessages(reader, mailbox.id, { afterUid: Math.max(0, mailbox.uidNext - LATEST_SENT - 1), limit: LATEST_SENT }).filter(
      (other) => other.id !== message.id && findMessageView(reader, other.id)?.envelope.messageId === messageId,
    );
  });
  const own = message.blob && found.length > 0 ? await looseHash(store.blobs.open(message.blob), { isBelowTrace: true }) : undefined;
  for (const other of found) {
    if (!other.blob || !idsOf(carrier, other.id).some((row) => row.missedAtMs === undefined)) continue;
    if ((await looseHash(store.blobs.open(other.blob), { isBelowTrace: true })) === own) return other;
  }
  return undefined;
}
