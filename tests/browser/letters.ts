/* A mailbox such as people have, for tests that look at it. */
import type { BackDoor } from '@stopgap/testkit/incoming-contract';

const DAY_MS = 24 * 60 * 60 * 1000;

interface Letter {
  readonly from: string;
  readonly subject: string;
  readonly body: readonly string[];
  readonly flags?: readonly string[];
  readonly daysAgo: number;
  readonly fields?: readonly string[];
  readonly html?: string;
  readonly attachment?: { readonly name: string; readonly type: string; readonly base64: string };
}

/** A red dot. */
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAYAAACNMs+9AAAAFUlEQVR42mP8z8BQz0AEYBxVSF+FABJADveWkH6oAAAAAElFTkSuQmCC';

const LETTERS: readonly Letter[] = [
  {
    from: 'Katrin Vogel <katrin.vogel@werkstatt-vogel.test>',
    subject: 'Angebot für die Fenster im Erdgeschoss',
    body: [
      'Guten Morgen,',
      '',
      'anbei das überarbeitete Angebot. Die drei Fenster zur Hofseite sind jetzt mit',
      'Dreifachverglasung gerechnet, wie besprochen. Einbau wäre ab dem 7. Dezember möglich.',
      '',
      'Näheres steht auch auf https://werkstatt-vogel.test/fenster.',
      '',
      'Viele Grüße',
      'Katrin Vogel',
    ],
    daysAgo: 0.02,
    attachment: { name: 'Angebot Fenster.pdf', type: 'application/pdf', base64: Buffer.from('%PDF-1.4 offer').toString('base64') },
  },
  {
    from: 'Deniz Arslan <deniz@arslan-logistik.test>',
    subject: 'Re: Lieferung am Donnerstag',
    body: ['Passt, wir sind um acht da.', '', 'Deniz', '', '> Geht Donnerstag auch früher?', '> Vor neun wäre gut.'],
    daysAgo: 0.1,
    flags: ['$flagged'],
  },
  {
    from: 'Stadtwerke <service@stadtwerke.test>',
    subject: 'Ihre Abschlagsrechnung November',
    body: ['Ihre Rechnung liegt bereit.'],
    html: `<html><head><style>.head{background:#0b5a8f;color:#fff;padding:18px;border-radius:8px}</style></head><body style="background:#f6f8fa">
      <div class="head"><h1 style="margin:0;font-size:20px">Ihre Abschlagsrechnung</h1></div>
      <p>Guten Tag,</p><p>der Abschlag für November beträgt <b>84,00&nbsp;€</b>. Er wird am 30.&nbsp;November abgebucht.</p>
      <p><img src="https://pictures.outside.test/logo.png" alt="Logo" width="120" height="40"></p>
      <p><a href="https://stadtwerke.test/konto">Zum Kundenkonto</a></p></body></html>`,
    daysAgo: 0.9,
    flags: ['$seen'],
  },
  {
    from: 'Anna Lindqvist <anna@lindqvist.test>',
    subject: 'Photos from the weekend',
    body: ['Here they are. The last one is my favourite.', '', 'Anna'],
    daysAgo: 1.2,
    flags: ['$seen', '$answered'],
    attachment: { name: 'lake.png', type: 'image/png', base64: PIXEL },
  },
  {
    from: 'Build server <ci@builds.test>',
    subject: 'Nightly build 2214 passed',
    body: ['All 3187 tests passed in 14 minutes.'],
    daysAgo: 1.4,
    flags: ['$seen'],
  },
  {
    from: 'משה לוי <moshe@levi.test>',
    subject: 'פגישה ביום שלישי',
    body: ['שלום,', '', 'נפגשים ביום שלישי בעשר?', '', 'משה'],
    daysAgo: 2.3,
    flags: ['$seen'],
  },
  {
    from: 'Praxis Dr. Sommer <termine@praxis-sommer.test>',
    subject: 'Erinnerung: Ihr Termin am 3. Dezember um 10:15 Uhr',
    body: ['Bitte bringen Sie Ihre Versichertenkarte mit.'],
    daysAgo: 3.5,
    flags: ['$seen'],
  },
];
const NAMES = ['Jonas Weber', 'Mara Klein', 'Peter Novak', 'Sofia Rossi', 'Emre Kaya', 'Lena Braun', 'Tom Baker', 'Julia Winter'];
const SUBJECTS = [
  'Protokoll der Besprechung',
  'Question about the invoice',
  'Termin verschieben?',
  'Urlaubsplanung',
  'Draft of the contract',
  'Danke!',
];

