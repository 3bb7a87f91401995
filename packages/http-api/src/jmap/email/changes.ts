import { changesArguments, MAIL } from '@stopgap/jmap';
import { listMessages } from '@stopgap/store';
import { changesMethod, mailChanges } from '../changes.ts';
import { wire } from '../ids.ts';
import { method } from '../method.ts';

/** RFC 8621 4.3. What a mail program marked as deleted is gone for JMAP. */
export const emailChanges = method(MAIL, changesArguments, (args, context) => {
  const { answer } = changesMethod(args, (point) => {
    const { modSeq, messages } = mailChanges(point, context);
    const { created, updated, expunged } = messages;
    const ids = [...created, ...updated].map(({ id }) => id);
    const rows = context.deps.store.read((reader) => listMessages(reader, ids));
    const marked = new Set(rows.filter(({ flags }) => flags.includes('$deleted')).map(({ id }) => id));
    const changed = {
      created: created.filter(({ id }) => !marked.has(id)),
      updated: updated.filter(({ id }) => !marked.has(id)),
      destroyed: [...expunged, ...updated.filter(({ id }) => marked.has(id))],
    };
    return { modSeq, changed, wire: wire.email };
  });
  return answer;
});
