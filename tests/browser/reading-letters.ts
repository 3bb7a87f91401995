/* A correspondence with what makes reading and filing hard: conversations over several folders, files, invitations, labels of other programs. */
import type { BackDoor } from '@stopgap/testkit/incoming-contract';

const DAY_MS = 24 * 60 * 60 * 1000;

interface Part {
  readonly type: string;
  readonly name?: string;
  readonly bytes: Buffer;
}

interface Letter {
  readonly mailbox?: readonly string[];
  readonly from: string;
  readonly to?: string;
  readonly subject: string;
  readonly text: string;
  readonly html?: string;
  readonly daysAgo: number;
  readonly flags?: readonly string[];
  readonly id?: string;
  /** After the text. */
  readonly parts?: readonly Part[];
  /** The ids of what it answers, oldest first. */
  readonly answers?: readonly string[];
}

const ANNA = 'Anna Lindqvist <anna@lindqvist.test>';
const BEN = 'Ben Okafor <ben@okafor.test>';
/** A red dot. */
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAYAAACNMs+9AAAAFUlEQVR42mP8z8BQz0AEYBxVSF+FABJADveWkH6oAAAAAElFTkSuQmCC';
const FOLDERS = ['Drafts', 'Sent', 'Archive', 'Junk', 'Trash', 'Projekte', 'Projekte/Neubau', 'Vereine'];

function letters(me: string): readonly Letter[] {
  return [
    { from: ANNA, subject: 'Sommerfest', text: 'Wer bringt was mit?', daysAgo: 3, flags: ['$seen'], id: 'fest-1' },
    {
      mailbox: ['Sent'],
      from: me,
      to: ANNA,
      subject: 'Re: Sommerfest',
      text: 'Ich bringe Salat mit.\r\n\r\n> Wer bringt was mit?',
      daysAgo: 2.9,
      flags: ['$seen'],
      id: 'fest-2',
      answers: ['fest-1'],
    },
    {
      from: BEN,
      subject: 'Re: Sommerfest',
      text: 'Ich sorge für Getränke.',
      daysAgo: 2,
      flags: ['$seen'],
      id: 'fest-3',
      answers: ['fest-1', 'fest-2'],
    },
    {
      from: ANNA,
      subject: 'Re: Sommerfest',
      text: 'Wunderbar, dann fehlt nur noch das Wetter.\r\n\r\n> Ich sorge für Getränke.',
      daysAgo: 1,
      id: 'fest-4',
      answers: ['fest-1', 'fest-2', 'fest-3'],
    },
    { from: BEN, subject: 'Car park', text: 'It is closed on Monday.', daysAgo: 1.5, flags: ['$seen'] },
    { from: ANNA, subject: 'Bicycle', text: 'Have you seen my bicycle pump?', daysAgo: 4, flags: ['$seen'] },
    { from: BEN, subject: 'Minutes of the meeting', text: 'See below.', daysAgo: 5, flags: ['$seen', '$label4', 'foo=bar'] },
    {
      from: ANNA,
      subject: 'The offer, with scans',
      text: 'Please find everything attached.',
      daysAgo: 0.5,
      flags: ['$seen'],
      parts: [
        { type: 'image/png', name: 'scan.png', bytes: Buffer.from(PIXEL, 'base64') },
        { type: 'image/png', name: 'SCAN.png', bytes: Buffer.from('another one') },
        { type: 'application/pdf', name: '../../offer.pdf', bytes: pdfOf('The offer') },
      ],
    },
    {
      from: BEN,
      subject: 'Invitation: Topping-out ceremony',
      text: 'You are invited.',
      daysAgo: 0.4,
      flags: ['$seen'],
      parts: [{ type: 'text/calendar; charset=utf-8; method=REQUEST', bytes: Buffer.from(calendarOf('REQUEST', me)) }],
    },
    {
      from: BEN,
      subject: 'Cancelled: Site visit',
      text: 'It can not take place.',
      daysAgo: 0.3,
      flags: ['$seen'],
      parts: [{ type: 'text/calendar; charset=utf-8; method=CANCEL', name: 'visit.ics', bytes: Buffer.from(calendarOf('CANCEL', me)) }],
    },
    {
      from: 'Moshe Levi <moshe@levi.test>',
      subject: 'פגישה',
      text: 'שלום אליס,\r\n\r\nThe second paragraph is English.\r\n\r\n> נפגשים?',
      html: '<p>שלום אליס,</p><p>נפגשים בעשר.</p><blockquote type="cite"><p>מתי?</p></blockquote>',
      daysAgo: 0.2,
      flags: ['$seen'],
    },
    { mailbox: ['Projekte', 'Neubau'], from: BEN, subject: 'Floor plan', text: 'The plan is on its way.', daysAgo: 6, flags: ['$seen'] },
  ];
}

