import type { Uid } from '@stopgap/core';
import { addMessage, expungeMessages } from '@stopgap/mailbox';
import type { MessageDigest } from '@stopgap/message';
import { findMessageByUid } from '@stopgap/store';
import type {
  CopiedMessages,
  FetchWanted,
  FlagStore,
  ImapSession,
  MailboxStatus,
  MessageContent,
  MessageData,
  OpenedMailbox,
  SelectedMailbox,
  UidRange,
} from '../session.ts';
import type { Owner } from './deps.ts';
import { mailboxNamed } from './mailbox-rows.ts';
import { readOnlyError } from './read-only.ts';
import { EVERY_UID, isAmong } from './uid-pages.ts';
import type { WaitingMail, WaitingMessage } from './waiting-mail.ts';
import { searchWaiting } from './waiting-search.ts';

export const WAITING_NAME = 'Outbox (waiting)';
const MAILBOX_ID = 'waiting';

export interface Waiting extends Owner {
  readonly mail: WaitingMail;
}

export function waitingStatus({ mail, account }: Waiting): MailboxStatus {
  const { messages, uidNext, modSeq } = mail.look(account);
  return {
    mailboxId: MAILBOX_ID,
    messages: messages.length,
    unseen: 0,
    uidNext,
    uidValidity: mail.uidValidity,
    highestModSeq: modSeq,
    sizeBytes: messages.reduce((sum, { blob }) => sum + blob.sizeBytes, 0),
  };
}

export function deletedInWaiting({ mail, account }: Waiting): Awaited<ReturnType<ImapSession['deletedIn']>> {
  const marked = mail.look(account).messages.filter(({ flags }) => flags.includes('$deleted'));
  return { messages: marked.length, sizeBytes: marked.reduce((sum, { blob }) => sum + blob.sizeBytes, 0) };
}

/** Nothing can be put into it; what is deleted in it is cancelled, what is moved out of it is taken back. */
export function openWaiting(waiting: Waiting, { isReadOnly }: { readonly isReadOnly: boolean }): OpenedMailbox {
  const { mail, account } = waiting;
  const { messages, uidNext, modSeq } = mail.look(account);
  return {
    mailbox: selected(waiting, isReadOnly),
    snapshot: {
      uids: Uint32Array.from(messages, ({ uid }) => uid),
      uidNext,
      modSeq,
      highestModSeq: modSeq,
      keywords: ['held', 'sending', 'unsure', 'waiting'],
    },
  };
}

function selected(waiting: Waiting, isReadOnly: boolean): SelectedMailbox {
  const { mail, account } = waiting;
  const among = (ranges: readonly UidRange[]): WaitingMessage[] => mail.look(account).messages.filter(({ uid }) => isAmong(ranges, uid));
  const refuseIfReadOnly = (): void => {
    if (isReadOnly) throw readOnlyError();
  };
  return {
    name: WAITING_NAME,
    mailboxId: MAILBOX_ID,
    uidValidity: mail.uidValidity,
    isReadOnly,
    permanentFlags: isReadOnly ? [] : ['$deleted'],
    async changesSince(since) {
      const { messages, modSeq, goneSince } = mail.look(account);
      const vanished = goneSince(since);
      return vanished ? { modSeq, changed: messages.filter((one) => one.modSeq > since).map(flagsOf), vanished } : 'gone';
    },
    waitForChange: (since, signal) => mail.waitForChange(account, since, signal),
    async vanishedSince(since, ranges) {
      const gone = mail.look(account).goneSince(since);
      return gone?.filter((uid) => isAmong(ranges, uid)) ?? 'forgotten';
    },
    fetch: (ranges, wanted) => fetchWaiting(waiting, among(ranges), wanted),
    async content(uid) {
      const [message] = among([[uid, uid]]);
      return message && contentOf(waiting, message);
    },
    async store(ranges, change, { unchangedSince }) {
      refuseIfReadOnly();
      const given = among(ranges);
      const isLater = ({ modSeq }: WaitingMessage) => unchangedSince !== undefined && modSeq > unchangedSince;
      const before = new Map(given.map(({ uid, modSeq }) => [uid, modSeq]));
      mail.mark(account, new Map(given.filter((one) => !isLater(one)).map((one) => [one.uid, isMarkedBy(change, one)])));
      return {
        changed: among(ranges)
          .map((one) => ({ ...flagsOf(one), modSeqBefore: before.get(one.uid) ?? one.modSeq }))
          .filter(({ modSeq, modSeqBefore }) => modSeq > modSeqBefore),
        modified: given.filter(isLater).map(({ uid }) => uid),
      };
    },
    copy: (ranges, target) => copyOut(waiting, among(ranges), target),
    async move(ranges, target) {
      refuseIfReadOnly();
      return await takeBack(waiting, among(ranges), target);
    },
    async expunge(ranges) {
      refuseIfReadOnly();
      for (const message of among(ranges ?? EVERY_UID)) if (message.flags.includes('$deleted')) await mail.cancel(account, message);
    },
    search: (criteria, signal) => searchWaiting(waiting, criteria, signal),
    close: () => undefined,
  };
}

