/* What comes by itself: bills, newsletters, parcels, reports of machines. */
import type { DigestMailbox } from '@stopgap/message';
import { pdfOf, type Attachment } from './attachments.ts';
import type { Random } from './random.ts';

export interface Circular {
  readonly from: DigestMailbox;
  readonly everyDays: number;
  readonly count: number;
  readonly folder?: string;
  readonly write: (issue: number, day: string, random: Random) => Issue;
}

export interface Issue {
  readonly subject: string;
  readonly text: string;
  readonly html?: string;
  readonly attachments?: readonly Attachment[];
}

const THEMES_DE = [
  'Balkonpflanzen im Herbst',
  'Was Altbauten erzählen',
  'Brot backen ohne Eile',
  'Mit dem Rad an die Küste',
  'Märkte der Region',
] as const;
const THEMES_EN = [
  'Libraries worth a detour',
  'How bridges age',
  'Slow soups',
  'A week without a car',
  'Maps that changed cities',
] as const;
const PARCELS = ['ein Buch', 'Fahrradlampen', 'zwei Stühle', 'Druckerpapier', 'ein Paar Stiefel'] as const;

export const GERMAN_CIRCULARS: readonly Circular[] = [
  {
    from: { name: 'Stadtwerke Nordhof', address: 'service@stadtwerke-nordhof.test' },
    everyDays: 30,
    count: 7,
    folder: 'Rechnungen',
    write: (issue, day, random) =>
      bill({
        title: `Ihre Abschlagsrechnung ${String(issue).padStart(3, '0')}`,
        amount: `${random.whole(62, 118)},00 €`,
        day,
        hello: 'Guten Tag,',
        due: 'fällig am',
      }),
  },
  {
    from: { name: 'Netz & Draht Telefon', address: 'rechnung@netzunddraht.test' },
    everyDays: 30,
    count: 7,
    folder: 'Rechnungen',
    write: (issue, day) =>
      bill({ title: `Ihre Telefonrechnung Nr. ${4400 + issue}`, amount: '39,95 €', day, hello: 'Guten Tag,', due: 'wird abgebucht am' }),
  },
  {
    from: { name: 'Der Wochenbrief', address: 'redaktion@wochenbrief.test' },
    everyDays: 7,
    count: 26,
    write: (issue, _, random) =>
      newsletter({
        paper: 'Der Wochenbrief',
        issue: `Ausgabe ${issue}`,
        theme: random.pick(THEMES_DE),
        more: 'Weiterlesen',
        bye: 'Sie bekommen diesen Brief, weil Sie ihn bestellt haben.',
      }),
  },
  {
    from: { name: 'Paketbote', address: 'info@paketbote.test' },
    everyDays: 17,
    count: 10,
    write: (issue, day, random) => ({
      subject: `Ihr Paket kommt am ${day}`,
      text: `Guten Tag,\n\nIhre Sendung ${20_000 + issue * 37} (${random.pick(PARCELS)}) ist unterwegs und kommt am ${day} zwischen 10 und 13 Uhr.\n\nIhr Paketbote`,
    }),
  },
  {
    from: { name: 'Stadtbücherei', address: 'ausleihe@stadtbuecherei.test' },
    everyDays: 28,
    count: 6,
    write: (_, day) => ({
      subject: `Erinnerung: Rückgabe bis ${day}`,
      text: `Guten Tag,\n\ndrei Ihrer Medien sind am ${day} fällig. Sie können sie einmal verlängern.\n\nIhre Stadtbücherei`,
    }),
  },
];

