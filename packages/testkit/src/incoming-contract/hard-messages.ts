/*
 * Messages that mail software likes to change. Small on purpose; each is hard for one reason. Every one can be told from the others by its bytes,
 * but not always by its Message-ID.
 */

const HEAD = 'From: Ada <ada@far.test>\r\nTo: me@near.test\r\nDate: Mon, 23 Nov 2026 10:00:00 +0000\r\n';

const MESSAGES = {
  plain: message('plain', '\r\nhello\r\n'),
  'eight-bit': message('eight-bit', 'Subject: \xe9\xff\xfe\r\n\r\nraw \xc3\xa9 \xff\xfe\x80 bytes\r\n'),
  'utf8-headers': message('utf8-headers', 'Subject: Gr\xc3\xbc\xc3\x9fe \xf0\x9f\x98\x80\r\n\r\nhello\r\n'),
  'bare-lf': Buffer.from(message('bare-lf', '\r\none\ntwo\r\nthree\n').toString('latin1').replaceAll('\r\n', '\n'), 'latin1'),
  'bare-cr': message('bare-cr', '\r\none\rtwo\r\nthree\r\r\n'),
  'from-lines': message(
    'from-lines',
    '\r\nFrom the start\r\n\r\nFrom ada Mon Nov 23 10:00:00 2026\r\n>From quoted\r\n>>From twice\r\nFrom\r\n',
  ),
  dots: message('dots', '\r\n.\r\n..\r\n.leading\r\n\r\n.\r\n'),
  folded: message(
    'folded',
    'DKIM-Signature: v=1;\r\n\tbh=abc=;  \r\n b=def\r\nX-Odd:   spacing  \t\r\nX-Empty:\r\nX-Blank: \r\n \r\n\r\nhello\r\n',
  ),
  'no-final-newline': message('no-final-newline', '\r\nit ends here'),
  'final-blanks': message('final-blanks', '\r\nhello  \r\n\r\n \t\r\n\r\n'),
  'long-lines': message('long-lines', `X-Long: ${'a '.repeat(1500)}\r\n\r\n${'b'.repeat(998)}\r\n${'c'.repeat(5000)}\r\nend\r\n`),
  'empty-body': message('empty-body', '\r\n'),
  'no-body': message('no-body', ''),
  nul: message('nul', '\r\na NUL \0 in a line\r\n\0\r\n'),
  'no-message-id': Buffer.from(`${HEAD}Subject: nameless\r\n\r\nhello\r\n`, 'latin1'),
  'same-message-id': message('plain', 'Subject: another one\r\n\r\nof the same name\r\n'),
  'odd-message-id': Buffer.from(`${HEAD}Message-ID: <a "b\\c"(d)%*{3}@[far]>\r\n\r\nhello\r\n`, 'latin1'),
  multipart: message(
    'multipart',
    [
      'MIME-Version: 1.0',
      'Content-Type: multipart/mixed; boundary="="',
      '',
      'preamble',
      '--=',
      'Content-Type: message/rfc822',
      '',
      'Subject: inner',
      '',
      'inner body',
      '--=',
      'Content-Type: application/octet-stream; name="=?utf-8?Q?=C3=A4?="',
      'Content-Transfer-Encoding: base64',
      '',
      'AAEC/w==',
      '--=--',
      'epilogue',
      '',
    ].join('\r\n'),
  ),
} as const satisfies Readonly<Record<string, Buffer>>;

export type HardName = keyof typeof MESSAGES;

export const HARD_MESSAGES: Readonly<Record<HardName, Buffer>> = MESSAGES;
export const HARD_NAMES: readonly HardName[] = Object.keys(MESSAGES) as HardName[];

/** One part of a mailbox's name each. */
export const ODD_NAMES: readonly string[] = [
  'Köln',
  'Äpfel & Birnen',
  '日本語 😀',
  'a "quoted" name',
  'back\\slash',
  '50% of * all',
  '(round) {3} [square]',
  "O'Brien; DROP",
  'two  blanks',
  'a&-b',
];

/** Some megabytes that do not repeat, in lines. */
export function largeMessage(bytes: number): Buffer {
  const lines: string[] = [];
  for (let length = 0, number = 0; length < bytes; number += 1) {
    const line = `${number} ${'stopgap '.repeat(8)}${number * 7919}\r\n`;
    lines.push(line);
    length += line.length;
  }
  return message('large', `\r\n${lines.join('')}`);
}

/** A small message with a Message-ID of its own. */
export function smallMessage(word: string, body = 'hello'): Buffer {
  return message(word, `Subject: ${word}\r\n\r\n${body}\r\n`);
}

export function messageIdOf(word: string): string {
  return `<${word}@far.test>`;
}

function message(word: string, rest: string): Buffer {
  return Buffer.from(`${HEAD}Message-ID: <${word}@far.test>\r\n${rest}`, 'latin1');
}
