import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { BodyPart } from '../api/methods.ts';
import { plainText } from '../list/address-text.ts';
import { Icon } from '../shell/icons.tsx';
import { useJmap } from '../shell/mail-session.tsx';
import { useFormats, useWords } from '../words/use-words.ts';
import { occasionsIn, type Guest, type Occasion } from './invitation.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const SHOWN_GUESTS = 12;

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
  const words = useWords();
  const { span } = useFormats();
  const { kind, title, start, end, zone, place, text, organizer, guests } = occasion;
  const lastMs = end === undefined ? start.atMs : end.kind === 'day' ? end.atMs - DAY_MS : end.atMs;
  const { calendar } = words;
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
        {occasion.recurrence === undefined ? null : <Row label={calendar.repeats}>{recurrenceText(occasion, words.calendar, span)}</Row>}
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

type CalendarWords = ReturnType<typeof useWords>['calendar'];

function recurrenceText({ recurrence }: Occasion, words: CalendarWords, span: ReturnType<typeof useFormats>['span']): string {
  if (recurrence === undefined) return '';
  const { every, interval, count, until } = recurrence;
  const often = words.every[every](interval);
  if (count !== undefined) return `${often}, ${words.times(count)}`;
  return until === undefined ? often : `${often}, ${words.until(span({ kind: 'day', fromMs: until.atMs, toMs: until.atMs }))}`;
}
