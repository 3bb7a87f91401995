import { invitationOf, pdfOf, type Attachment } from './attachments.ts';
import { messageIdOf, type Letter } from './letter.ts';
import type { Owner } from './owner.ts';
import type { Placed } from './place.ts';
import type { Plot } from './plot.ts';
import type { Random } from './random.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const PAST_DAYS = 190;
/** Younger than that nothing is made by chance: the newest mail is written by hand. */
const NEWEST_DAYS = 0.9;
const PLACES = {
  de: ['Nordhof', 'Lindenhof', 'Gartenhaus', 'Halle 3', 'Neubau West', 'Alte Mühle', 'Café am Markt'],
  en: ['Harbour House', 'the north wing', 'Unit 7', 'the old mill', 'Riverside Court', 'the spring fair', 'Warehouse 2'],
} as const;
const SAID = {
  de: { hello: 'Hallo', bye: 'Viele Grüße', quote: (when: string, who: string) => `Am ${when} schrieb ${who}:` },
  en: { hello: 'Hello', bye: 'Kind regards', quote: (when: string, who: string) => `On ${when}, ${who} wrote:` },
} as const;

export interface Chance {
  readonly random: Random;
  readonly nowMs: number;
  /** To be taken again and again: each costs a while. */
  readonly pictures: readonly [Attachment, ...Attachment[]];
}

/** Every talk of the owner: what others wrote lies in the inbox or where it was filed, the owner's answers in Sent. */
export function conversations(owner: Owner, chance: Chance): Placed[] {
  return owner.talks.flatMap(({ language, plots, people, times }) =>
    Array.from({ length: times }, (_, round) =>
      plots.flatMap((plot, index) =>
        conversation(plot, {
          owner,
          language,
          other: chance.random.pick(people[plot.about ?? 'work']),
          id: `${language}-${round}-${index}`,
          ...chance,
        }),
      ),
    ).flat(),
  );
}

interface Talk extends Chance {
  readonly owner: Owner;
  readonly language: 'de' | 'en';
  readonly other: Letter['from'];
  readonly id: string;
}

function conversation(plot: Plot, talk: Talk): Placed[] {
  const { owner, language, other, random, nowMs } = talk;
  // More of it is young than old, as with people who tidy up.
  const ageDays = NEWEST_DAYS + plot.turns.length + random.next() ** 1.7 * PAST_DAYS;
  const beganMs = inTheDay(nowMs - ageDays * DAY_MS, random);
  const words = wordsFor(talk, beganMs);
  const letters: Letter[] = [];
  return plot.turns.map((turn, index) => {
    const isTheirs = index % 2 === 0;
    const [from, to] = isTheirs ? [other, owner.who] : [owner.who, other];
    const before = letters.at(-1);
    const subject = filled(plot.subject, words);
    const letter: Letter = {
      from,
      to: [to],
      subject: index === 0 ? subject : `Re: ${subject}`,
      text: `${textOf(filled(turn, words), { from, to, language })}${before === undefined ? '' : quoted(before, language)}`,
      atMs: Math.min(
        before === undefined ? beganMs : inTheDay(before.atMs + random.whole(1, 20) * HOUR_MS, random),
        nowMs - NEWEST_DAYS * DAY_MS,
      ),
      id: `${owner.seed}-${talk.id}-${index}`,
      references: letters.map(messageIdOf),
      ...(index === 0 && plot.attachment !== undefined
        ? { attachments: [attachmentFor(plot.attachment, subject, { talk, words, beganMs })] }
        : {}),
    };
    letters.push(letter);
    return {
      owner: owner.who.address,
      letter,
      ...placeOf(plot, talk, { isTheirs, hasAnswer: index + 1 < plot.turns.length, atMs: letter.atMs }),
    };
  });
}

interface Turn {
  readonly isTheirs: boolean;
  readonly hasAnswer: boolean;
  readonly atMs: number;
}

