/* The newest letters, which a visitor sees first. */
import type { DigestMailbox } from '@stopgap/message';
import { invitationOf, pdfOf, pictureOf, type Attachment } from './attachments.ts';
import type { Placed } from './place.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

interface Fresh {
  readonly from: DigestMailbox;
  readonly subject: string;
  readonly text: string;
  readonly html?: string;
  readonly hoursAgo: number;
  readonly flags?: readonly string[];
  readonly attachments?: readonly Attachment[];
}

export function newestFor(who: DigestMailbox, other: DigestMailbox, nowMs: number): Placed[] {
  const fresh = who.address.startsWith('anna') ? forAnna(who, other, nowMs) : forBen(who, other, nowMs);
  return fresh.map(({ hoursAgo, flags = [], ...letter }, index) => ({
    owner: who.address,
    folder: 'INBOX',
    flags,
    letter: { ...letter, to: [who], atMs: nowMs - hoursAgo * HOUR_MS, id: `newest-${who.address.slice(0, 3)}-${index}` },
  }));
}

/** Ten o'clock (UTC) some days from now. */
function meetingMs(nowMs: number, days: number): number {
  return Math.floor(nowMs / DAY_MS) * DAY_MS + days * DAY_MS + 10 * HOUR_MS;
}

function forAnna(who: DigestMailbox, ben: DigestMailbox, nowMs: number): Fresh[] {
  const mareike = { name: 'Mareike Schön', address: 'm.schoen@planquadrat.test' };
  return [
    {
      from: { name: 'Katrin Vogel', address: 'katrin.vogel@werkstatt-vogel.test' },
      subject: 'Angebot für die Fenster im Erdgeschoss',
      text: 'Guten Morgen Frau Berger,\n\nanbei das überarbeitete Angebot. Die drei Fenster zur Hofseite sind jetzt mit Dreifachverglasung gerechnet, wie besprochen. Der Einbau wäre in der übernächsten Woche möglich.\n\nGeben Sie mir bis Freitag Bescheid? Dann halte ich den Termin frei.\n\nViele Grüße\nKatrin Vogel\n',
      hoursAgo: 0.3,
      attachments: [
        pdfOf('Angebot Fenster.pdf', ['Angebot Fenster', '', '3 Fenster, Dreifachverglasung', '2.480,00 EUR', '', 'Werkstatt Vogel']),
      ],
    },
    {
      from: ben,
      subject: 'Harbour House: are we still on for Thursday?',
      text: 'Hi Anna,\n\nare we still on for Thursday? I would bring the new drawings; the client wants to see both versions side by side.\n\nDid your mail program work this morning? Mine did not, so I have the webmail open, just in case.\n\nBen\n',
      hoursAgo: 1.4,
      flags: ['$flagged'],
    },
    {
      from: mareike,
      subject: 'Einladung: Ortstermin Nordhof',
      text: 'Hallo Anna,\n\ndie Einladung für den Ortstermin hängt an. Wir treffen uns am Tor zur Hofseite.\n\nMareike\n',
      hoursAgo: 2.6,
      attachments: [
        invitationOf({
          uid: 'ortstermin-nordhof@demo.test',
          title: 'Ortstermin Nordhof',
          place: 'Nordhof, Tor zur Hofseite',
          startMs: meetingMs(nowMs, 4),
          organizer: mareike.address,
          attendee: who.address,
          madeMs: nowMs - 2.6 * HOUR_MS,
        }),
      ],
    },
    {
      from: { name: 'Mama', address: 'ingrid.berger@mailbox-nord.test' },
      subject: 'Der See heute Abend',
      text: 'Liebe Anna,\n\nschau mal, so schön war es heute. Papa hat sogar noch gebadet!\n\nKüsschen\nMama\n',
      hoursAgo: 4.1,
      flags: ['$seen'],
      attachments: [pictureOf('See.png', 0.7)],
    },
    {
      from: { name: 'Deniz Arslan', address: 'deniz@arslan-logistik.test' },
      subject: 'Re: Lieferung am Donnerstag',
      text: 'Passt, wir sind um acht da.\n\nDeniz\n\n> Geht Donnerstag auch früher?\n> Vor neun wäre gut, danach ist die Straße gesperrt.\n',
      hoursAgo: 5.5,
      flags: ['$seen'],
    },
    {
      from: { name: 'Sofia Rossi', address: 'sofia.rossi@studio-rossi.test' },
      subject: 'The colour of the doors',
      text: 'Ciao Anna,\n\nafter all that talking: green. The dark one, as in the sample of last week.\n\nSofia\n',
      hoursAgo: 8,
      flags: ['$seen', '$answered'],
    },
  ];
}

function forBen(who: DigestMailbox, anna: DigestMailbox, nowMs: number): Fresh[] {
  const tom = { name: 'Tom Baker', address: 'tom.baker@harbour-works.test' };
  return [
    {
      from: { name: 'Priya Nair', address: 'priya.nair@brightline.test' },
      subject: 'Brochure: the last page',
      text: 'Hi Ben,\n\nthe last page is done. I moved the map to the left so that the phone number has some air, proof attached. If you are happy with it, Marek can print on Friday.\n\nPriya\n',
      hoursAgo: 0.5,
      attachments: [pdfOf('Brochure proof.pdf', ['Harbour House', '', 'A place to work by the water', '', 'Proof 4, last page'])],
    },
    {
      from: anna,
      subject: 'Pläne für Harbour House',
      text: 'Hallo Ben,\n\ndie neuen Pläne sind fast fertig, ich schicke sie dir heute Nachmittag. Die Treppe ist jetzt breiter.\n\nAnna\n',
      hoursAgo: 2.2,
      flags: ['$seen'],
    },
    {
      from: tom,
      subject: 'Invitation: walk through Harbour House',
      text: 'Ben,\n\ninvitation attached. Meet at the blue door, hard hats are there.\n\nTom\n',
      hoursAgo: 3.4,
      attachments: [
        invitationOf({
          uid: 'walk-harbour-house@demo.test',
          title: 'Walk through Harbour House',
          place: 'Harbour House, the blue door',
          startMs: meetingMs(nowMs, 3),
          organizer: tom.address,
          attendee: who.address,
          madeMs: nowMs - 3.4 * HOUR_MS,
        }),
      ],
    },
    {
      from: { name: 'Dad', address: 'george.carter@northmail.test' },
      subject: 'Sunset from the pier',
      text: 'Ben,\n\nthe light was something else tonight. Mum says hello, and when are you coming?\n\nDad\n',
      hoursAgo: 6,
      flags: ['$seen', '$flagged'],
      attachments: [pictureOf('Pier.png', 0.5)],
    },
    {
      from: { name: 'Florian Jäger', address: 'florian@jaeger-kaffee.test' },
      subject: 'Ihre Bestellung ist geröstet',
      text: 'Guten Tag Herr Carter,\n\nIhr Kaffee kommt heute aus der Trommel und morgen zu Ihnen. Die neue Sorte liegt als Probe bei.\n\nFlorian Jäger\n',
      hoursAgo: 9,
      flags: ['$seen'],
    },
  ];
}
