import { sendMail } from '../../lab/index.ts';
import type { DoorName, Lab, Mail } from '../../lab/index.ts';

const LINE = `${'0123456789'.repeat(7)}abcdef`;

/** With what servers and webmails like to alter: leading dots, "From ", trailing blanks, raw 8bit, empty lines at the end. */
export function letter(id: string, extraBytes = 0): Buffer {
  const lines = [
    'From: Alice <alice@provider.test>',
    'To: Bob <bob@provider.test>',
    `Subject: =?utf-8?q?letter_${id}?=`,
    'Date: Mon, 23 Nov 2026 10:00:00 +0000',
    `Message-ID: <${id}@client.test>`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 8bit',
    'X-Custom:   odd   spacing\t',
    '',
    'From the beginning of a line',
    '>From quoted already',
    '.one dot',
    '..two dots',
    '.',
    'trailing blanks   ',
    'ünïcödé',
    ...Array.from({ length: extraBytes / (LINE.length + 2) }, () => LINE),
    '',
    '',
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n`);
}

/** Sends as alice through a public door with STARTTLS (or the door's own TLS) and AUTH. */
export function sendAsAlice(lab: Lab, door: DoorName, mail: Partial<Mail> & Pick<Mail, 'to' | 'raw'>): Promise<string> {
  return sendMail({
    port: lab.edge.ports[door],
    caFile: lab.caFile,
    security: door === 'smtps' ? 'tls' : 'starttls',
    user: 'alice',
    password: lab.password('alice'),
    from: 'alice@provider.test',
    ...mail,
  });
}

/** The stored messages that end in exactly these bytes: delivery only puts lines on top. */
export function copiesOf(raw: Buffer, stored: readonly Buffer[]): Buffer[] {
  return stored.filter((message) => message.subarray(-raw.length).equals(raw));
}
