import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addressField, messageIdField, parameterField, rawField, textField } from './compose-header.ts';
import { composeMessage, type PartPlan } from './compose-message.ts';
import { digestOf } from './digest/digester.ts';
import { partBytes, partText } from './part-content.ts';

async function composed(header: string, plan: PartPlan): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of composeMessage(header, plan)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function* once(bytes: Buffer, size = bytes.length || 1): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const words = fc.array(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }).map((text) => text.replaceAll(/\s|[\x00-\x1f\x7f]/g, 'x')),
  {
    minLength: 1,
    maxLength: 20,
  },
);

describe('a field that we write', () => {
  test('says what was said, on lines that are no longer than they may be, and ends nowhere else', () => {
    fc.assert(
      fc.property(words, (list) => {
        const text = list.join(' ').toWellFormed();
        const field = textField('Subject', text);
        expect(field.endsWith('\r\n')).toBe(true);
        expect(field.slice(0, -2)).not.toMatch(/\r\n(?! )|\r(?!\n)|(?<!\r)\n/);
        for (const line of field.split('\r\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(998);
        expect(digestOf(Buffer.from(`${field}\r\n`)).envelope.subject).toBe(text.trim());
      }),
    );
  });

  test('names a mailbox as it was named', () => {
    fc.assert(
      fc.property(words, (list) => {
        const name = list.join(' ').toWellFormed().trim();
        const field = addressField('To', [
          {
            name: null,
            addresses: [
              { name, address: 'a@b.test' },
              { name: '', address: 'c@d.test' },
            ],
          },
        ]);
        const { to } = digestOf(Buffer.from(`${field}\r\n`)).envelope;
        expect(to.map(({ address }) => address)).toEqual(['a@b.test', 'c@d.test']);
      }),
    );
  });

  test.each<[string, string, string]>([
    ['a line end in a text', textField('Subject', 'a\r\nBcc: evil@x.test'), 'Subject: a  Bcc: evil@x.test\r\n'],
    ['a line end in a raw value', rawField('X-A', 'a\nBcc: evil@x.test\r\n folded'), 'X-A: a Bcc: evil@x.test\r\n folded\r\n'],
    ['a lone CR', rawField('X-A', 'a\rb'), 'X-A: a b\r\n'],
    ['brackets in an id', messageIdField('Message-ID', ['a>\r\n<b@c']), 'Message-ID: <ab@c>\r\n'],
    ['quotes in a parameter', parameterField('X', 'a/b', { name: 'a"\\b' }), 'X: a/b; name="a\\"\\\\b"\r\n'],
    ['a parameter that is no ASCII', parameterField('X', 'a/b', { name: "ü'" }), "X: a/b; name*=utf-8''%C3%BC%27\r\n"],
    [
      'a group',
      addressField('To', [
        {
          name: 'G',
          addresses: [
            { name: '', address: 'a@b' },
            { name: '', address: 'c@d' },
          ],
        },
        { name: null, addresses: [{ name: '', address: 'e@f' }] },
      ]),
      'To: G : a@b, c@d ;, e@f\r\n',
    ],
  ])('%s', (_, field, expected) => {
    expect(field).toBe(expected);
  });
});

describe('a message that we compose', () => {
  test('gives each text and each file back as it was, wherever the chunks are cut', async () => {
    const file = Buffer.from(Array.from({ length: 200_000 }, (_, index) => (index * 7919) % 256));
    const inner = Buffer.from('Subject: inner\n\nbare\nline ends\r\n');
    const plan: PartPlan = {
      kind: 'multipart',
      subtype: 'mixed',
      parts: [
        { kind: 'text', subtype: 'plain', text: `Grüße\n.\nFrom here \r\n${'long '.repeat(500)}` },
        { kind: 'bytes', type: 'application/octet-stream', open: () => once(file, 1013) },
        { kind: 'bytes', type: 'message/rfc822', open: () => once(inner, 1) },
        { kind: 'bytes', type: 'application/x-empty', open: () => once(Buffer.alloc(0)) },
      ],
    };
    const message = await composed('Subject: x\r\n', plan);
    expect(message.toString('latin1')).not.toMatch(/(?<!\r)\n|\r(?!\n)/);
    for (const line of message.toString('latin1').split('\r\n')) expect(line.length).toBeLessThanOrEqual(998);
    const { structure, isPartial } = digestOf(message);
    expect(isPartial).toBe(false);
    const [text, bytes, attached, empty] = structure.parts ?? [];
    if (!text || !bytes || !attached || !empty) throw new Error('there are parts missing');
    expect(partText(text, message)).toEqual({ text: `Grüße\r\n.\r\nFrom here \r\n${'long '.repeat(500)}`, isDoubtful: false });
    expect(partBytes(bytes, message).equals(file)).toBe(true);
    expect(partBytes(attached, message).toString()).toBe('Subject: inner\r\n\r\nbare\r\nline ends\r\n');
    expect(partBytes(empty, message)).toHaveLength(0);
  });
});
