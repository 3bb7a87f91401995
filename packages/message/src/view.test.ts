import { describe, expect, test } from 'vitest';
import { readView } from './view.ts';

const message = Buffer.from(
  [
    'From: =?utf-8?q?J=C3=BCrgen?= <j@a.test>',
    'To: Team: b@b.test, "C, D" <c@c.test>;',
    'Cc: e@e.test',
    'Subject: =?utf-8?b?R3LDvMOfZQ==?=',
    'Message-ID: <1@a.test>',
    'References: <a@a> <b@b>',
    'Content-Type: multipart/mixed; boundary=b',
    '',
    '--b',
    'Content-Type: text/html; charset=utf-8',
    '',
    '<p>Hallo <b>Welt</b></p>',
    '--b',
    'Content-Type: application/pdf; name="a.pdf"',
    'Content-Disposition: attachment; filename="a.pdf"',
    'Content-Transfer-Encoding: base64',
    '',
    'JVBERg==',
    '--b--',
    '',
  ].join('\r\n'),
);

async function* drip(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let i = 0; i < bytes.length; i += 7) yield bytes.subarray(i, i + 7);
}

describe('a view of a message', () => {
  test.each([
    ['bytes', () => message],
    ['a stream', () => drip(message)],
  ])('is read from %s', async (_, source) => {
    const view = await readView(source());
    expect(view).toMatchObject({
      from: [{ name: 'Jürgen', address: 'j@a.test' }],
      to: [
        { name: '', address: 'b@b.test' },
        { name: 'C, D', address: 'c@c.test' },
      ],
      cc: [{ name: '', address: 'e@e.test' }],
      subject: 'Grüße',
      messageId: '<1@a.test>',
      references: ['<a@a>', '<b@b>'],
      attachments: [{ filename: 'a.pdf', contentType: 'application/pdf', sizeBytes: 4, isInline: false, content: Buffer.from('%PDF') }],
    });
    expect(view.html).toContain('<b>Welt</b>');
  });

  test('of HTML alone has its text too', async () => {
    expect((await readView(Buffer.from('Content-Type: text/html\r\n\r\n<p>Hallo <b>Welt</b></p>\r\n'))).text).toBe('Hallo Welt');
  });

  test('above the limit is refused, not read on', async () => {
    await expect(readView(message, 100)).rejects.toMatchObject({ kind: 'permanent', code: 'message-too-large' });
    await expect(readView(drip(message), 100)).rejects.toMatchObject({ code: 'message-too-large' });
  });

  test.each([
    ['nothing', ''],
    ['no header', 'hello'],
    ['a multipart that never ends', 'Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n'],
    ['a charset nobody knows', 'Content-Type: text/plain; charset=klingon\r\n\r\nx\r\n'],
  ])('of %s is there', async (_, text) => {
    expect((await readView(Buffer.from(text))).attachments).toEqual([]);
  });

  test('a thousand parts too many end in an error of ours', async () => {
    const bomb = `Content-Type: multipart/mixed; boundary=b\r\n\r\n${'--b\r\n\r\nx\r\n'.repeat(1100)}`;
    await expect(readView(Buffer.from(bomb))).rejects.toMatchObject({ code: 'message-unreadable' });
  });
});
