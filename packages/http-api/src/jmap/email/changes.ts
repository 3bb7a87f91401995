import { changesArguments, MAIL } from '@stopgap/jmap';
import { listMessages } from '@stopgap/store';
import { changesMethod } from '../changes.ts';
import { wire } from '../ids.ts';
import { method } from '../method.ts';

/** RFC 8621 4.3. What a mail program marked as deleted is gone for JMAP. */
export const emailChanges = method(MAIL, changesArguments, (args, context) =>
  changesMethod(args, context, ({ messages: { created, updated, expunged } }) => {
    const marked = new Set(
      context.deps.store
        .read((reader) => listMessages(reader, [...created, ...updated]))
        .filter(({ flags }) => flags.includes('$deleted'))
        .map(({ id }) => id),
    );
    return {
      created: created.filter((id) => !marked.has(id)).map(wire.email),
      updated: updated.filter((id) => !marked.has(id)).map(wire.email),
      destroyed: [...expunged, ...updated.filter((id) => marked.has(id))].map(wire.email),
    };
  }),
);
