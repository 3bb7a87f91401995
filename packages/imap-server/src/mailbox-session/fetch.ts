import type { BlobId } from '@stopgap/core';
import {
  listSmallBlobs,
  pageOfFlags,
  pageOfMarks,
  pageOfMessages,
  pageOfTexts,
  pageOfViews,
  type MailboxRow,
  type PageRow,
  type PageView,
} from '@stopgap/store';
import type { ContentWanted, FetchWanted, MessageData, UidRange } from '../session.ts';
import { has, storedContent } from './content.ts';
import type { Owner } from './deps.ts';
import { pagesOf } from './uid-pages.ts';

/** In one page; each holds the event loop for some milliseconds. */
const FLAGS_AT_ONCE = 5000;
const ROWS_AT_ONCE = 1000;
const VIEWS_AT_ONCE = 250;
/** Few, so that their octets are gone again before they are old. */
const CONTENTS_AT_ONCE = 50;
/** Messages up to here come along with a page, */
const SMALL_BYTES = 64 * 1024;
/** and so many octets of them in all. */
const MOST_SMALL_BYTES = 4 * 1024 * 1024;

export async function* fetchMessages(
  { deps }: Owner,
  mailbox: Pick<MailboxRow, 'id'>,
  { ranges, wanted }: { readonly ranges: readonly UidRange[]; readonly wanted: FetchWanted },
): AsyncGenerator<readonly MessageData[]> {
  const { store } = deps;
  const since = wanted.changedSince ?? 0;
  if (wanted.detail === 'flags' && !wanted.content) {
    const read = wanted.isBare === true ? pageOfMarks : pageOfFlags;
    yield* pagesOf<MessageData>(ranges, FLAGS_AT_ONCE, (page) => store.read((reader) => read(reader, mailbox.id, { ...page, since })));
    return;
  }
  if (wanted.detail === 'view' && wanted.isBare === true && !wanted.content) {
    yield* pagesOf(ranges, VIEWS_AT_ONCE, (page) => store.read((reader) => pageOfTexts(reader, mailbox.id, { ...page, since })));
    return;
  }
  const limit = wanted.content ? CONTENTS_AT_ONCE : wanted.detail === 'view' ? VIEWS_AT_ONCE : ROWS_AT_ONCE;
  // Whoever wants a part of the octets has to know where it is.
  const needsView = wanted.detail === 'view' || wanted.content === 'parts' || wanted.content === 'header';
  const read = needsView ? pageOfViews : pageOfMessages;
  const pages = pagesOf<Row>(ranges, limit, (page) => store.read((reader) => read(reader, mailbox.id, { ...page, since })));
  for await (const rows of pages) yield dataOf(deps, rows, wanted);
}

type Row = PageRow & { readonly view?: PageView };

function dataOf(deps: Owner['deps'], rows: readonly Row[], wanted: FetchWanted): MessageData[] {
  const blobs = wanted.content && smallBlobs(deps, rows, wanted.content);
  return rows.map((row) => {
    const bytes = row.blob && blobs?.get(row.blob.id);
    return {
      uid: row.uid,
      flags: row.flags,
      modSeq: row.modSeq,
      ...(wanted.detail === 'flags' ? {} : { row: rowData(row) }),
      ...(wanted.detail === 'view' && row.view ? { view: viewOf(row, row.view) } : {}),
      ...(bytes && wanted.content && has(row, wanted.content)
        ? { content: storedContent(deps, row, { bytes, structure: row.view?.structure }) }
        : {}),
    };
  });
}

/** A text that is not here yet is no empty one: a client would never ask again. */
function viewOf(row: Row, { preview, ...view }: PageView): NonNullable<MessageData['view']> {
  return preview === '' && !has(row, 'whole') ? view : { ...view, preview };
}

function smallBlobs({ store }: Owner['deps'], rows: readonly Row[], wanted: ContentWanted): ReadonlyMap<BlobId, Buffer> {
  let leftBytes = MOST_SMALL_BYTES;
  const small = rows.flatMap((row) => {
    if (!has(row, wanted) || row.blob.sizeBytes > SMALL_BYTES || row.blob.sizeBytes > leftBytes) return [];
    leftBytes -= row.blob.sizeBytes;
    return [row.blob.id];
  });
  return small.length === 0 ? new Map() : store.read((reader) => listSmallBlobs(reader, small));
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
