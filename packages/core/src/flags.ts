/**
 * A flag or keyword in one spelling for every protocol: RFC 8621 4.1.1 names (`$seen`, `$answered`, `$flagged`, `$draft`, `$forwarded`, ...), lower
 * case; `$deleted` is IMAP's `\Deleted`. Everything else is a keyword of the user's, lower case.
 */
export type Flag = '$seen' | '$answered' | '$flagged' | '$deleted' | '$draft' | (string & {});

const FROM_IMAP: ReadonlyMap<string, Flag> = new Map([
  ['\\seen', '$seen'],
  ['\\answered', '$answered'],
  ['\\flagged', '$flagged'],
  ['\\deleted', '$deleted'],
  ['\\draft', '$draft'],
]);
const TO_IMAP: ReadonlyMap<Flag, string> = new Map([
  ['$seen', '\\Seen'],
  ['$answered', '\\Answered'],
  ['$flagged', '\\Flagged'],
  ['$deleted', '\\Deleted'],
  ['$draft', '\\Draft'],
]);

/** RFC 9051 flag-keyword: an atom. Longer ones are nobody's. */
const LONGEST_KEYWORD = 100;
const KEYWORD = /^[^\s\\(){%*"\]\x00-\x1f\x7f]{1,100}$/;
/** Of one message, besides the five of IMAP; more are dropped. IMAP servers stop between 26 and some hundred. */
const MOST_KEYWORDS = 100;

/** As IMAP spells it. Undefined: no flag that is kept (`\Recent`, a malformed one). */
export function flagFromImap(text: string): Flag | undefined {
  const lower = text.toLowerCase();
  const system = FROM_IMAP.get(lower);
  if (system !== undefined) return system;
  return KEYWORD.test(lower) ? lower : undefined;
}

export function flagToImap(flag: Flag): string {
  return TO_IMAP.get(flag) ?? flag;
}

/** Sorted, lower case, each once; what is no flag or too much is left out. */
export function normalFlags(flags: Iterable<string>): readonly Flag[] {
  const found = new Set<Flag>();
  let keywords = 0;
  for (const text of flags) {
    const flag = flagFromImap(text);
    if (flag === undefined || found.has(flag)) continue;
    if (!TO_IMAP.has(flag)) keywords += 1;
    if (TO_IMAP.has(flag) || keywords <= MOST_KEYWORDS) found.add(flag);
  }
  return [...found].sort();
}

/** More keywords than are kept on one message, or longer ones: for whoever would rather refuse than drop. */
export function isTooManyFlags(flags: Iterable<string>): boolean {
  const keywords = new Set<string>();
  for (const text of flags) {
    const flag = flagFromImap(text);
    if (flag === undefined && text.length > LONGEST_KEYWORD) return true;
    if (flag !== undefined && !TO_IMAP.has(flag)) keywords.add(flag);
  }
  return keywords.size > MOST_KEYWORDS;
}

/** What is done to flags: an operation and not a state, so that two of them from two sides can be merged. */
export interface FlagChange {
  readonly add: readonly Flag[];
  readonly remove: readonly Flag[];
}

export function withFlagChange(flags: readonly Flag[], change: FlagChange): readonly Flag[] {
  const removed = new Set(change.remove);
  return normalFlags([...flags.filter((flag) => !removed.has(flag)), ...change.add]);
}

export function sameFlags(one: readonly Flag[], other: readonly Flag[]): boolean {
  return one.length === other.length && one.every((flag, index) => flag === other[index]);
}
