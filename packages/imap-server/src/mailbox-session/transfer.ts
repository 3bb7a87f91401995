import type { MessageId, Uid } from '@stopgap/core';
import { copyMessages, expungeMessages, messagesIn, moveMessages } from '@stopgap/mailbox';
import { pageOfFlags, type MailboxRow } from '@stopgap/store';
import type { CopiedMessages, UidRange } from '../session.ts';
import type { Owner } from './deps.ts';
import { mailboxNamed } from './mailbox-rows.ts';
import { pagesOf } from './uid-pages.ts';

/** In one transaction. */
const AT_ONCE = 500;

interface Request {
  readonly ranges: readonly UidRange[];
  readonly target: string;
  readonly isMove: boolean;
}

/**
 * RFC 9051 6.4.7: what could not be copied wholly is taken back. A move is whole for each message (RFC 6851 3.3), which is enough: what has moved is told.
 */
export async function copyOrMove(owner: Owner, mailbox: MailboxRow, { ranges, target, isMove }: Request): Promise<CopiedMessages> {
  const { deps, account } = owner;
  const { store, mailboxes } = deps;
  const { id: to, uidValidity } = store.read((reader) => mailboxNamed(reader, account, target));
  const pairs: { readonly from: Uid; readonly to: Uid; readonly copy?: MessageId }[] = [];
  const read = (page: { readonly fromUid: number; readonly toUid: number; readonly limit: number }) =>
    store.read((reader) => pageOfFlags(reader, mailbox.id, { ...page, since: 0 }));
  // Read before anything is done: copies into the same mailbox are not copied again.
  const ids: MessageId[] = [];
  for await (const page of pagesOf(ranges, AT_ONCE, read)) ids.push(...page.map(({ id }) => id));
  try {
    for (let from = 0; from < ids.length; from += AT_ONCE) {
      const some = ids.slice(from, from + AT_ONCE);
      const done = await mailboxes.write(account, (mail) => {
        const there = messagesIn(mail, some).flatMap((message) => (message.mailbox === mailbox.id ? message.id : []));
        if (isMove) return moveMessages(mail, there, to, 'here').map(({ fromUid, uid }) => ({ from: fromUid, to: uid }));
        return copyMessages(mail, there, to, 'here').map(({ originalUid, uid, id }) => ({ from: originalUid, to: uid, copy: id }));
      });
      pairs.push(...done);
    }
  } catch (error) {
    await takeBack(
      owner,
      pairs.flatMap(({ copy }) => copy ?? []),
    );
    throw error;
  } finally {
    if (pairs.length > 0) deps.changed(account);
  }
  return { uidValidity, from: pairs.map((pair) => pair.from), to: pairs.map((pair) => pair.to) };
}

async function takeBack({ deps, account }: Owner, copies: readonly MessageId[]): Promise<void> {
  for (let from = 0; from < copies.length; from += AT_ONCE) {
    await deps.mailboxes.write(account, (mail) => expungeMessages(mail, copies.slice(from, from + AT_ONCE), 'here'));
  }
}
