import type { ModSeq, ThreadId } from '@stopgap/core';
import { changesArguments, MAIL } from '@stopgap/jmap';
import type { Changes } from '@stopgap/mailbox';
import { findKept, listMessages, listThread, threadsMergedSince } from '@stopgap/store';
import { changesMethod, type ChangedIds } from '../changes.ts';
import { wire } from '../ids.ts';
import { method, type CallContext } from '../method.ts';

/** RFC 8621 3.2. Threads are changed by what comes into them and what goes; one that became part of another is destroyed, the other updated. */
export const threadChanges = method(MAIL, changesArguments, (args, context) =>
  changesMethod(args, context, (changes, since) => threadIds(changes, since, context)),
);

function threadIds({ messages }: Changes, since: ModSeq, { deps, account }: CallContext): ChangedIds {
  return deps.store.read((reader) => {
    const merged = threadsMergedSince(reader, account, since);
    const touched = new Set<ThreadId>([
      ...listMessages(reader, messages.created).map(({ thread }) => thread),
      ...messages.expunged.flatMap((id) => findKept(reader, id)?.kept.message.thread ?? []),
      ...merged.flatMap(({ thread, into }) => [thread, into]),
    ]);
    const isNew = new Set(messages.created);
    const gone = new Set(merged.map(({ thread }) => thread));
    const ids = { created: [] as string[], updated: [] as string[], destroyed: [] as string[] };
    for (const thread of touched) {
      const there = listThread(reader, account, thread);
      // A thread that came since and was merged since was never told; telling that it is destroyed does no harm.
      if (there.length === 0) ids.destroyed.push(wire.thread(thread));
      else if (there.every(({ id }) => isNew.has(id)) && !gone.has(thread) && !hadOthers(thread)) ids.created.push(wire.thread(thread));
      else ids.updated.push(wire.thread(thread));
    }
    return ids;

    /** All that it held before may be expunged: then it is known, with others in it. */
    function hadOthers(thread: ThreadId): boolean {
      return messages.expunged.some((id) => findKept(reader, id)?.kept.message.thread === thread);
    }
  });
}