function placeOf(plot: Plot, { owner, random, nowMs }: Talk, { isTheirs, hasAnswer, atMs }: Turn): Pick<Placed, 'folder' | 'flags'> {
  if (!isTheirs) return { folder: 'Sent', flags: ['$seen'] };
  const ageDays = (nowMs - atMs) / DAY_MS;
  // All drawn at once: what is drawn next must not depend on the hour.
  const [seen, flagged, old, gone] = [random.next(), random.next(), random.next(), random.next()];
  const isSeen = hasAnswer || seen < (ageDays > 6 ? 0.97 : 0.6);
  const flags = [...(isSeen ? ['$seen'] : []), ...(hasAnswer ? ['$answered'] : []), ...(flagged < 0.06 ? ['$flagged'] : [])];
  const isFiled = plot.folder !== undefined && owner.folders.includes(plot.folder) && ageDays > 3;
  const isOld = ageDays > 45 && isSeen && old < 0.75;
  const isGone = ageDays > 10 && isSeen && gone < 0.05;
  return { folder: isFiled ? (plot.folder ?? 'INBOX') : isGone ? 'Trash' : isOld ? 'Archive' : 'INBOX', flags };
}

type Words = Readonly<Record<'place' | 'day' | 'amount' | 'number', string>>;

function wordsFor({ language, random }: Talk, beganMs: number): Words {
  return {
    place: random.pick(PLACES[language]),
    day: dayText(beganMs + random.whole(2, 12) * DAY_MS, language),
    amount: new Intl.NumberFormat(language, { minimumFractionDigits: 2 }).format(random.whole(9, 480) * 10),
    number: String(random.whole(1000, 9999)),
  };
}

export function dayText(ms: number, language: 'de' | 'en'): string {
  return new Intl.DateTimeFormat(language === 'de' ? 'de-DE' : 'en-GB', { day: 'numeric', month: 'long', timeZone: 'UTC' }).format(ms);
}

function filled(text: string, words: Words): string {
  return text.replaceAll(/\{(place|day|amount|number)\}/g, (_, name: keyof Words) => words[name]);
}

interface Salute {
  readonly from: Letter['from'];
  readonly to: Letter['from'];
  readonly language: 'de' | 'en';
}

function textOf(text: string, { from, to, language }: Salute): string {
  const { hello, bye } = SAID[language];
  return `${hello} ${to.name.split(' ')[0] ?? ''},\n\n${text}\n\n${bye}\n${from.name}\n`;
}

function quoted({ from, atMs, text }: Letter, language: 'de' | 'en'): string {
  const when = new Intl.DateTimeFormat(language === 'de' ? 'de-DE' : 'en-GB', {
    dateStyle: 'medium',
    timeStyle: 'short',
    timeZone: 'UTC',
  }).format(atMs);
  const lines = text.trimEnd().split('\n');
  return `\n${SAID[language].quote(when, from.name)}\n${lines.map((line) => (line.startsWith('>') ? `>${line}` : `> ${line}`.trimEnd())).join('\n')}\n`;
}

function attachmentFor(
  kind: NonNullable<Plot['attachment']>,
  subject: string,
  { talk, words, beganMs }: { readonly talk: Talk; readonly words: Words; readonly beganMs: number },
): Attachment {
  const { random, owner, other, id } = talk;
  switch (kind) {
    case 'pdf':
      return pdfOf(`${subject}.pdf`, [subject, '', other.name, words.place, `${words.amount} EUR`, '', words.day]);
    case 'picture':
      return { ...random.pick(talk.pictures), name: `IMG_${words.number}.png` };
    case 'invitation':
      return invitationOf({
        uid: `${owner.seed}-${id}@demo.test`,
        title: subject,
        place: words.place,
        startMs: Math.floor((beganMs + 5 * DAY_MS) / DAY_MS) * DAY_MS + 9 * HOUR_MS,
        organizer: other.address,
        attendee: owner.who.address,
        madeMs: beganMs,
      });
    default:
      return kind satisfies never;
  }
}

/** Moved to an hour at which people write. */
function inTheDay(ms: number, random: Random): number {
  const day = Math.floor(ms / DAY_MS) * DAY_MS;
  const hour = (ms - day) / HOUR_MS;
  const other = 6 + random.next() * 13;
  return hour >= 6 && hour <= 19 ? Math.floor(ms) : Math.floor(day + other * HOUR_MS);
}
