import { simpleParser } from 'mailparser';
import { describe, expect, test } from 'vitest';
import { composeDsn, type DsnOptions, MAX_RETURNED_BYTES } from './dsn.ts';
import { parseHeader, splitMessage, unfoldedValue } from './header-block.ts';

const day = Date.UTC(2026, 10, 3, 4, 5, 6);
const failed: DsnOptions = {
  kind: 'failed',
  reportingMta: 'relay.example.org',
  to: 'alice@a.test',
  from: 'MAILER-DAEMON@relay.example.org',
  messageId: '<dsn1@relay.example.org>',
  dateMs: day + 3_600_000,
  arrivalMs: day,
  envid: 'QQ314159',
  originalMessageId: '<1@a.test>',
  recipients: [
    {
      address: 'bob@b.test',
      orcpt: 'rfc822;Robert@b.test',
      action: 'failed',
      status: '5.1.1',
      diagnostic: '550 5.1.1 No such user',
      remoteMta: 'mx.b.test',
      lastAttemptMs: day + 1_800_000,
      reasonText: 'mx.b.test refused the recipient: 550 5.1.1 No such user',
    },
    { address: 'carol@c.test', action: 'failed', status: '4.4.7', reasonText: 'no answer for five days' },
  ],
  original: { headers: Buffer.from('From: alice@a.test\r\nSubject: Hallo\r\n') },
};
const delayed: DsnOptions = {
  ...failed,
  kind: 'delayed',
  recipients: [
    { address: 'bob@b.test', action: 'delayed', status: '4.4.1', reasonText: 'connect: timeout', willRetryUntilMs: day + 432_000_000 },
  ],
};
const relayed: DsnOptions = { ...failed, kind: 'relayed', recipients: [{ address: 'bob@b.test', action: 'relayed', status: '2.0.0' }] };
const utf8: DsnOptions = {
  ...failed,
  to: 'jürgen@möbel.test',
  recipients: [
    { address: 'zoë@größe.test', action: 'failed', status: '5.1.1', diagnostic: '550 kein Gerät', orcpt: 'utf-8;zo\\x{EB}@x.test' },
  ],
  original: { headers: Buffer.from('From: Jürgen <jürgen@möbel.test>\r\n') },
};

async function partsOf(bytes: Buffer) {
  const mail = await simpleParser(bytes, { keepDeliveryStatus: true });
  return {
    mail,
    parts: mail.attachments.map((part) => ({ type: part.contentType, text: part.content.toString().replaceAll('\r\n', '\n') })),
  };
}

async function* streamOf(...chunks: readonly string[]): AsyncGenerator<Buffer> {
  for (const chunk of chunks) yield Buffer.from(chunk);
}

