/*
 * Where the next listing of one mailbox goes on, as a JSON text: `v` the layout, `validity` UIDVALIDITY, `uidNext` the first UID that was not there,
 * `modSeq` the HIGHESTMODSEQ before that listing (absent: none is kept). A few octets, whatever the mailbox holds.
 */
export interface Cursor {
  readonly validity: string;
  readonly uidNext: number;
  readonly modSeq?: string;
}

const LAYOUT = 1;
const LONGEST_CURSOR = 500;

export function writeCursor(cursor: Cursor): string {
  return JSON.stringify({ v: LAYOUT, ...cursor });
}

/** Undefined: none, or no cursor of ours; the listing starts anew. */
export function readCursor(text: string | undefined): Cursor | undefined {
  if (text === undefined || text.length > LONGEST_CURSOR) return undefined;
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof found !== 'object' || found === null) return undefined;
  const { v, validity, uidNext, modSeq } = found as Readonly<Record<string, unknown>>;
  if (v !== LAYOUT || typeof validity !== 'string' || typeof uidNext !== 'number') return undefined;
  if (!Number.isSafeInteger(uidNext) || uidNext < 1) return undefined;
  if (modSeq === undefined) return { validity, uidNext };
  return typeof modSeq === 'string' && /^\d{1,19}$/.test(modSeq) ? { validity, uidNext, modSeq } : undefined;
}
