import type { Owner } from './owner.ts';
import type { Placed } from './place.ts';

const DAY_MS = 86_400_000;

const UNWANTED = [
  ['Lucky Lottery', 'win@lucky-lottery.test', 'You have WON', 'Dear winner, send us your bank details and 50 EUR for the stamp.'],
  [
    'Ihre Sparkasse',
    'sicherheit@konto-pruefung.test',
    'Ihr Konto wurde gesperrt!!',
    'Sehr geehrter Kunde, bestätigen Sie Ihre Daten sofort.',
  ],
  ['Dr. Thin', 'offers@miracle-pills.test', 'Lose 20 kg over night', 'Click now. No refunds.'],
] as const;

/** What the provider took for junk. */
export function unwantedFor({ who, seed }: Owner, nowMs: number): Placed[] {
  return UNWANTED.map(([name, address, subject, text], index) => ({
    owner: who.address,
    folder: 'Junk',
    flags: [],
    letter: {
      from: { name, address },
      to: [who],
      subject,
      text: `${text}\n`,
      atMs: nowMs - (2 + index * 5) * DAY_MS,
      id: `${seed}-junk-${index}`,
    },
  }));
}

/** What was begun and not sent. */
export function unsentOf({ who, seed }: Owner, nowMs: number): Placed[] {
  const draft = (subject: string, text: string, days: number): Placed => ({
    owner: who.address,
    folder: 'Drafts',
    flags: ['$draft', '$seen'],
    letter: { from: who, to: [], subject, text, atMs: nowMs - days * DAY_MS, id: `${seed}-draft-${days}` },
  });
  return who.address.startsWith('anna')
    ? [draft('Ideen für das Sommerfest', 'Lampions, die Band vom letzten Jahr, ein großer Topf Suppe ...\n', 6)]
    : [draft('Things to bring to the cabin', 'torches, the good knife, two decks of cards\n', 9)];
}
