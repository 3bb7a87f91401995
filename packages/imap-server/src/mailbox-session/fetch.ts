import {
  listMessageViews,
  listSmallBlobs,
  listStructures,
  pageOfFlags,
  pageOfMessages,
  type MessageFlagsRow,
  type MessageRow,
  type MessageView,
} from '@stopgap/store';
import type { ContentWanted, FetchWanted, MessageData, UidRange } from '../session.ts';
import { has, storedContent } from './content.ts';
import type { Owner } from './deps.ts';
import type { MailboxRow } from '@stopgap/store';
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
    yield* pagesOf(ranges, FLAGS_AT_ONCE, (page) => store.read((reader) => pageOfFlags(reader, mailbox.id, { ...page, since })));
    return;
  }
  const limit = wanted.content ? CONTENTS_AT_ONCE : wanted.detail === 'view' ? VIEWS_AT_ONCE : ROWS_AT_ONCE;
  const read = (page: Parameters<typeof pageOfMessages>[2]) => store.read((reader) => pageOfMessages(reader, mailbox.id, page));
  for await (const rows of pagesOf(ranges, limit, (page) => read({ ...page, since }))) yield dataOf(deps, rows, wanted);
}

function dataOf({ store, ...deps }: Owner['deps'], rows: readonly MessageRow[], wanted: FetchWanted): MessageData[] {
  const ids = rows.map(({ id }) => id);
  const small = wanted.content ? smallOf(rows, wanted.content) : [];
  const needsStructures = wanted.content === 'parts' || wanted.content === 'header';
  const { views, structures, blobs } = store.read((reader) => ({
    views: wanted.detail === 'view' ? listMessageViews(reader, ids) : undefined,
    structures: needsStructures && wanted.detail !== 'view' ? listStructures(reader, ids) : undefined,
    blobs: small.length > 0 ? listSmallBlobs(reader, small) : undefined,
  }));
  return rows.map((row) => {
    const view = views?.get(row.id);
    const bytes = row.blob && blobs?.get(row.blob.id);
    return {
      ...flagsOf(row),
      ...(wanted.detail === 'flags' ? {} : { row: rowData(row) }),
      ...(view ? { view: { envelope: view.envelope, structure: view.structure, ...previewOf(row, view) } } : {}),
      ...(bytes && wanted.content && has(row, wanted.content)
        ? { content: storedContent({ store, ...deps }, row, { bytes, structure: view?.structure ?? structures?.get(row.id) }) }
        : {}),
    };
  });
}

/** A text that is not here yet is no empty one: a client would never ask again. */
function previewOf(row: MessageRow, { preview }: MessageView): { readonly preview?: string } {
  return preview === '' && !has(row, 'whole') ? {} : { preview };
}

function smallOf(rows: readonly MessageRow[], wanted: ContentWanted) {
  let leftBytes = MOST_SMALL_BYTES;
  return rows.flatMap((row) => {
    if (!has(row, wanted) || row.blob.sizeBytes > SMALL_BYTES || row.blob.sizeBytes > leftBytes) return [];
    leftBytes -= row.blob.sizeBytes;
    return [row.blob.id];
  });
}

function flagsOf({ uid, flags, modSeq }: MessageFlagsRow) {
  return { uid, flags, modSeq };
}

function rowData(row: MessageRow): NonNullable<MessageData['row']> {
  return {
    receivedAtMs: row.receivedAtMs,
    savedAtMs: row.savedAtMs,
    sizeBytes: has(row, 'whole') ? row.blob.sizeBytes : row.sizeBytes,
    // RFC 8474 5.1: a copy has that of its original.
    emailId: `m${row.original ?? row.id}`,
    threadId: `t${row.thread}`,
  };
}
