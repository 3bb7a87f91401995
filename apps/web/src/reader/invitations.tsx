import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { BodyPart } from '../api/methods.ts';
import { plainText } from '../list/address-text.ts';
import { Icon } from '../shell/icons.tsx';
import { useJmap } from '../shell/mail-session.tsx';
import type { Formats } from '../words/formats.ts';
import { useSpeech } from '../words/use-words.ts';
import type { Moment } from './calendar-time.ts';
import { occasionsIn, type Guest, type Occasion } from './invitation.ts';
import type { Recurrence } from './recurrence.ts';
import { recurrenceText, type RecurrenceFacts } from './recurrence-text.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const SHOWN_GUESTS = 12;
const SHOWN_DATES = 12;

/** What a calendar in the message is about, for people; a calendar that can not be read stays the file that it is. */
export function Invitations({ part }: { readonly part: BodyPart }): ReactNode {
  const jmap = useJmap();
  const { data = [] } = useQuery({
    queryKey: ['calendar', part.blobId],
    queryFn: async ({ signal }) => occasionsIn(await (await jmap.download(part.blobId ?? '', 'calendar', part.type, signal)).text()),
    staleTime: Infinity,
    refetchInterval: false,
  });
  // Events of one file have no identity but their place, and the file never changes.
  return data.map((occasion, index) => <OccasionCard key={index} occasion={occasion} />);
}

function OccasionCard({ occasion }: { readonly occasion: Occasion }): ReactNode {
  const { words, formats, language } = useSpeech();
  const { span } = formats;
  const { kind, title, start, end, zone, place, text, organizer, guests, recurrence, except, besides } = occasion;
  const lastMs = end === undefined ? start.atMs : end.kind === 'day' ? end.atMs - DAY_MS : end.atMs;
  const { calendar } = words;
  const dates = (moments: readonly Moment[], show: (moment: Moment) => string): string => {
    const shown = moments.slice(0, SHOWN_DATES).map(show).join('; ');
    return moments.length > SHOWN_DATES ? `${shown} ${words.read.andMore(moments.length - SHOWN_DATES)}` : shown;
  };
  return (
    <section className={`occasion ${kind === 'cancelled' ? 'is-cancelled' : ''}`} aria-label={calendar.kinds[kind]}>
      <p className="occasion-kind">
        <Icon name="calendar" size={18} />
        {calendar.kinds[kind]}
      </p>
      <h2 dir="auto">{plainText(title) || words.list.noSubject}</h2>
      <dl className="message-details">
        <Row label={calendar.when}>
          {span({ kind: start.kind, fromMs: start.atMs, toMs: lastMs })}
          {start.kind === 'floating' ? ` (${zone === undefined ? calendar.noZone : calendar.unknownZone(plainText(zone))})` : ''}
        </Row>
        {recurrence === undefined ? null : (
          <Row label={calendar.repeats}>{recurrenceText(factsOf(occasion, recurrence, span), language)}</Row>
        )}
        {except.length === 0 ? null : <Row label={calendar.except}>{dates(except, (one) => span(dayOf(one)))}</Row>}
        {besides.length === 0 ? null : (
          <Row label={calendar.besides}>{dates(besides, ({ kind, atMs }) => span({ kind, fromMs: atMs, toMs: atMs }))}</Row>
        )}
        {place === '' ? null : <Row label={calendar.where}>{plainText(place)}</Row>}
        {organizer === undefined ? null : <Row label={calendar.organizer}>{nameOf(organizer)}</Row>}
        {guests.length === 0 ? null : (
          <Row label={calendar.guests}>
            {guests
              .slice(0, SHOWN_GUESTS)
              .map((guest) => (guest.answer === 'open' ? nameOf(guest) : `${nameOf(guest)} (${calendar.answers[guest.answer]})`))
              .join(', ')}
            {guests.length > SHOWN_GUESTS ? ` ${words.read.andMore(guests.length - SHOWN_GUESTS)}` : ''}
          </Row>
        )}
      </dl>
      {text === '' ? null : (
        <details className="occasion-text">
          <summary>{calendar.text}</summary>
          <p dir="auto">{text}</p>
        </details>
      )}
      {kind === 'invitation' || kind === 'update' ? <p className="hint">{calendar.noAnswer}</p> : null}
    </section>
  );
}

function Row({ label, children }: { readonly label: string; readonly children: ReactNode }): ReactNode {
  return (
    <div>
      <dt>{label}</dt>
      <dd dir="auto">{children}</dd>
    </div>
  );
}

function nameOf({ name, email }: Guest): string {
  return plainText(name) || plainText(email);
}

/** The day that it is where its reader is; what is not told by the clock there is the same everywhere. */
function dayOf({ kind, atMs }: Moment): Parameters<Formats['span']>[0] {
  const local = new Date(atMs);
  const dayMs = kind === 'instant' ? Date.UTC(local.getFullYear(), local.getMonth(), local.getDate()) : atMs;
  return { kind: 'day', fromMs: dayMs, toMs: dayMs };
}

/** A day of the week is that of the place; what is not told by the clock there is the same everywhere. */
function factsOf({ start }: Occasion, recurrence: Recurrence, span: Formats['span']): RecurrenceFacts {
  const { until } = recurrence;
  return {
    recurrence,
    weekday: start.kind === 'instant' ? new Date(start.atMs).getDay() : undefined,
    until: until === undefined ? undefined : span({ kind: 'day', fromMs: until.atMs, toMs: until.atMs }),
  };
}