/** Fills somebody's mailboxes. */
export async function fillMailboxes(door: BackDoor, me: string): Promise<void> {
  for (const folder of FOLDERS) await door.createMailbox(folder.split('/')).catch(() => undefined);
  const now = Date.now();
  for (const letter of letters(me).toSorted((one, other) => other.daysAgo - one.daysAgo))
    await door.append(letter.mailbox ?? ['INBOX'], {
      bytes: bytesOf(letter, me),
      flags: letter.flags ?? [],
      receivedAtMs: now - letter.daysAgo * DAY_MS,
    });
}

function bytesOf(letter: Letter, me: string): Buffer {
  const fields = [
    `From: ${letter.from}`,
    `To: ${letter.to ?? `<${me}>`}`,
    `Subject: ${/^[\x20-\x7e]*$/.test(letter.subject) ? letter.subject : `=?utf-8?B?${Buffer.from(letter.subject).toString('base64')}?=`}`,
    `Date: ${new Date(Date.now() - letter.daysAgo * DAY_MS).toUTCString().replace('GMT', '+0000')}`,
    `Message-ID: <${letter.id ?? letter.subject.toLowerCase().replaceAll(/\W+/g, '-')}@reading.test>`,
    ...(letter.answers === undefined ? [] : [`References: ${letter.answers.map((id) => `<${id}@reading.test>`).join(' ')}`]),
    'MIME-Version: 1.0',
  ];
  const text = `Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n${letter.text}\r\n`;
  if (letter.html !== undefined) return Buffer.from(`${fields.join('\r\n')}\r\n${alternative(text, letter.html)}`);
  if (letter.parts === undefined) return Buffer.from(`${fields.join('\r\n')}\r\n${text}`);
  const parts = [text, ...letter.parts.map(partOf)].map((part) => `--edge\r\n${part}`).join('');
  return Buffer.from(`${fields.join('\r\n')}\r\nContent-Type: multipart/mixed; boundary=edge\r\n\r\n${parts}--edge--\r\n`);
}

function alternative(text: string, html: string): string {
  const parts = [text, `Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n${html}\r\n`];
  return `Content-Type: multipart/alternative; boundary=inner\r\n\r\n${parts.map((part) => `--inner\r\n${part}`).join('')}--inner--\r\n`;
}

function partOf({ type, name, bytes }: Part): string {
  const disposition = name === undefined ? '' : `Content-Disposition: attachment; filename="${name}"\r\n`;
  const lines = bytes.toString('base64').replaceAll(/.{76}/g, '$&\r\n');
  return `Content-Type: ${type}\r\n${disposition}Content-Transfer-Encoding: base64\r\n\r\n${lines}\r\n`;
}

function calendarOf(method: 'REQUEST' | 'CANCEL', me: string): string {
  return [
    'BEGIN:VCALENDAR',
    `METHOD:${method}`,
    'BEGIN:VEVENT',
    'UID:1@reading.test',
    `SUMMARY:${method === 'REQUEST' ? 'Topping-out ceremony\\, with speeches' : 'Site visit'}`,
    'DTSTART;TZID=America/New_York:20261215T090000',
    'DTEND;TZID=America/New_York:20261215T103000',
    'LOCATION:Pier 4',
    'DESCRIPTION:Helmets are needed.\\nhttps://outside.test/map <b>bold</b>',
    'ORGANIZER;CN=Ben Okafor:mailto:ben@okafor.test',
    'ATTENDEE;CN=Anna Lindqvist;PARTSTAT=ACCEPTED:mailto:anna@lindqvist.test',
    `ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:${me}`,
    'RRULE:FREQ=YEARLY;COUNT=3',
    'EXDATE;TZID=America/New_York:20271215T090000',
    'RDATE;TZID=America/New_York:20271216T090000',
    'END:VEVENT',
    'END:VCALENDAR',
    '',
  ].join('\r\n');
}

/** One page with one line, which would like to open a page outside as soon as it is looked at. */
function pdfOf(line: string): Buffer {
  const stream = `BT /F1 24 Tf 40 100 Td (${line}) Tj ET`;
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /URI /URI (http://outside.test/opened) >> >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  ];
  let text = '%PDF-1.4\n';
  const offsets = objects.map((object, index) => {
    const offset = text.length;
    text += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  return Buffer.from(
    `${text}xref\n0 6\n0000000000 65535 f \n${table}trailer << /Size 6 /Root 1 0 R >>\nstartxref\n${text.length}\n%%EOF\n`,
  );
}
