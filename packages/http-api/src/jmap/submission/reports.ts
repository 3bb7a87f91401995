import type { DigestPart } from '@stopgap/message';
import { findMessage, listMessageViews, listNoticesAbout, listThread } from '@stopgap/store';
import { messageBlobId, submissionBlobId } from '../blobs/blob-ids.ts';
import type { CallContext } from '../method.ts';
import type { FoundSubmission } from './submission-object.ts';

/** Messages of a thread that are looked at. */
const MOST_LOOKED_AT = 200;

type Kind = 'dsn' | 'mdn';

/**
 * RFC 8621 7 `dsnBlobIds`, `mdnBlobIds`, by the time of receipt: what the account has of reports (RFC 6522) that answer this message, and our own notices,
 * which may not have arrived yet.
 */
export function reportsOf({ row, submission }: FoundSubmission, { deps, account }: Pick<CallContext, 'deps' | 'account'>) {
  return deps.store.read((reader) => {
    const thread = findMessage(reader, row.message)?.thread ?? row.thread;
    const messages = listThread(reader, account, thread)
      .filter(({ flags }) => !flags.includes('$deleted'))
      .slice(-MOST_LOOKED_AT);
    const views = listMessageViews(
      reader,
      messages.map(({ id }) => id),
    );
    const found = messages.flatMap((message) => {
      const view = views.get(message.id);
      const kind = view && kindOf(view.structure);
      if (view === undefined || kind === undefined) return [];
      const { messageId, inReplyTo, references } = view.envelope;
      const answers = [...inReplyTo, ...references].includes(submission.messageId);
      return answers ? [{ kind, messageId, atMs: message.receivedAtMs, blobId: messageBlobId(message) }] : [];
    });
    const arrived = new Set(found.map(({ messageId }) => messageId));
    const waiting = listNoticesAbout(reader, submission.id)
      .filter(({ messageId }) => !arrived.has(messageId))
      .map((notice) => ({ kind: 'dsn' as const, atMs: notice.acceptedAtMs, blobId: submissionBlobId(notice.id) }));
    const all = [...found, ...waiting].toSorted((one, other) => one.atMs - other.atMs);
    const of = (kind: Kind): readonly string[] => all.filter((one) => one.kind === kind).map(({ blobId }) => blobId);
    return { dsn: of('dsn'), mdn: of('mdn') };
  });
}

/** RFC 3464 2, RFC 8098 3. */
function kindOf({ type, subtype, parameters }: DigestPart): Kind | undefined {
  if (type !== 'multipart' || subtype !== 'report') return undefined;
  const report = parameters['report-type']?.toLowerCase();
  return report === 'delivery-status' ? 'dsn' : report === 'disposition-notification' ? 'mdn' : undefined;
}
