import { SyntaxFault } from './faults.ts';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const DATE_TIME = /^([ \d]\d)-([A-Za-z]{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)$/;
const DATE = /^(\d{1,2})-([A-Za-z]{3})-(\d{4})$/;

/** RFC 9051 9 date-time, without its quotes. @throws SyntaxFault */
export function parseDateTime(text: string): number {
  const found = DATE_TIME.exec(text);
  if (found === null) throw new SyntaxFault('The date is malformed');
  const [, day = '', month = '', year = '', hour, minute, second, sign, zoneHours, zoneMinutes] = found;
  const midnightMs = midnight(year, month, day);
  const offset = (Number(zoneHours) * 60 + Number(zoneMinutes)) * 60_000;
  const timeMs = ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1000;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) throw new SyntaxFault('The time is none');
  return midnightMs + timeMs - (sign === '-' ? -offset : offset);
}

/** RFC 9051 9 date-text: midnight of that day in UTC. @throws SyntaxFault */
export function parseDate(text: string): number {
  const found = DATE.exec(text);
  if (found === null) throw new SyntaxFault('The date is malformed');
  const [, day = '', month = '', year = ''] = found;
  return midnight(year, month, day);
}

/** With its quotes, in UTC: a zone of ours would tell nothing, the client's we do not know. */
export function formatDateTime(ms: number): string {
  const at = new Date(ms);
  const day = at.getUTCDate();
  const date = `${day < 10 ? ' ' : ''}${day}-${MONTHS[at.getUTCMonth()]}-${String(at.getUTCFullYear()).padStart(4, '0')}`;
  return `"${date} ${twoDigits(at.getUTCHours())}:${twoDigits(at.getUTCMinutes())}:${twoDigits(at.getUTCSeconds())} +0000"`;
}

function twoDigits(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}

function midnight(year: string, monthName: string, dayText: string): number {
  const month = MONTHS.findIndex((name) => name.toLowerCase() === monthName.toLowerCase());
  const day = Number(dayText);
  const at = new Date(Date.UTC(Number(year), month, day));
  if (month < 0 || day < 1 || at.getUTCDate() !== day) throw new SyntaxFault('There is no such day');
  return at.getTime();
}
