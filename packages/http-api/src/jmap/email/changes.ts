import type { MessageId } from '@stopgap/core';
import { changesArguments, MAIL } from '@stopgap/jmap';
import { isBefore, type Change } from '@stopgap/mailbox';
import { listMessages } from '@stopgap/store';
import { changesMethod, mailChanges } from '../changes.ts';
import { wire } from '../ids.ts';
import { method } from '../method.ts';

/**
 * RFC 8621 4.3. What a mail program marked as deleted is gone for JMAP; without the mark, or restored, it is new: who knew it and did not look meanwhile is told
 * of it twice, which does less harm than if others were never told.
 */
export const emailChanges = method(MAIL, changesArguments, (args, context) => {
  const { answer } = changesMethod(args, (point) => {
    const { modSeq, messages } = mailChanges(point, context);
    const { created, updated, expunged } = messages;
    const ids = [...created, ...updated].map(({ id }) => id);
    const rows = new Map(context.deps.store.read((reader) => listMessages(reader, ids)).map((row) => [row.id, row]));
    const isMarked = ({ id }: Change<MessageId>): boolean => rows.get(id)?.flags.includes('$deleted') === true;
    const there = updated.filter((one) => !isMarked(one));
    const again = there.flatMap(({ id }) => {
      const at = rows.get(id)?.shownModSeq;
      return at === undefined || isBefore(at, id, point) ? [] : [{ id, modSeq: at }];
    });
    const isNew = new Set(again.map(({ id }) => id));
    const changed = {
      created: [...created.filter((one) => !isMarked(one)), ...again],
      updated: there.filter(({ id }) => !isNew.has(id)),
      // Who was in the middle of the pages when one was restored may have it still.
      destroyed: [
        ...expunged,
        ...updated.filter(isMarked),
        ...created.filter((one) => isMarked(one) && rows.get(one.id)?.shownModSeq !== undefined),
      ],
    };
    return { modSeq, changed, wire: wire.email };
  });
  return answer;
});
