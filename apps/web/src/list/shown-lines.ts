import type { Line, ListQuery } from '../api/lists.ts';
import { filedLine, stepsOf, type Filing } from '../offline/filing.ts';

export interface ShownLines {
  readonly total: number;
  /** By their places in the list. */
  readonly places: ReadonlyMap<number, Line>;
}

/**
 * A list as it is with what was filed since the relay told of it: what left the mailbox is not in it, what came into it stands where its time puts it, and
 * everything below moves up or down. What falls where nothing is known of the list is left out.
 * @param told what is known of it, by the relay's places, in their order
 */
export function shownLines(told: readonly (readonly [place: number, line: Line])[], from: ShownFrom): ShownLines {
  const { total, filings } = from;
  const mailboxId = mailboxOf(from.query);
  const steps = stepsOf(filings);
  const lines = told.map(([place, line]) => [place, filedLine(line, steps)] as const);
  const coming = mailboxId === undefined ? [] : linesComing({ ...from, mailboxId, known: lines.map(([, line]) => line) });
  const places = new Map<number, Line>();
  let shift = 0;
  let before = -1;
  for (const [place, line] of lines) {
    while (coming[0] !== undefined && coming[0].receivedAt >= line.receivedAt) {
      const next = coming.shift();
      if (next === undefined || place !== before + 1) continue;
      places.set(place + shift, next);
      shift += 1;
    }
    before = place;
    if (mailboxId !== undefined && !isIn(line, mailboxId)) shift -= 1;
    else places.set(place + shift, line);
  }
  if (before === total - 1)
    for (const next of coming) {
      shift += 1;
      places.set(before + shift, next);
    }
  return { total: total + shift, places };
}

interface ShownFrom {
  readonly query: ListQuery | undefined;
  readonly total: number;
  readonly filings: readonly Filing[];
}

interface Coming extends ShownFrom {
  readonly mailboxId: string;
  readonly known: readonly Line[];
}

/** Newest first. */
function linesComing({ query, filings, mailboxId, known }: Coming): Line[] {
  const steps = stepsOf(filings);
  const keys = new Set(known.map(({ key }) => key));
  const found = new Map<string, Line>();
  for (const { lines } of filings)
    for (const one of lines) {
      const line = filedLine(one, steps);
      const shown = query?.isCollapsed === true ? { ...line, key: line.threadId } : { ...line, key: line.id, conversation: [line] };
      if (!keys.has(shown.key) && isIn(shown, mailboxId)) found.set(shown.key, shown);
    }
  return [...found.values()].toSorted((one, other) => other.receivedAt.localeCompare(one.receivedAt));
}

function isIn({ mailboxIds, conversation }: Line, mailboxId: string): boolean {
  return [{ mailboxIds }, ...conversation].some((one) => Object.hasOwn(one.mailboxIds, mailboxId));
}

/** Undefined: it is not the list of a mailbox. */
function mailboxOf(query: ListQuery | undefined): string | undefined {
  if (query === undefined || 'operator' in query.filter || Object.keys(query.filter).length !== 1) return undefined;
  return query.filter.inMailbox;
}
