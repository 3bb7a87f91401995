import { flagToImap, isTooManyFlags, MailError, withFlagChange, type FlagChange, type ModSeq, type Uid } from '@stopgap/core';
import { changeFlags } from '@stopgap/mailbox';
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
  const read = (page: { readonly fromUid: number; readonly toUid: number; readonly limit: number }) =>
    deps.store.read((reader) => pageOfFlags(reader, mailbox.id, { ...page, since: 0 }));
  // All are looked at first: of a change that is refused nothing is done.
  if (addsKeywords(change)) for await (const page of pagesOf(ranges, AT_ONCE, read)) for (const row of page) refuseIfTooMany(row, change);
  try {
    for await (const page of pagesOf(ranges, AT_ONCE, read)) {
      const result = await deps.mailboxes.write(account, (mail) => {
        // As they are now: what came between is not overwritten unseen.
        const rows = current(page, (range) => pageOfFlags(mail.tx, mailbox.id, { ...range, since: 0, limit: AT_ONCE }));
        const isLater = ({ modSeq }: MessageFlagsRow) => unchangedSince !== undefined && modSeq > unchangedSince;
        const free = rows.filter((row) => !isLater(row));
        for (const row of free) refuseIfTooMany(row, change);
        const before = new Map(free.map(({ id, modSeq }) => [id, modSeq]));
        const rowsChanged = changeFlags(mail, [...before.keys()], asChange(change, free), 'here');
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

function refuseIfTooMany({ flags }: MessageFlagsRow, change: FlagStore): void {
  if (!addsKeywords(change) || change.kind !== 'change' || !isTooManyFlags([...flags, ...change.change.add])) return;
  throw new MailError('permanent', 'A message would have too many keywords.', {
    code: 'too-many-flags',
    reply: 'one of these messages would have more than 100 keywords',
  });
}

function current(
  page: readonly MessageFlagsRow[],
  read: (range: { readonly fromUid: number; readonly toUid: number }) => readonly MessageFlagsRow[],
): readonly MessageFlagsRow[] {
  const [first, last] = [page[0], page.at(-1)];
  if (!first || !last) return [];
  const wanted = new Set(page.map(({ id }) => id));
  const rows: MessageFlagsRow[] = [];
  for (let fromUid: number = first.uid; fromUid <= last.uid;) {
    const some = read({ fromUid, toUid: last.uid });
    rows.push(...some.filter(({ id }) => wanted.has(id)));
    const end = some.at(-1);
    if (!end || some.length < AT_ONCE) break;
    fromUid = end.uid + 1;
  }
  return rows;
}

/** One for all of them: what any of them has and shall not have is taken away. */
function asChange(change: FlagStore, rows: readonly MessageFlagsRow[]): FlagChange {
  if (change.kind === 'change') return change.change;
  const add = withFlagChange([], { add: change.flags, remove: [] });
  const present = new Set(rows.flatMap(({ flags }) => flags));
  return { add, remove: [...present].filter((flag) => !add.includes(flag)) };
}