function isMarkedBy(change: FlagStore, { flags }: WaitingMessage): boolean {
  if (change.kind === 'replace') return change.flags.includes('$deleted');
  const { add, remove } = change.change;
  return add.includes('$deleted') || (flags.includes('$deleted') && !remove.includes('$deleted'));
}

async function* fetchWaiting(
  waiting: Waiting,
  messages: readonly WaitingMessage[],
  wanted: FetchWanted,
): AsyncGenerator<readonly MessageData[]> {
  for (const message of messages) {
    if (message.modSeq <= (wanted.changedSince ?? 0)) continue;
    const digest = wanted.detail === 'view' ? await waiting.mail.digestOf(message) : undefined;
    yield [
      {
        ...flagsOf(message),
        ...(wanted.detail === 'flags' ? {} : { row: rowOf(message) }),
        ...(digest ? { view: { envelope: () => digest.envelope, structure: () => digest.structure, preview: digest.preview } } : {}),
      },
    ];
  }
}

function contentOf({ mail, deps }: Waiting, message: WaitingMessage): MessageContent {
  const { blob } = message;
  return {
    sizeBytes: blob.sizeBytes,
    structure: async () => (await mail.digestOf(message)).structure,
    open: (start, end) => deps.store.blobs.open(blob, { start, end }),
  };
}

async function copyOut(waiting: Waiting, messages: readonly WaitingMessage[], target: string): Promise<CopiedMessages> {
  const { deps, account, mail } = waiting;
  const digests: MessageDigest[] = [];
  for (const message of messages) digests.push(await mail.digestOf(message));
  const copied = await deps.mailboxes.write(account, (tx) => {
    const { id, uidValidity } = mailboxNamed(tx.tx, account, target);
    const ids = messages.flatMap(({ blob, acceptedAtMs }, index) => {
      const digest = digests[index];
      return digest
        ? [addMessage(tx, { mailbox: id, blob, digest, completeness: 'raw', receivedAtMs: acceptedAtMs, flags: ['$seen'], by: 'here' }).uid]
        : [];
    });
    return { uidValidity, from: messages.map(({ uid }) => uid), to: ids };
  });
  deps.changed(account);
  return copied;
}

/**
 * First it is safe elsewhere, then it is cancelled. What left meanwhile is not taken back, and its copy goes again. What is taken back in part keeps its
 * copy, as it may be cancelled here without a word; only what is gone from here is told as moved.
 */
async function takeBack(waiting: Waiting, messages: readonly WaitingMessage[], target: string): Promise<CopiedMessages> {
  const { deps, account, mail } = waiting;
  const taken: { readonly from: Uid; readonly to: Uid }[] = [];
  let { uidValidity } = deps.store.read((reader) => mailboxNamed(reader, account, target));
  for (const message of messages) {
    const copied = await copyOut(waiting, [message], target);
    const [to] = copied.to;
    if (to === undefined) continue;
    ({ uidValidity } = copied);
    const how = await mail.takeBack(account, message);
    if (how === 'whole') taken.push({ from: message.uid, to });
    else if (how === 'not') await removeCopy(waiting, target, to);
  }
  return { uidValidity, from: taken.map(({ from }) => from), to: taken.map(({ to }) => to) };
}

async function removeCopy({ deps, account }: Waiting, target: string, uid: Uid): Promise<void> {
  await deps.mailboxes.write(account, (mail) => {
    const copy = findMessageByUid(mail.tx, mailboxNamed(mail.tx, account, target).id, uid);
    if (copy) expungeMessages(mail, [copy.id], 'here');
  });
}

function rowOf({ submission, acceptedAtMs, blob }: WaitingMessage): NonNullable<MessageData['row']> {
  return { receivedAtMs: acceptedAtMs, sizeBytes: blob.sizeBytes, emailId: `s${submission.replaceAll(/[^A-Za-z0-9_-]/g, '-')}` };
}

function flagsOf({ uid, flags, modSeq }: WaitingMessage) {
  return { uid, flags, modSeq };
}
