/* Small files that are what they say: a page of PDF, a picture, an invitation. */
import { crc32, deflateSync } from 'node:zlib';

export interface Attachment {
  readonly name: string;
  readonly type: string;
  readonly bytes: Buffer;
}

/** One page of text (ISO 32000-1); letters of Latin-1. */
export function pdfOf(name: string, lines: readonly string[]): Attachment {
  const escaped = (text: string): string => text.replaceAll('€', 'EUR').replaceAll(/[\\()]/g, String.raw`\$&`);
  const [title = '', ...rest] = lines;
  const text = [
    'BT /F2 20 Tf 64 770 Td',
    `(${escaped(title)}) Tj /F1 11 Tf 0 -40 Td 16 TL`,
    ...rest.map((line) => `(${escaped(line)}) Tj T*`),
    'ET 0.1 0.4 0.38 rg 64 758 467 2 re f',
  ].join('\n');
  const font = (face: string): string => `<< /Type /Font /Subtype /Type1 /BaseFont /${face} /Encoding /WinAnsiEncoding >>`;
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R /F2 6 0 R >> >> >>',
    `<< /Length ${text.length} >>\nstream\n${text}\nendstream`,
    font('Helvetica'),
    font('Helvetica-Bold'),
  ];
  let body = '%PDF-1.4\n';
  const places = objects.map((object, index) => {
    const at = body.length;
    body += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return `${String(at).padStart(10, '0')} 00000 n \n`;
  });
  const table = `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${places.join('')}`;
  const end = `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${body.length}\n%%EOF\n`;
  return { name, type: 'application/pdf', bytes: Buffer.from(body + table + end, 'latin1') };
}

const WIDTH = 480;
const HEIGHT = 320;
const HORIZON = 190;

/** A lake in the evening, as PNG. @param hour in [0, 1]: how low the sun stands */
export function pictureOf(name: string, hour: number): Attachment {
  const rows = Buffer.alloc(HEIGHT * (1 + WIDTH * 3));
  const sunY = 60 + hour * 110;
  let at = 0;
  for (let y = 0; y < HEIGHT; y += 1) {
    rows[at++] = 0;
    for (let x = 0; x < WIDTH; x += 1) for (const part of colourAt({ x, y, sunY, hour })) rows[at++] = Math.max(0, Math.min(255, part));
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(WIDTH, 0);
  header.writeUInt32BE(HEIGHT, 4);
  // 8 bits for each of red, green and blue.
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const bytes = Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
  return { name, type: 'image/png', bytes };
}

interface Spot {
  readonly x: number;
  readonly y: number;
  readonly sunY: number;
  readonly hour: number;
}

function colourAt({ x, y, sunY, hour }: Spot): readonly [number, number, number] {
  const hills = HORIZON - 26 - 14 * Math.sin(x / 47) - 9 * Math.sin(x / 19 + 1);
  const isWater = y > HORIZON;
  const mirrored = isWater ? 2 * HORIZON - y + 4 * Math.sin(x / 9 + y) : y;
  const height = mirrored / HORIZON;
  const far = Math.hypot(x - 330, (mirrored - sunY) * (isWater ? 0.6 : 1));
  const glow = far < 22 && (isWater || y < hills) ? 120 : 90 / (1 + far / 34);
  if (!isWater && y > hills) return [34 + 20 * hour + glow / 4, 52 - 8 * hour + glow / 6, 58 + glow / 8];
  const dim = isWater ? 0.78 : 1;
  return [
    dim * (70 + 140 * height * (0.5 + hour) + glow),
    dim * (110 + 55 * height - 40 * hour + glow * 0.7),
    dim * (165 - 60 * height * (0.4 + hour) + glow * 0.25),
  ];
}

function chunk(kind: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(kind, 'latin1'), data]);
  const [size, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  size.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(named));
  return Buffer.concat([size, named, check]);
}

interface Meeting {
  readonly uid: string;
  readonly title: string;
  readonly place: string;
  readonly startMs: number;
  readonly organizer: string;
  readonly attendee: string;
  readonly madeMs: number;
}

/** RFC 5545, and RFC 5546 3.2.2 for what it asks. */
export function invitationOf({ uid, title, place, startMs, organizer, attendee, madeMs }: Meeting): Attachment {
  const stamp = (ms: number): string => new Date(ms).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//demo.test//Practice//EN',
    'METHOD:REQUEST',
    'BEGIN:VEVENT',
    `UID:${uid}`,
    `DTSTAMP:${stamp(madeMs)}`,
    `DTSTART:${stamp(startMs)}`,
    `DTEND:${stamp(startMs + 3_600_000)}`,
    `SUMMARY:${title}`,
    `LOCATION:${place}`,
    `ORGANIZER:mailto:${organizer}`,
    `ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:${attendee}`,
    'END:VEVENT',
    'END:VCALENDAR',
  ];
  return { name: 'invite.ics', type: 'text/calendar', bytes: Buffer.from(`${lines.join('\r\n')}\r\n`) };
}
