/* What attacks beside the HTML of a message: who it says it is from, what is attached and how that is called, invitations, folders, labels, and sheer size. */
const RUN = 'top.pwned()';
/** Shown as `moc.knab` by whoever lets a stranger turn the direction of writing. */
const TURN = '\u202E';
const HIDDEN = '\u200B\u{E0041}\u2066';

export const MARKUP = `<img src=x onerror=${RUN}>`;
/** Without what servers divide the names of folders at. */
export const HOSTILE_FOLDER = '<img src=x onerror=pwned()>{{1+1}}';
/** Without the characters that no keyword has (RFC 9051 9, atom). */
export const HOSTILE_KEYWORD = '<img/src=x/onerror=top.pwned``>';
export const SENDER = `security@bank.test${HIDDEN} ${TURN}${MARKUP}`;
export const SENDER_ADDRESS = 'evil@evil.test';

interface Part {
  readonly type: string;
  readonly name?: string;
  readonly bytes: string;
}

const ACTIVE = `<!DOCTYPE html><script>${RUN}</script><body onload="${RUN}">${MARKUP}`;
const SVG = `<svg xmlns="http://www.w3.org/2000/svg" onload="${RUN}"><script>${RUN}</script></svg>`;
/** `name` as the sender calls it, `shown` as it may be read and saved. */
export const FILES = [
  { type: 'application/octet-stream', name: `invoice${TURN}fdp.exe`, shown: 'invoice fdp.exe', bytes: 'MZ' },
  { type: 'text/html', name: `${MARKUP}.html`, shown: '_img src=x onerror=top.pwned()_.html', bytes: ACTIVE },
  { type: 'application/octet-stream', name: '../../.bashrc', shown: '_.._.bashrc', bytes: 'echo' },
  { type: 'image/svg+xml', name: 'logo.svg', shown: 'logo.svg', bytes: SVG },
  { type: 'image/png', name: 'page.png', shown: 'page.png', bytes: ACTIVE },
  { type: 'application/pdf', name: 'page.pdf', shown: 'page.pdf', bytes: ACTIVE },
  // What calls itself a PDF in its text is given to the viewer, which is to see that it is none.
  { type: 'application/pdf', name: 'marked.pdf', shown: 'marked.pdf', bytes: `${ACTIVE}<!-- %PDF-1.4 -->` },
] as const;

const CALENDAR = [
  'BEGIN:VCALENDAR',
  'METHOD:REQUEST',
  'BEGIN:VEVENT',
  'UID:<script>top.pwned()</script>',
  `SUMMARY:${MARKUP}${TURN}party`,
  'DTSTART;TZID=<img src=x onerror=top.pwned()>:20261215T090000',
  'LOCATION:javascript:top.pwned()',
  'URL:javascript:top.pwned()',
  `DESCRIPTION:<script>${RUN}</script>${MARKUP}<a href="javascript:${RUN}">x</a>`,
  `ORGANIZER;CN="${MARKUP}":javascript:${RUN}`,
  `ATTENDEE;CN="<svg onload=${RUN}>";PARTSTAT=ACCEPTED:mailto:"><script>${RUN}</script>@evil.test`,
  'ATTACH:http://outside.test/attached',
  'END:VEVENT',
  'END:VCALENDAR',
  '',
].join('\r\n');

export const TEN_MB = 10 * 1024 * 1024;

/** Ten megabytes of elements, an image of the attacker's at its beginning and another at its end. */
function endless(canary: string): string {
  const image = `<img src="${canary}/endless">${MARKUP}`;
  const line = '<table><tr><td style="color:red"><b>x</b> &amp; <i>y</i></td></tr></table>\n';
  return `${image}<p>It begins here.</p>${line.repeat(Math.ceil(TEN_MB / line.length))}${image}`;
}

/** Whole messages, by their subjects. */
export function hostileMail(to: string, canary: string): ReadonlyMap<string, Buffer> {
  const html = { type: 'text/html; charset=utf-8' };
  return new Map([
    ['From somebody else', mail('From somebody else', to, [{ ...html, bytes: '<p>Your account is locked.</p>' }])],
    ['Files', mail('Files', to, [{ ...html, bytes: '<p>See below.</p>' }, ...FILES])],
    [
      'Party',
      mail('Party', to, [
        { ...html, bytes: '<p>You are invited.</p>' },
        { type: 'text/calendar; charset=utf-8; method=REQUEST', bytes: CALENDAR },
      ]),
    ],
    ['Endless', mail('Endless', to, [{ ...html, bytes: endless(canary) }])],
  ]);
}

function mail(subject: string, to: string, parts: readonly Part[]): Buffer {
  const head = [
    `From: ${encoded(SENDER)} <${SENDER_ADDRESS}>`,
    `To: <${to}>`,
    `Subject: ${subject}`,
    `Date: ${new Date().toUTCString().replace('GMT', '+0000')}`,
    `Message-ID: <${subject.replaceAll(' ', '-')}@hostile.test>`,
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary=edge',
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${parts.map((part) => `--edge\r\n${bytesOf(part)}`).join('')}--edge--\r\n`);
}

function bytesOf({ type, name, bytes }: Part): string {
  const disposition =
    name === undefined
      ? ''
      : `Content-Disposition: attachment; filename*=utf-8''${encodeURIComponent(name).replaceAll(/['()*]/g, (char) => `%${char.charCodeAt(0).toString(16)}`)}\r\n`;
  const lines = Buffer.from(bytes).toString('base64').replaceAll(/.{76}/g, '$&\r\n');
  return `Content-Type: ${type}\r\n${disposition}Content-Transfer-Encoding: base64\r\n\r\n${lines}\r\n`;
}

/** RFC 2047 */
function encoded(text: string): string {
  return `=?utf-8?B?${Buffer.from(text).toString('base64')}?=`;
}
