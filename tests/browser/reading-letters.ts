/* A correspondence with what makes reading and filing hard: conversations over several folders, files, invitations, labels of other programs. */
import type { BackDoor } from '@stopgap/testkit/incoming-contract';

const DAY_MS = 24 * 60 * 60 * 1000;

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
  /** The ids of what it answers, oldest first. */
  readonly answers?: readonly string[];
}

const ANNA = 'Anna Lindqvist <anna@lindqvist.test>';
const BEN = 'Ben Okafor <ben@okafor.test>';
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
    `Subject: ${letter.subject}`,
    `Date: ${new Date(Date.now() - letter.daysAgo * DAY_MS).toUTCString().replace('GMT', '+0000')}`,
    `Message-ID: <${letter.id ?? letter.subject.toLowerCase().replaceAll(/\W+/g, '-')}@reading.test>`,
    ...(letter.answers === undefined ? [] : [`References: ${letter.answers.map((id) => `<${id}@reading.test>`).join(' ')}`]),
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 8bit',
  ];
  return Buffer.from(`${fields.join('\r\n')}\r\n\r\n${letter.text}\r\n`);
}
