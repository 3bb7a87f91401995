import { crc32, deflateSync } from 'node:zlib';
import { mailText } from './mail-text.ts';

const PICTURES = 3;
/** As wide as such a letter is, and a third as tall. */
const WIDE = 600;
const TALL = 200;
const PNG_MAGIC = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/**
 * A letter as companies send them: plain text of about `sizeBytes` / 2, and the same in tables with a look, which is some four times as long; base64 makes
 * both a third longer. The same number gives the same one.
 */
export function htmlMail(number: number, sizeBytes: number): string {
  return letter(number, textAndHtml(number, sizeBytes, 0));
}

/** The same with three pictures in it. */
export function pictureMail(number: number, sizeBytes: number): string {
  const pictures = Array.from({ length: PICTURES }, (_, index) =>
    part('image/png', picture(number * PICTURES + index), `Content-ID: <${index}@pictures.test>\nContent-Disposition: inline\n`),
  );
  return letter(number, multipart('related', [textAndHtml(number, sizeBytes, PICTURES), ...pictures]));
}

function letter(number: number, body: string): string {
  // The fields are those of a plain one.
  const [head = ''] = mailText(number, 0).split('\nContent-Type:', 1);
  return `${head}\n${body}`;
}

function textAndHtml(number: number, sizeBytes: number, pictures: number): string {
  const [, text = ''] = mailText(number, sizeBytes / 2).split(/\n\n(.*)/s);
  const rows = text.split('\n').map(
    (line, index) =>
      `<tr class="row"><td style="padding:4px 12px;border-bottom:1px solid #d5dadd;font-family:Arial,sans-serif"><p style="margin:0"><b>${index + 1}.</b> ${line}</p>
        <a href="https://far.test/${number}/${index}" style="color:#0b5a8f">more</a></td></tr>${index < pictures ? `<tr><td><img src="cid:${index}@pictures.test" width="${WIDE}" alt=""></td></tr>` : ''}`,
  );
  const html = `<html><head><style>.row td { font-size: 14px } @media (max-width: 500px) { .row td { padding: 2px } }</style></head>
    <body bgcolor="#f6f8fa"><table width="100%" cellpadding="0" cellspacing="0"><tr><td align="center"><table width="${WIDE}">${rows.join('\n')}</table></td></tr></table></body></html>`;
  return multipart('alternative', [
    part('text/plain; charset=utf-8', Buffer.from(text)),
    part('text/html; charset=utf-8', Buffer.from(html)),
  ]);
}

/** A PNG of 40 KB that is like no other: its bytes are hardly pressed together, as those of a photograph. */
function picture(number: number): Buffer {
  const rows = Buffer.alloc(TALL * (WIDE + 1));
  let state = number + 1;
  for (let at = 0; at < rows.length; at += 1) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    // Each row begins with a filter, of which there is none; a third of what is to be seen is noise.
    rows[at] = at % (WIDE + 1) === 0 ? 0 : at % 3 === 0 ? state >>> 24 : 200;
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(WIDE, 0);
  head.writeUInt32BE(TALL, 4);
  // Eight bits a pixel, in grey.
  head.set([8, 0, 0, 0, 0], 8);
  return Buffer.concat([PNG_MAGIC, chunk('IHDR', head), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
}

function chunk(name: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(name), data]);
  const around = Buffer.alloc(8);
  around.writeUInt32BE(data.length, 0);
  around.writeUInt32BE(crc32(named), 4);
  return Buffer.concat([around.subarray(0, 4), named, around.subarray(4)]);
}

function part(type: string, bytes: Buffer, fields = ''): string {
  return `Content-Type: ${type}\n${fields}Content-Transfer-Encoding: base64\n\n${bytes.toString('base64').replaceAll(/.{76}/g, '$&\n')}\n`;
}

function multipart(kind: string, parts: readonly string[]): string {
  return `Content-Type: multipart/${kind}; boundary="${kind}"\n\n${parts.map((one) => `--${kind}\n${one}`).join('')}--${kind}--\n`;
}
