import type { QueryArguments } from '@stopgap/jmap';
import { MethodError } from './method-error.ts';
import type { Json } from './method.ts';

/** Ids of one answer. */
const MOST_IDS = 10_000;

/** RFC 8620 5.5: the part of a result that is asked for. @throws MethodError anchorNotFound */
export function windowOf<Id>(ids: readonly Id[], args: QueryArguments, idOf: (id: Id) => string): Json {
  const { anchor, limit } = args;
  let start: number;
  if (anchor === null || anchor === undefined) start = args.position < 0 ? Math.max(0, ids.length + args.position) : args.position;
  else {
    const at = ids.findIndex((id) => idOf(id) === anchor);
    if (at < 0) throw new MethodError('anchorNotFound');
    start = Math.max(0, at + (args.anchorOffset ?? 0));
  }
  const isCapped = limit === null || limit === undefined || limit > MOST_IDS;
  const most = isCapped ? MOST_IDS : limit;
  const position = Math.min(start, ids.length);
  return {
    position,
    ids: ids.slice(position, position + most).map(idOf),
    ...(args.calculateTotal ? { total: ids.length } : {}),
    ...(isCapped && ids.length - position > most ? { limit: most } : {}),
  };
}

/**
 * RFC 8620 5.6: what takes the old result to the new one. What keeps its place among those that stay is in neither list.
 */
export function difference<Id>(before: readonly Id[], after: readonly Id[], idOf: (id: Id) => string) {
  const isAfter = new Set(after);
  const isBefore = new Set(before);
  const stayed = before.filter((id) => isAfter.has(id));
  const order = after.filter((id) => isBefore.has(id));
  // Where the order itself changed (a keyword one sorts by), all from there on go and come.
  const firstMoved = stayed.findIndex((id, index) => id !== order[index]);
  const moved = new Set(firstMoved < 0 ? [] : stayed.slice(firstMoved));
  return {
    removed: before.filter((id) => !isAfter.has(id) || moved.has(id)).map(idOf),
    added: after.flatMap((id, index) => (!isBefore.has(id) || moved.has(id) ? [{ id: idOf(id), index }] : [])),
  };
}