export const ENGLISH_CIRCULARS: readonly Circular[] = [
  {
    from: { name: 'Build server', address: 'ci@builds.test' },
    everyDays: 2,
    count: 45,
    folder: 'Builds',
    write: (issue, _, random) => {
      const isRed = random.next() < 0.12;
      return {
        subject: `Nightly build ${2100 + issue} ${isRed ? 'failed' : 'passed'}`,
        text: isRed
          ? `Build ${2100 + issue} failed after ${random.whole(3, 9)} minutes:\n\n  1 of 3187 tests failed\n  parcel-router: "counts each parcel once"\n`
          : `All 3187 tests passed in ${random.whole(12, 17)} minutes.\n`,
      };
    },
  },
  {
    from: { name: 'The Slow Gazette', address: 'letters@slow-gazette.test' },
    everyDays: 9,
    count: 18,
    write: (issue, _, random) =>
      newsletter({
        paper: 'The Slow Gazette',
        issue: `Issue ${issue}`,
        theme: random.pick(THEMES_EN),
        more: 'Read on',
        bye: 'You get this letter because you asked for it.',
      }),
  },
  {
    from: { name: 'Cloud Nine Hosting', address: 'billing@cloudnine-hosting.test' },
    everyDays: 30,
    count: 6,
    folder: 'Invoices',
    write: (issue, day, random) =>
      bill({ title: `Your invoice CN-${700 + issue}`, amount: `EUR ${random.whole(18, 44)}.00`, day, hello: 'Hello,', due: 'due on' }),
  },
  {
    from: { name: 'Northern Rail', address: 'tickets@northern-rail.test' },
    everyDays: 24,
    count: 7,
    write: (issue, day, random) => ({
      subject: `Your ticket for ${day}`,
      text: `Hello,\n\nyour booking NR-${8100 + issue}: ${day}, coach ${random.whole(1, 9)}, seat ${random.whole(11, 88)}. Please show the attached ticket.\n\nHave a good journey.`,
      attachments: [
        pdfOf(`Ticket NR-${8100 + issue}.pdf`, [
          'Northern Rail',
          `Booking NR-${8100 + issue}`,
          `Valid on ${day}`,
          '',
          'Harbour Central - Northfield, single',
        ]),
      ],
    }),
  },
];

interface BillText {
  readonly title: string;
  readonly amount: string;
  readonly day: string;
  readonly hello: string;
  readonly due: string;
}

function bill({ title, amount, day, hello, due }: BillText): Issue {
  return {
    subject: title,
    text: `${hello}\n\n${title}: ${amount}, ${due} ${day}.\n`,
    html: page(
      '#0b5a8f',
      title,
      `<p>${hello}</p><table style="width:100%;border-collapse:collapse"><tr><td style="padding:10px 0;border-bottom:1px solid #dfe4e8">${title}</td><td style="padding:10px 0;border-bottom:1px solid #dfe4e8;text-align:right"><b>${amount}</b></td></tr></table><p>${due} ${day}</p>`,
    ),
    attachments: [pdfOf(`${title}.pdf`, [title, '', amount, `${due} ${day}`])],
  };
}

interface NewsletterText {
  readonly paper: string;
  readonly issue: string;
  readonly theme: string;
  readonly more: string;
  readonly bye: string;
}

function newsletter({ paper, issue, theme, more, bye }: NewsletterText): Issue {
  return {
    subject: `${paper}, ${issue}: ${theme}`,
    text: `${paper}, ${issue}\n\n${theme}\n\n${more}: https://letters.test/\n\n${bye}\n`,
    html: page(
      '#7a3b1d',
      paper,
      `<p style="color:#6b6b6b">${issue}</p><h2 style="font-size:22px;margin:8px 0">${theme}</h2><p><img src="https://pictures.test/cover.jpg" alt="" width="480" height="200"></p><p><a href="https://letters.test/" style="display:inline-block;padding:10px 18px;border-radius:6px;background:#7a3b1d;color:#fff;text-decoration:none">${more}</a></p><p style="font-size:12px;color:#6b6b6b">${bye}</p>`,
    ),
  };
}

function page(colour: string, title: string, inner: string): string {
  return `<html><body style="margin:0;background:#f4f5f6;font-family:Helvetica,Arial,sans-serif;color:#222"><div style="max-width:560px;margin:0 auto;background:#fff"><h1 style="margin:0;padding:22px 28px;background:${colour};color:#fff;font-size:20px">${title}</h1><div style="padding:18px 28px">${inner}</div></div></body></html>`;
}
