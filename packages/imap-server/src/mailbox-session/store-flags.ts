import { flagToImap, isTooManyFlags, MailError, sameFlags, withFlagChange, type FlagChange, type ModSeq, type Uid } from '@stopgap/core';
import { changeFlagsOf, messagesIn } from '@stopgap/mailbox';
import { pageOfFlags, type MailboxRow, type MessageFlagsRow } from '@stopgap/store';
import type { FlagStore, StoredFlags, UidRange } from '../session.ts';
import type { Owner } from './deps.ts';
import { pagesOf } from './uid-pages.ts';

/** In one transaction. */
const AT_ONCE = 1000;

interface Request {
  readonly ranges: readonly UidRange[];
  readonly change: FlagStore;
  readonly unchangedSince?: ModSeq;
}

export async function storeFlags(
  { deps, account }: Owner,
  mailbox: MailboxRow,
  { ranges, change, unchangedSince }: Request,
): Promise<StoredFlags> {
  const changed: StoredFlags['changed'][number][] = [];
  const modified: Uid[] = [];
  const isLater = ({ modSeq }: Pick<MessageFlagsRow, 'modSeq'>) => unchangedSince !== undefined && modSeq > unchangedSince;
  const read = (page: { readonly fromUid: number; readonly toUid: number; readonly limit: number }) =>
    deps.store.read((reader) => pageOfFlags(reader, mailbox.id, { ...page, since: 0 }));
  // All are looked at first: of a change that is refused nothing is done.
  if (addsKeywords(change)) for await (const page of pagesOf(ranges, AT_ONCE, read)) for (const row of page) refuseIfTooMany(row, change);
  try {
    for await (const page of pagesOf(ranges, AT_ONCE, read)) {
      // The others had these flags when they were read, which is as good as an instant later.
      const ids = page.flatMap((row) => (isLater(row) || isOther(row, change) ? row.id : []));
      if (ids.length === 0) continue;
      const result = await deps.mailboxes.write(account, (mail) => {
        // As they are now: what came between is not overwritten unseen.
        const rows = messagesIn(mail, ids).filter((row) => row.mailbox === mailbox.id);
        const free = rows.filter((row) => !isLater(row));
        for (const row of free) refuseIfTooMany(row, change);
        const before = new Map(free.map(({ id, modSeq }) => [id, modSeq]));
        const rowsChanged = changeFlagsOf(mail, free, asChange(change, free), 'here');
        return {
          changed: rowsChanged.map(({ id, uid, flags, modSeq }) => ({ uid, flags, modSeq, modSeqBefore: before.get(id) ?? modSeq })),
          modified: rows.filter(isLater),
        };
      });
      changed.push(...result.changed);
      modified.push(...result.modified.map(({ uid }) => uid));
    }
  } finally {
    if (changed.length > 0) deps.changed(account);
  }
  return { changed, modified };
}

function addsKeywords(change: FlagStore): boolean {
  return change.kind === 'change' && change.change.add.some((flag) => flagToImap(flag) === flag);
}

function refuseIfTooMany({ flags }: Pick<MessageFlagsRow, 'flags'>, change: FlagStore): void {
  if (!addsKeywords(change) || change.kind !== 'change' || !isTooManyFlags([...flags, ...change.change.add])) return;
  throw new MailError('permanent', 'A message would have too many keywords.', {
    code: 'too-many-flags',
    reply: 'one of these messages would have more than 100 keywords',
  });
}

function isOther({ flags }: MessageFlagsRow, change: FlagStore): boolean {
  return !sameFlags(
    flags,
    change.kind === 'replace' ? withFlagChange([], { add: change.flags, remove: [] }) : withFlagChange(flags, change.change),
  );
}

/** One for all of them: what any of them has and shall not have is taken away. */
function asChange(change: FlagStore, rows: readonly Pick<MessageFlagsRow, 'flags'>[]): FlagChange {
  if (change.kind === 'change') return change.change;
  const add = withFlagChange([], { add: change.flags, remove: [] });
  const present = new Set(rows.flatMap(({ flags }) => flags));
  return { add, remove: [...present].filter((flag) => !add.includes(flag)) };
}