/** Fills the inbox of somebody, newest last; further folders as a provider has them. */
export async function fillInbox(door: BackDoor, to: string, more: number): Promise<void> {
  for (const folder of ['Drafts', 'Sent', 'Archive', 'Junk', 'Trash', 'Projekte', 'Projekte/Neubau'])
    await door.createMailbox(folder.split('/')).catch(() => undefined);
  const now = Date.now();
  for (let number = more; number > 0; number -= 1) {
    const name = NAMES[number % NAMES.length] ?? '';
    const letter: Letter = {
      from: `${name} <${name.toLowerCase().replace(' ', '.')}@office.test>`,
      subject: `${SUBJECTS[number % SUBJECTS.length] ?? ''} ${number}`,
      body: [`Hello, this is letter ${number}.`, '', 'Kind regards', name],
      daysAgo: 4 + number * 0.7,
      flags: number % 7 === 0 ? [] : ['$seen'],
    };
    await door.append(['INBOX'], { bytes: bytesOf(letter, to), flags: letter.flags ?? [], receivedAtMs: now - letter.daysAgo * DAY_MS });
  }
  for (const letter of LETTERS.toReversed())
    await door.append(['INBOX'], { bytes: bytesOf(letter, to), flags: letter.flags ?? [], receivedAtMs: now - letter.daysAgo * DAY_MS });
}

/** An HTML mail as somebody outside writes it. */
export function htmlLetter(subject: string, html: string, to: string, fields: readonly string[] = []): Buffer {
  return bytesOf({ from: 'Stranger <stranger@outside.test>', subject, body: ['the plain half'], html, daysAgo: 0, fields }, to);
}

function bytesOf(letter: Letter, to: string): Buffer {
  const plain = part('text/plain; charset=utf-8', Buffer.from(letter.body.join('\r\n')));
  const text =
    letter.html === undefined
      ? plain
      : multipart('alternative', [plain, part('text/html; charset=utf-8', Buffer.from(letter.html))], 'inner');
  const { attachment } = letter;
  const whole =
    attachment === undefined
      ? text
      : multipart(
          'mixed',
          [
            text,
            part(
              attachment.type,
              Buffer.from(attachment.base64, 'base64'),
              `Content-Disposition: attachment; filename="${attachment.name}"\r\n`,
            ),
          ],
          'outer',
        );
  const fields = [
    `From: ${encoded(letter.from)}`,
    `To: <${to}>`,
    `Subject: ${encoded(letter.subject)}`,
    `Date: ${new Date(Date.now() - letter.daysAgo * DAY_MS).toUTCString().replace('GMT', '+0000')}`,
    `Message-ID: <${encodeURIComponent(letter.subject).replaceAll('%', '').slice(0, 60)}@letters.test>`,
    'MIME-Version: 1.0',
    ...(letter.fields ?? []),
  ];
  return Buffer.from(`${fields.join('\r\n')}\r\n${whole}`);
}

function part(type: string, bytes: Buffer, fields = ''): string {
  const lines = bytes.toString('base64').replaceAll(/.{76}/g, '$&\r\n');
  return `Content-Type: ${type}\r\n${fields}Content-Transfer-Encoding: base64\r\n\r\n${lines}\r\n`;
}

function multipart(kind: string, parts: readonly string[], boundary: string): string {
  return `Content-Type: multipart/${kind}; boundary="${boundary}"\r\n\r\n${parts.map((one) => `--${boundary}\r\n${one}`).join('')}--${boundary}--\r\n`;
}

/** RFC 2047, where it is needed. */
function encoded(text: string): string {
  const [, name = text, rest = ''] = /^(.*?)( <[^>]*>)?$/.exec(text) ?? [];
  return /^[\x20-\x7e]*$/.test(name) ? text : `=?utf-8?B?${Buffer.from(name).toString('base64')}?=${rest}`;
}