describe('a notice', () => {
  test.each([
    ['failed', failed],
    ['delayed', delayed],
    ['relayed', relayed],
    ['utf8', utf8],
  ])('%s reads as its golden file', async (name, options) => {
    const { bytes } = await composeDsn(options);
    await expect(bytes.toString().replaceAll('\r\n', '\n')).toMatchFileSnapshot(`../golden/dsn-${name}.eml`);
  });

  test('has its three parts, says that a machine wrote it, and who did not get what', async () => {
    const { bytes, eightBitMime, smtpUtf8 } = await composeDsn(failed);
    const { mail, parts } = await partsOf(bytes);
    expect([eightBitMime, smtpUtf8]).toEqual([false, false]);
    expect(mail.headers.get('content-type')).toMatchObject({ value: 'multipart/report', params: { 'report-type': 'delivery-status' } });
    expect(mail.headers.get('auto-submitted')).toBe('auto-replied');
    expect(mail.text).toContain('konnte nicht zugestellt werden');
    expect(mail.text).toContain('could not be delivered');
    expect(mail.text).toContain('bob@b.test');
    expect(parts.map((part) => part.type)).toEqual(['message/delivery-status', 'text/rfc822-headers']);
    expect(parts[0]?.text).toContain(
      'Original-Recipient: rfc822; Robert@b.test\nFinal-Recipient: rfc822; bob@b.test\nAction: failed\nStatus: 5.1.1',
    );
    expect(parts[0]?.text).toContain('Diagnostic-Code: smtp; 550 5.1.1 No such user\n');
    expect(parts[1]?.text).toContain('Subject: Hallo');
  });

  test('is 7-bit clean, with CRLF line ends of at most 998 octets, unless it must not be', async () => {
    for (const options of [failed, delayed, relayed]) {
      const { bytes } = await composeDsn(options);
      const text = bytes.toString('latin1');
      expect(text).not.toMatch(/[^\r]\n|\r[^\n]|[\u0080-\u00ff]|[^\r\n]{999}/);
    }
  });

  test('about an address beyond ASCII is a global one and needs SMTPUTF8 only for whom it goes to', async () => {
    const { bytes, smtpUtf8, eightBitMime } = await composeDsn(utf8);
    expect([smtpUtf8, eightBitMime]).toEqual([true, false]);
    const text = bytes.toString();
    expect(text).toContain('Content-Type: message/global-delivery-status\r\n');
    expect(text).toContain('Final-Recipient: utf-8; zo=C3=AB@gr=C3=B6=C3=9Fe.test\r\n');
    expect(text).toContain('Original-Recipient: utf-8; zo\\x{EB}@x.test\r\n');
    expect(text).toContain('Content-Type: message/global-headers\r\n');
    expect((await composeDsn({ ...utf8, to: 'alice@a.test' })).smtpUtf8).toBe(false);
  });

  test('no value can bring in a line of its own', async () => {
    const evil = 'x\r\nBcc: evil@x.test\n\nX\u0085Y\u2028Z\0\r--';
    const { bytes } = await composeDsn({
      ...failed,
      reportingMta: evil,
      messageId: evil,
      originalMessageId: evil,
      envid: evil,
      recipients: [
        { address: evil, orcpt: `rfc822;${evil}`, action: 'failed', status: evil, diagnostic: evil, remoteMta: evil, reasonText: evil },
      ],
    });
    const { header, rest } = splitMessage(bytes);
    expect(parseHeader(header).map((field) => field.name)).not.toContain('bcc');
    expect(rest.toString()).not.toMatch(/^\s*Bcc:/im);
    const { parts } = await partsOf(bytes);
    expect(parts.map((part) => part.type)).toEqual(['message/global-delivery-status', 'text/rfc822-headers']);
  });

  test('a very long answer is cut and folded', async () => {
    const { bytes } = await composeDsn({
      ...failed,
      recipients: [{ address: 'b@b.test', action: 'failed', status: '5.0.0', diagnostic: `550 ${'x'.repeat(100_000)}` }],
    });
    expect(bytes.length).toBeLessThan(10_000);
    expect(bytes.toString()).not.toMatch(/[^\r\n]{999}/);
  });

  test('to something that is no address is a bug, not a mail', async () => {
    await expect(composeDsn({ ...failed, to: 'a@x.test>\r\nBcc: <b@x.test' })).rejects.toMatchObject({ kind: 'bug' });
  });
});

describe('returning the message', () => {
  const headers = Buffer.from('Subject: Hallo\r\n');
  const typesFor = async (original: DsnOptions['original']) => {
    const { bytes, eightBitMime } = await composeDsn({ ...failed, original });
    const types = [...bytes.toString('latin1').matchAll(/^Content-Type: (message\/rfc822|message\/global-headers|text\/rfc822-headers)/gm)];
    return `${types.map(([, type]) => type).join()} ${eightBitMime ? '8bit' : '7bit'}`;
  };

  test.each([
    ['whole', ['Subject: Hallo\r\n', '\r\nbody\r\n'], 'message/rfc822 7bit'],
    ['whole with an 8-bit body', ['Subject: Hallo\r\n\r\nKörper\r\n'], 'message/rfc822 8bit'],
    [
      'its header only when it is too large',
      ['Subject: Hallo\r\n\r\n', 'xxxxxxxx\r\n'.repeat(MAX_RETURNED_BYTES / 10)],
      'text/rfc822-headers 7bit',
    ],
    ['its header only when a line is too long', [`Subject: Hallo\r\n\r\n${'x'.repeat(999)}\r\n`], 'text/rfc822-headers 7bit'],
  ])('%s', async (_, chunks, expected) => {
    expect(await typesFor({ headers, full: streamOf(...chunks) })).toBe(expected);
  });

  test('a header in some other 8-bit charset is quoted', async () => {
    const { bytes } = await composeDsn({ ...failed, original: { headers: Buffer.from('Subject: f\u00fcr\r\n', 'latin1') } });
    expect(bytes.toString('latin1')).toContain('Subject: f=FCr\r\n');
  });

  test('the boundary stands in nothing that it separates', async () => {
    const first = await composeDsn(failed);
    const boundary = /boundary="([^"]+)"/.exec(first.bytes.toString())?.[1] ?? '';
    const again = await composeDsn({ ...failed, original: { headers: Buffer.from(`X: y\r\n--${boundary}--\r\n`) } });
    expect(/boundary="([^"]+)"/.exec(again.bytes.toString())?.[1]).not.toBe(boundary);
    const [type] = parseHeader(splitMessage(again.bytes).header).filter((field) => field.name === 'content-type');
    expect(type && unfoldedValue(type)).toContain('multipart/report; report-type=delivery-status; boundary=');
  });
});
