import type { BlobId, MailboxId, ModSeq, Uid } from '@stopgap/core';
import {
  highestModSeqOf,
  listBeginnings,
  listSmallBlobs,
  pageOfFlags,
  pageOfMarks,
  pageOfMessages,
  pageOfStructures,
  pageOfTexts,
  pageOfViews,
  uidsChangedSince,
  type MailboxRow,
  type PageRow,
  type PageView,
  type Reader,
  type UidPage,
} from '@stopgap/store';
import type { ContentWanted, FetchWanted, MessageData, UidRange } from '../session.ts';
import { rangesOf } from '../wire/sequence-set.ts';
import { has, storedContent } from './content.ts';
import type { Owner } from './deps.ts';
import { isAmong, pagesOf } from './uid-pages.ts';

/** In one page; each holds the event loop for some milliseconds. */
const FLAGS_AT_ONCE = 5000;
const ROWS_AT_ONCE = 1000;
const VIEWS_AT_ONCE = 250;
/** Few, so that their octets are gone again before they are old. */
const CONTENTS_AT_ONCE = 50;
/** Of an account, looked at one by one; where more has changed, the mailbox is read instead. */
const MOST_CHANGES = 1000;
/** Messages up to here come along with a page, */
const SMALL_BYTES = 64 * 1024;
/** and so many octets of them in all. */
const MOST_SMALL_BYTES = 4 * 1024 * 1024;

export async function* fetchMessages(
  { deps }: Owner,
  mailbox: Mailbox,
  { ranges: asked, wanted }: { readonly ranges: readonly UidRange[]; readonly wanted: FetchWanted },
): AsyncGenerator<readonly MessageData[]> {
  const { store } = deps;
  const { detail, content, changedSince: since } = wanted;
  const ranges = since === undefined ? asked : store.read((reader) => placesOfChanges(reader, mailbox, { asked, since }));
  const isWanted = (what: NeedNotBe): boolean => wanted.without?.includes(what) !== true;
  const pages = <One extends { readonly uid: Uid }>(limit: number, read: ReadPage<One>) =>
    pagesOf(ranges, limit, (page) => store.read((reader) => read(reader, mailbox.id, { ...page, since: since ?? 0 })));
  if (detail === 'flags' && !content) yield* pages<MessageData>(FLAGS_AT_ONCE, isWanted('modSeq') ? pageOfFlags : pageOfMarks);
  else if (detail === 'view' && !content && !isWanted('row') && !isWanted('preview')) yield* pages(VIEWS_AT_ONCE, pageOfTexts);
  else {
    const limit = content ? CONTENTS_AT_ONCE : detail === 'view' ? VIEWS_AT_ONCE : ROWS_AT_ONCE;
    for await (const rows of pages(limit, readerOf(wanted, isWanted('preview')))) yield dataOf(deps, rows, wanted);
  }
}

type Mailbox = Pick<MailboxRow, 'id' | 'account' | 'uidValidity'>;
type NeedNotBe = NonNullable<FetchWanted['without']>[number];
type ReadPage<One> = (reader: Reader, mailbox: MailboxId, page: UidPage) => readonly One[];
type Row = PageRow & { readonly view?: PageView; readonly structure?: PageView['structure'] };

/** Where little has changed in the account it is looked for there alone, else in all that was asked for. */
function placesOfChanges(
  reader: Reader,
  mailbox: Mailbox,
  { asked, since }: { readonly asked: readonly UidRange[]; readonly since: ModSeq },
): readonly UidRange[] {
  if ((highestModSeqOf(reader, mailbox) ?? 0) <= since) return [];
  const changed = uidsChangedSince(reader, mailbox.account, since, MOST_CHANGES);
  if (changed.length === MOST_CHANGES) return asked;
  const uids = changed.flatMap(({ mailbox: id, uid }) => (id === mailbox.id && isAmong(asked, uid) ? uid : []));
  return rangesOf(uids.sort((one, other) => one - other));
}

function readerOf({ detail, content }: FetchWanted, hasPreview: boolean): ReadPage<Row> {
  if (detail === 'view') return (reader, mailbox, page) => pageOfViews(reader, mailbox, { ...page, hasPreview });
  // Whoever wants a part of the octets has to know where it is.
  return content === 'parts' || content === 'header' ? pageOfStructures : pageOfMessages;
}

function dataOf(deps: Owner['deps'], rows: readonly Row[], wanted: FetchWanted): MessageData[] {
  const blobs = wanted.content && smallBlobs(deps, rows, wanted.content);
  return rows.map((row) => {
    const bytes = row.blob && blobs?.get(row.blob.id);
    return {
      uid: row.uid,
      flags: row.flags,
      modSeq: row.modSeq,
      ...(wanted.detail === 'flags' ? {} : { row: rowData(row) }),
      ...(row.view ? { view: viewOf(row, row.view) } : {}),
      ...(bytes && wanted.content && has(row, wanted.content)
        ? { content: storedContent(deps, row, { bytes, structure: row.structure ?? row.view?.structure }) }
        : {}),
    };
  });
}

/** A text that is not here yet is no empty one: a client would never ask again. */
function viewOf(row: Row, { preview, ...view }: PageView): NonNullable<MessageData['view']> {
  return preview === undefined || (preview === '' && !has(row, 'whole')) ? view : { ...view, preview };
}

/** Of who asks for the header, nothing behind it is read. */
function smallBlobs({ store }: Owner['deps'], rows: readonly Row[], wanted: ContentWanted): ReadonlyMap<BlobId, Buffer> {
  let leftBytes = MOST_SMALL_BYTES;
  const small = new Map<BlobId, number>();
  for (const row of rows) {
    if (!has(row, wanted) || row.blob.sizeBytes > SMALL_BYTES) continue;
    const bytes = wanted === 'header' ? ((row.structure ?? row.view?.structure)?.().bodyStart ?? row.blob.sizeBytes) : row.blob.sizeBytes;
    if (bytes > leftBytes) continue;
    leftBytes -= bytes;
    small.set(row.blob.id, Math.max(bytes, small.get(row.blob.id) ?? 0));
  }
  if (small.size === 0) return new Map();
  return store.read((reader) => (wanted === 'header' ? listBeginnings(reader, small) : listSmallBlobs(reader, [...small.keys()])));
}

function rowData(row: Row): NonNullable<MessageData['row']> {
  return {
    receivedAtMs: row.receivedAtMs,
    savedAtMs: row.savedAtMs,
    sizeBytes: has(row, 'whole') ? row.blob.sizeBytes : row.sizeBytes,
    // RFC 8474 5.1: a copy has that of its original.
    emailId: `m${row.original ?? row.id}`,
    threadId: `t${row.thread}`,
  };
}
