import { MailError } from '@stopgap/core';
import { array, asyncProperty, assert, integer } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { authorOf, readHead, withAlternateFrom } from './alternate-from.ts';

const RELAY = 'relay@other.test';
const NEW_FROM = (author: string) => `From: "${author} via other.test"\r\n <${RELAY}>\r\n`;

async function* chunksOf(bytes: Buffer, sizes: readonly number[] = []): AsyncIterable<Buffer> {
  let at = 0;
  for (const size of sizes) {
    yield bytes.subarray(at, at + size);
    at += size;
  }
  yield bytes.subarray(at);
}

async function rewritten(message: string, sizes: readonly number[] = []): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of withAlternateFrom(await readHead(chunksOf(Buffer.from(message, 'latin1'), sizes)), RELAY)) pieces.push(piece);
  return Buffer.concat(pieces).toString('latin1');
}
const authorIn = async (message: string) => authorOf((await readHead(chunksOf(Buffer.from(message)))).fields);

describe('a message with the alternate From', () => {
  test.each([
    ['a plain From', 'From: alice@provider.test\r\n', `${NEW_FROM('alice@provider.test')}Reply-To: alice@provider.test\r\n`],
    [
      'a display name',
      'From: "Alice, A." <alice@provider.test>\r\n',
      `${NEW_FROM('alice@provider.test')}Reply-To: "Alice, A." <alice@provider.test>\r\n`,
    ],
    [
      'a folded From',
      'From: Alice\r\n\t<alice@provider.test>\r\n',
      `${NEW_FROM('alice@provider.test')}Reply-To: Alice\r\n\t<alice@provider.test>\r\n`,
    ],
    [
      'encoded words',
      'From: =?utf-8?Q?J=C3=BCrgen?= <alice@provider.test>\r\n',
      `${NEW_FROM('alice@provider.test')}Reply-To: =?utf-8?Q?J=C3=BCrgen?= <alice@provider.test>\r\n`,
    ],
    [
      'another spelling of the name',
      'FROM : alice@provider.test\r\n',
      `${NEW_FROM('alice@provider.test')}Reply-To: alice@provider.test\r\n`,
    ],
    [
      'a Reply-To of its own',
      'From: alice@provider.test\r\nreply-to: list@x.test\r\n',
      `${NEW_FROM('alice@provider.test')}reply-to: list@x.test\r\n`,
    ],
  ])('%s keeps everything else byte for byte', async (_, head, expected) => {
    const before = 'Received: from x\r\n by y;\r\nX-Odd:\u00ff\u0000raw \r\n';
    const after = 'Subject: From: x\r\nTo: b@x.test\r\n\r\nFrom: in the body\r\n..dots\r\n';
    expect(await rewritten(before + head + after)).toBe(before + expected + after);
  });

  test('an author beyond ASCII stands in Reply-To only', async () => {
    const field = Buffer.from('j\u00fcrgen@provider.test').toString('latin1');
    const made = await rewritten(`From: ${field}\r\n\r\n`);
    expect(made).toBe(`${NEW_FROM('sender')}Reply-To: ${field}\r\n\r\n`);
  });

  test.each(['evil"\r\nBcc: x@y.test', 'a\\"b', '=?x?Q?=0D=0ABcc:x?='])('an author like %j begins no field of its own', async (local) => {
    const made = await rewritten(`From: <${local}@provider.test>\r\nTo: b@x.test\r\n\r\nbody\r\n`);
    const names = made
      .split('\r\n\r\n')[0]
      ?.split('\r\n')
      .filter((line) => !/^[ \t]/.test(line))
      .map((line) => line.split(':')[0]);
    // A Bcc that stood in the header before is not of our making; nothing new may appear.
    const was = local.includes('\r\n') ? ['From', 'Reply-To', 'Bcc', 'To'] : ['From', 'Reply-To', 'To'];
    expect(names).toEqual(was);
  });

  test('is the same however its chunks are cut', async () => {
    const message = `From: Alice <alice@provider.test>\r\nTo: b@x.test\r\n\r\n${'body\r\n'.repeat(50)}`;
    const whole = await rewritten(message);
    await assert(
      asyncProperty(array(integer({ min: 0, max: 40 }), { maxLength: 20 }), async (sizes) => {
        expect(await rewritten(message, sizes)).toBe(whole);
      }),
    );
  });

  test('without a body, or without the end of its header, is whole', async () => {
    expect(await rewritten('From: a@b.test\r\n\r\n')).toMatch(/Reply-To: a@b\.test\r\n\r\n$/);
    expect(await rewritten('From: a@b.test\r\n')).toMatch(/Reply-To: a@b\.test\r\n$/);
  });
});

describe('the author', () => {
  test.each([
    ['From: Alice <alice@Provider.TEST>\r\n\r\n', 'alice@provider.test'],
    ['From: a@x.test, b@x.test\r\n\r\n', undefined],
    ['From: a@x.test\r\nFrom: b@x.test\r\n\r\n', undefined],
    ['Subject: none\r\n\r\n', undefined],
    ['From:\r\n\r\n', undefined],
    ['From: "a@x.test" <b@y.test>\r\n\r\n', 'b@y.test'],
    ['From: a@x.test <b@y.test>\r\n\r\n', undefined],
    ['From: <b@y.test> <c@z.test>\r\n\r\n', undefined],
  ])('of %j is %s', async (message, author) => {
    expect(await authorIn(message)).toBe(author);
  });

  test('is not looked for in a header without end, and the message is let go', async () => {
    let isLetGo = false;
    async function* endless(): AsyncIterable<Buffer> {
      try {
        for (;;) yield Buffer.from(`X-Y: ${'z'.repeat(60_000)}\r\n`);
      } finally {
        isLetGo = true;
      }
    }
    await expect(readHead(endless())).rejects.toThrow(MailError);
    expect(isLetGo).toBe(true);
  });
});
