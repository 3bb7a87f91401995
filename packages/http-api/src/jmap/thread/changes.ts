import { asId, type AccountId, type MessageId, type ModSeq, type ThreadId } from '@stopgap/core';
import { changesArguments, MAIL } from '@stopgap/jmap';
import { isBefore, type Change, type ChangePoint } from '@stopgap/mailbox';
import { expungedSince, findKept, listMessages, listThread, type Reader } from '@stopgap/store';
import { changesMethod, mailChanges, type ChangedObjects } from '../changes.ts';
import { wire } from '../ids.ts';
import { method, type CallContext } from '../method.ts';

/** As many as are told at all. */
const MOST_EXPUNGED = 100_000;

/** RFC 8621 3.2. Threads are changed by what comes into them and what goes. */
export const threadChanges = method(MAIL, changesArguments, (args, context) => {
  const { answer } = changesMethod(args, (point) => {
    const { modSeq, touches } = touchesAfter(point, context);
    return { modSeq, changed: changedThreads(touches, point, context), wire: wire.thread };
  });
  return answer;
});

/** What changed a thread. `came`: or is back, restored or without its mark as deleted. */
type Touch = { readonly thread: ThreadId; readonly modSeq: ModSeq } & (
  | { readonly kind: 'came'; readonly message: MessageId }
  | { readonly kind: 'changed' }
  /** `cameModSeq`: who knew that number knew the message; unless it was marked as deleted before, and nobody knows when. */
  | { readonly kind: 'went'; readonly cameModSeq: ModSeq; readonly wasMarked: boolean }
);

/** The ids of a point are those of threads here: of its number all messages are looked at. */
function touchesAfter(point: ChangePoint, context: CallContext): { readonly modSeq: ModSeq; readonly touches: readonly Touch[] } {
  const { deps, account } = context;
  const since = asId.modSeq(point.upToId === undefined ? point.modSeq : point.modSeq - 1);
  const { modSeq, messages } = mailChanges({ modSeq: since }, context);
  const created = new Set(messages.created.map(({ id }) => id));
  const changed = [...messages.created, ...messages.updated].map(({ id }) => id);
  const touches = deps.store.read((reader): Touch[] => [
    ...listMessages(reader, changed).flatMap(({ id, thread, flags, ...row }): Touch[] => {
      const cameModSeq = created.has(id) ? row.createdModSeq : since;
      // Marked as deleted, it is gone for JMAP. Whether it was marked before nobody knows: rather a thread too many than one that is not told.
      if (flags.includes('$deleted')) return [{ kind: 'went', thread, modSeq: row.modSeq, cameModSeq, wasMarked: true }];
      if (created.has(id)) return [{ kind: 'came', thread, modSeq: cameModSeq, message: id }];
      const shown = row.shownModSeq !== undefined && row.shownModSeq > since ? [row.shownModSeq] : [];
      return [
        { kind: 'changed', thread, modSeq: row.modSeq },
        ...shown.map((at) => ({ kind: 'came' as const, thread, modSeq: at, message: id })),
      ];
    }),
    ...wentSince(reader, account, since),
  ]);
  return { modSeq, touches };
}

/** Also what came and went since: whoever is told of it in pages may know it from between. */
function wentSince(reader: Reader, account: AccountId, since: ModSeq): Touch[] {
  const rows = Map.groupBy(expungedSince(reader, account, since, MOST_EXPUNGED), ({ message }) => message);
  return [...rows].flatMap(([message, uids]): Touch[] => {
    const kept = findKept(reader, message);
    if (kept === undefined) return [];
    const { thread, flags } = kept.kept.message;
    // It was under another UID before it was moved.
    const cameModSeq = asId.modSeq(Math.min(...uids.map(({ createdModSeq }) => createdModSeq)));
    return [{ kind: 'went', thread, modSeq: kept.modSeq, cameModSeq, wasMarked: flags.includes('$deleted') }];
  });
}

function changedThreads(touches: readonly Touch[], point: ChangePoint, { deps, account }: CallContext): ChangedObjects<ThreadId> {
  const changed = { created: [] as Change<ThreadId>[], updated: [] as Change<ThreadId>[], destroyed: [] as Change<ThreadId>[] };
  for (const [thread, all] of Map.groupBy(touches, (touch) => touch.thread)) {
    const own = all.filter(({ modSeq }) => !isBefore(modSeq, thread, point));
    if (own.length === 0) continue;
    const last = { id: thread, modSeq: asId.modSeq(Math.max(...own.map(({ modSeq }) => modSeq))) };
    const came = own.filter((touch) => touch.kind === 'came');
    const isNew = new Set(came.map(({ message }) => message));
    const went = own.filter((touch) => touch.kind === 'went' && isBefore(touch.cameModSeq, thread, point));
    const there = deps.store.read((reader) => listThread(reader, account, thread)).filter(({ flags }) => !flags.includes('$deleted'));
    // Where only a marked message says so it may have been told as destroyed: a thread that is told as new twice does less harm than one that is not told.
    const isKnown = there.some(({ id }) => !isNew.has(id)) || went.some((touch) => touch.kind === 'went' && !touch.wasMarked);
    if (there.length > 0 && !isKnown) changed.created.push({ id: thread, modSeq: firstOf(all, thread, point) });
    else if (there.length > 0) changed.updated.push(last);
    else if (went.length > 0) changed.destroyed.push(last);
  }
  return changed;
}

/** When it was there first, since the point. */
function firstOf(touches: readonly Touch[], thread: ThreadId, point: ChangePoint): ModSeq {
  const came = touches.flatMap((touch) => (touch.kind === 'came' ? [touch.modSeq] : touch.kind === 'went' ? [touch.cameModSeq] : []));
  return asId.modSeq(Math.min(...came.filter((modSeq) => !isBefore(modSeq, thread, point))));
}
