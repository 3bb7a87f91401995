const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
/** RFC 5322 3.3, with the two digits of RFC 822 for the year. */
const DAY = /^\s*(?:[a-z]{1,20}\.?\s*,?\s*)?(\d{1,2})[\s-]+([a-z]{3})[a-z]{0,6}\.?[\s-]+(\d{2,4})(?!\d)/i;

/** The day that stands written in a Date field, time and zone left out, as the midnight of that day in UTC. Undefined: none can be read. */
export function writtenDayOf(date: string | undefined): number | undefined {
  const [, day = '', month = '', year = ''] = DAY.exec(date ?? '') ?? [];
  const index = MONTHS.indexOf(month.toLowerCase());
  if (index < 0) return undefined;
  const given = Number(year);
  // RFC 5322 4.3: 00 to 49 are of this century, 50 to 999 are since 1900.
  const full = year.length >= 4 ? given : given < 50 && year.length === 2 ? 2000 + given : 1900 + given;
  return Date.UTC(full, index, Number(day));
}
