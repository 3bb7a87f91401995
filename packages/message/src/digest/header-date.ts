const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
/** RFC 5322 4.3, in minutes. Military letters and names that nobody knows say nothing and count as UTC. */
const ZONES: ReadonlyMap<string, number> = new Map([
  ['edt', -240],
  ['est', -300],
  ['cdt', -300],
  ['cst', -360],
  ['mdt', -360],
  ['mst', -420],
  ['pdt', -420],
  ['pst', -480],
  // Not in the RFC, but in mail.
  ['cet', 60],
  ['cest', 120],
  ['mez', 60],
  ['mesz', 120],
  ['bst', 60],
]);
/** Whatever is longer is no date; what the expression has to look at is bounded by it. */
const LONGEST_DATE = 200;
const DATE =
  /^(?:[a-z]+[,.]?\s*)?(\d{1,2})[\s-]+([a-z]{3})[a-z]*\.?[\s-]+(\d{2,4})[\s,]+(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?\s*([+-]\d{4}|[a-z]+)?/i;

/** RFC 5322 3.3 with the obsolete forms (4.3). Undefined: nobody can read it. */
export function readHeaderDate(text: string): number | undefined {
  return readZonedDate(text)?.ms;
}

/** `zoneMinutes`: how far its clocks are ahead of UTC; 0 also where none is named, or one that nobody knows. */
export function readZonedDate(text: string): { readonly ms: number; readonly zoneMinutes: number } | undefined {
  const found = DATE.exec(withoutBrackets(text.slice(0, LONGEST_DATE)));
  if (found === null) return undefined;
  const [, day = '', month = '', year = '', hour = '', minute = '', second = '0', zone = ''] = found;
  const ms = Date.UTC(fullYear(year), MONTHS.indexOf(month.toLowerCase()), Number(day), Number(hour), Number(minute), Number(second));
  const isSound = MONTHS.includes(month.toLowerCase()) && Number(day) >= 1 && Number(day) <= 31 && Number(hour) < 24 && Number(minute) < 60;
  if (!isSound || Number(second) > 60) return undefined;
  const zoneMinutes = minutesOf(zone);
  return { ms: ms - zoneMinutes * 60_000, zoneMinutes };
}

/** RFC 5322 4.3. */
function fullYear(text: string): number {
  const year = Number(text);
  if (text.length === 2 && year < 50) return 2000 + year;
  return text.length < 4 ? 1900 + year : year;
}

function minutesOf(zone: string): number {
  const sign = zone.charAt(0);
  if (sign !== '+' && sign !== '-') return ZONES.get(zone.toLowerCase()) ?? 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3));
  return sign === '-' ? -minutes : minutes;
}

function withoutBrackets(text: string): string {
  return text.includes('(') ? text.replaceAll(/\([^()]*\)/g, ' ').trim() : text;
}
