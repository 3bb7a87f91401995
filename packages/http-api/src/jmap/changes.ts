import type { ModSeq } from '@stopgap/core';
import type { ChangesArguments } from '@stopgap/jmap';
import type { Change, ChangeList, ChangePoint } from '@stopgap/mailbox';
import { MethodError } from './method-error.ts';
import type { CallContext, Json } from './method.ts';
import { pointOf, textOfPoint } from './states.ts';

/** Each with the number of its change: so they come in pages. */
export interface ChangedObjects<Id> {
  readonly created: readonly Change<Id>[];
  readonly updated: readonly Change<Id>[];
  readonly destroyed: readonly Change<Id>[];
}

/** @throws MethodError cannotCalculateChanges */
export function mailChanges(point: ChangePoint, { deps, account }: Pick<CallContext, 'deps' | 'account'>): ChangeList {
  const changes = deps.mailboxes.changesAfter(account, point);
  if (changes === 'forgotten') throw new MethodError('cannotCalculateChanges', 'That is too long ago.');
  return changes;
}

interface Told<Id extends number> {
  readonly modSeq: ModSeq;
  readonly changed: ChangedObjects<Id>;
  readonly wire: (id: Id) => string;
}

/**
 * RFC 8620 5.2. With `maxChanges` the oldest come first, up to a place among the changes; the state then names that place. What was created before it and
 * changed after it is told twice. Without, up to 100,000 ids are told.
 */
export function changesMethod<Id extends number>(
  { sinceState, maxChanges }: ChangesArguments,
  tell: (point: ChangePoint) => Told<Id>,
): { readonly answer: Json; readonly page: ChangedObjects<Id> } {
  const { modSeq, changed, wire } = tell(pointOf(sinceState));
  const { page, end } = firstOf(changed, maxChanges ?? Number.MAX_SAFE_INTEGER);
  const idsOf = (list: readonly Change<Id>[]): readonly string[] => list.map(({ id }) => wire(id));
  const answer = {
    oldState: sinceState,
    newState: textOfPoint(end ?? { modSeq }),
    hasMoreChanges: end !== undefined,
    created: idsOf(page.created),
    updated: idsOf(page.updated),
    destroyed: idsOf(page.destroyed),
  };
  return { answer, page };
}

/** `end`: where the page ends, if there is more. */
function firstOf<Id extends number>(
  changed: ChangedObjects<Id>,
  most: number,
): { readonly page: ChangedObjects<Id>; readonly end?: ChangePoint } {
  const count = changed.created.length + changed.updated.length + changed.destroyed.length;
  if (count <= most) return { page: changed };
  const inOrder = (['created', 'updated', 'destroyed'] as const)
    .flatMap((list) => changed[list].map((change) => ({ list, change })))
    .toSorted((one, other) => one.change.modSeq - other.change.modSeq || one.change.id - other.change.id)
    .slice(0, most);
  const last = inOrder.at(-1)?.change;
  const listOf = (name: keyof ChangedObjects<Id>) => inOrder.flatMap(({ list, change }) => (list === name ? [change] : []));
  const page = { created: listOf('created'), updated: listOf('updated'), destroyed: listOf('destroyed') };
  return { page, ...(last === undefined ? {} : { end: { modSeq: last.modSeq, upToId: last.id } }) };
}
