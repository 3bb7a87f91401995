/** Which lines of a list, by their keys, are marked for what is done next, and where a range would begin. */
export interface Selection {
  readonly ids: ReadonlySet<string>;
  readonly anchor: string | undefined;
}

export const NOTHING_SELECTED: Selection = { ids: new Set(), anchor: undefined };

export function toggled({ ids }: Selection, id: string): Selection {
  const next = new Set(ids);
  if (!next.delete(id)) next.add(id);
  return { ids: next, anchor: id };
}

/**
 * Everything from where the last one was marked to here; where not all of it is loaded only this one: nobody would see what is left out.
 * @param idAt what is loaded of the list
 */
export function extended(
  selection: Selection,
  id: string,
  list: { indexOf(id: string): number; idAt(index: number): string | undefined },
): Selection {
  const from = selection.anchor === undefined ? -1 : list.indexOf(selection.anchor);
  const to = list.indexOf(id);
  if (from === -1 || to === -1) return toggled(selection, id);
  const ids = new Set(selection.ids);
  for (let index = Math.min(from, to); index <= Math.max(from, to); index += 1) {
    const one = list.idAt(index);
    if (one === undefined) return toggled(selection, id);
    ids.add(one);
  }
  return { ids, anchor: selection.anchor };
}
