/*
 * What an invitation says (RFC 5545, 5546), as far as a reader wants to know it. Nothing is answered and nothing is kept.
 */
import { durationMs, momentOf, type Moment } from './calendar-time.ts';
import { lineOf, readCalendar, textValue, type Component, type ContentLine } from './content-lines.ts';
import { recurrenceOf, type Recurrence } from './recurrence.ts';

/** Of one file; a calendar of a whole year is no invitation. */
const MOST_EVENTS = 10;
const MOST_PEOPLE = 100;
const MOST_DATES = 500;

export interface Guest {
  readonly name: string;
  readonly email: string;
  readonly answer: 'accepted' | 'declined' | 'tentative' | 'open';
}

export interface Occasion {
  readonly kind: 'invitation' | 'update' | 'cancelled' | 'answer' | 'event';
  readonly title: string;
  readonly start: Moment;
  /** Of whole days it is the day after. */
  readonly end: Moment | undefined;
  /** The zone that its sender wrote, if any. */
  readonly zone: string | undefined;
  readonly place: string;
  readonly text: string;
  readonly organizer: Guest | undefined;
  readonly guests: readonly Guest[];
  readonly recurrence: Recurrence | undefined;
  /** When it does not take place though the rule says so (RFC 5545 3.8.5.1), and when besides (3.8.5.2); each once, in their order. */
  readonly except: readonly Moment[];
  readonly besides: readonly Moment[];
}

/** The events that a text/calendar is about; empty: it is none, or is about something else. */
export function occasionsIn(text: string): readonly Occasion[] {
  const calendar = readCalendar(text);
  if (calendar === undefined) return [];
  const method = (lineOf(calendar, 'METHOD')?.value ?? '').trim().toUpperCase();
  const zones = calendar.parts.filter(({ name }) => name === 'VTIMEZONE');
  const events = calendar.parts.filter(({ name }) => name === 'VEVENT').slice(0, MOST_EVENTS);
  return events.flatMap((event) => occasionOf(event, method, zones) ?? []);
}

function occasionOf(event: Component, method: string, zones: readonly Component[]): Occasion | undefined {
  const startLine = lineOf(event, 'DTSTART');
  const start = startLine && momentOf(startLine, zones);
  if (startLine === undefined || start === undefined) return undefined;
  const organizer = lineOf(event, 'ORGANIZER');
  const text = (name: string): string => textValue(lineOf(event, name)?.value ?? '').trim();
  return {
    kind: kindOf(event, method),
    title: text('SUMMARY'),
    start,
    end: endOf(event, start, zones),
    zone: startLine.params.get('TZID'),
    place: text('LOCATION'),
    text: text('DESCRIPTION'),
    organizer: organizer === undefined ? undefined : guestOf(organizer),
    guests: event.lines
      .filter(({ name }) => name === 'ATTENDEE')
      .slice(0, MOST_PEOPLE)
      .map(guestOf),
    recurrence: recurrenceOf(event, zones),
    except: momentsOf(event, 'EXDATE', zones),
    besides: momentsOf(event, 'RDATE', zones),
  };
}

/** Of a period its beginning. */
function momentsOf(event: Component, name: string, zones: readonly Component[]): readonly Moment[] {
  const values = event.lines
    .filter((line) => line.name === name)
    .flatMap((line) => line.value.split(',', MOST_DATES).map((value) => ({ ...line, value: value.split('/', 1)[0] ?? '' })))
    .slice(0, MOST_DATES);
  const moments = new Map(values.flatMap((line) => momentOf(line, zones) ?? []).map((moment) => [`${moment.kind}${moment.atMs}`, moment]));
  return [...moments.values()].toSorted((one, other) => one.atMs - other.atMs);
}

function kindOf(event: Component, method: string): Occasion['kind'] {
  if (method === 'CANCEL' || lineOf(event, 'STATUS')?.value.trim().toUpperCase() === 'CANCELLED') return 'cancelled';
  if (method === 'REPLY') return 'answer';
  if (method !== 'REQUEST') return 'event';
  return Number(lineOf(event, 'SEQUENCE')?.value ?? 0) > 0 ? 'update' : 'invitation';
}

/** An end before its beginning is none. */
function endOf(event: Component, start: Moment, zones: readonly Component[]): Moment | undefined {
  const line = lineOf(event, 'DTEND');
  const lengthMs = durationMs(lineOf(event, 'DURATION')?.value ?? '');
  const end = line === undefined ? lengthMs && { ...start, atMs: start.atMs + lengthMs } : momentOf(line, zones);
  return end === undefined || end === 0 || end.kind !== start.kind || end.atMs <= start.atMs ? undefined : end;
}

const ANSWERS: Readonly<Record<string, Guest['answer']>> = { ACCEPTED: 'accepted', DECLINED: 'declined', TENTATIVE: 'tentative' };

function guestOf({ params, value }: ContentLine): Guest {
  return {
    name: (params.get('CN') ?? '').trim(),
    email: value.trim().replace(/^mailto:/i, ''),
    answer: ANSWERS[(params.get('PARTSTAT') ?? '').toUpperCase()] ?? 'open',
  };
}
