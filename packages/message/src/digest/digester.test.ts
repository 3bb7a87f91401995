import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DigestPart, MessageDigest } from '../digest-types.ts';
import { createDigester, digestOf } from './digester.ts';

const CORPUS = join(import.meta.dirname, '../../../../tests/corpus');
const corpus = readdirSync(CORPUS)
  .filter((name) => name.endsWith('.eml'))
  .map((name) => ({ name: name.slice(0, -4), bytes: readFileSync(join(CORPUS, name)) }));

function digestFile(name: string): MessageDigest {
  return digestOf(readFileSync(join(CORPUS, `${name}.eml`)));
}

/** `mixed(plain message(html))` */
function shape(part: DigestPart): string {
  if (part.parts !== undefined) return `${part.subtype}(${part.parts.map(shape).join(' ')})`;
  return part.message === undefined ? part.subtype : `${part.subtype}(${shape(part.message.structure)})`;
}

/** What stands at the part's place, as latin1. */
function bodyAt(bytes: Buffer, part: DigestPart): string {
  return bytes.toString('latin1', part.bodyStart, part.bodyStart + part.sizeBytes);
}

test.each([
  ['plain', 'plain', 'Hello Bob, this is all there is.'],
  ['no-header', 'plain', 'This message has no header at all. It begins with the empty line.'],
  ['no-separator', 'plain', ''],
  ['empty', 'plain', ''],
  ['nul', 'plain', 'before\0after next line'],
  ['bare-lf', 'mixed(plain html)', 'first second'],
  ['mixed-line-ends', 'mixed(plain plain)', 'one two three four'],
  ['missing-charset', 'plain', 'Grüße € 5'],
  ['charset-windows-1252', 'plain', 'Preis: 5 € „gut“'],
  ['charset-iso-8859-15', 'plain', '5 € für Žižek'],
  ['charset-koi8-r', 'plain', 'Привет, мир'],
  ['charset-gb18030', 'plain', '你好，世界'],
  ['charset-shift-jis', 'plain', 'こんにちは世界'],
  ['charset-iso-2022-jp', 'plain', 'こんにちは世界'],
  ['charset-utf-7', 'plain', 'Grüße & 日本 1+1'],
  ['charset-unknown', 'plain', 'Grüße'],
  ['quoted-printable', 'plain', 'Grüße, ein langer Satz \ufffd=zz no encoding'],
  ['base64-text', 'plain', 'Grüße aus Köln, das ist ein langer Text, der umbrochen wird.'],
  ['html-only', 'html', 'Heading Fish & chips, bold, 5 € – <tag> one two 1 < 2 end'],
  ['alternative', 'alternative(plain html)', 'The plain version.'],
  ['mixed-related-alternative', 'mixed(related(alternative(plain html) png) pdf)', 'Schöne Grüße'],
  ['no-closing-boundary', 'mixed(plain plain)', 'one two'],
  ['no-boundary-parameter', 'mixed()', '--x one --x--'],
  ['boundary-never-comes', 'mixed()', ''],
  ['equal-prefix-boundaries', 'mixed(alternative(plain html) plain)', 'inner one outer two'],
  ['same-boundary-nested', 'mixed(alternative(plain) plain)', 'one two'],
  ['header-meets-boundary', 'mixed(plain html)', 'two'],
  ['empty-parts', 'mixed(plain octet-stream plain)', ''],
  ['boundary-with-blanks', 'mixed(plain)', 'one'],
  ['dashes-in-text', 'mixed(plain)', '-- A signature --rea --unreal ---real --real'],
  ['nested-message', 'mixed(plain rfc822(mixed(plain plain)) rfc822(plain))', 'See below. Inner text. Simple text.'],
  ['lone-nested-message', 'rfc822(plain)', 'Inside text.'],
  ['encoded-nested-message', 'rfc822', ''],
  ['digest', 'digest(rfc822(plain) plain rfc822(plain))', 'First. Between. Second.'],
  ['bounce', 'report(plain delivery-status rfc822-headers)', 'It could not be delivered.'],
  ['calendar-invitation', 'mixed(alternative(plain calendar) ics)', 'Lunch on Monday.'],
])('%s', (name, structure, text) => {
  const digest = digestFile(name);
  expect(shape(digest.structure)).toBe(structure);
  expect(digest.text.toString().replaceAll(/\s+/g, ' ')).toBe(text);
  expect(digest.isPartial).toBe(false);
});

test('the preview is the text of the message itself, though one that it carries comes first', () => {
  expect(digestFile('digest').preview).toBe('Between.');
});

test('a part is exactly the octets between its header and the line end before the boundary', () => {
  const { name, bytes } = corpus.find((file) => file.name === 'nested-message') ?? { name: '', bytes: Buffer.alloc(0) };
  const { parts = [] } = digestFile(name).structure;
  const inner = parts[1]?.message?.structure.parts ?? [];
  expect(parts.slice(0, 1).map((part) => bodyAt(bytes, part))).toEqual(['See below.']);
  expect(inner.map((part) => bodyAt(bytes, part))).toEqual(['Inner text.', 'attached to the inner one']);
  expect(parts[2]?.message?.structure).toMatchObject({ headerStart: parts[2]?.bodyStart, lines: 0, sizeBytes: 'Simple text.'.length });
});

test('sections are counted as IMAP does', () => {
  const sections = (name: string) => digestFile(name).attachments.map((one) => `${one.section} ${one.name}`);
  expect(sections('nested-message')).toEqual(['2 forwarded.eml', '2.2 inner.txt', '3 A simple one']);
  expect(sections('lone-nested-message')).toEqual(['1 Inside']);
  expect(sections('mixed-related-alternative')).toEqual(['1.2 logo.png', '2 Angebot.pdf']);
  expect(sections('calendar-invitation')).toEqual(['1.2 ', '2 invite.ics']);
});

test('a lone file is part 1', () => {
  const { attachments } = digestOf(Buffer.from('Content-Type: image/png; name=a.png\nContent-Transfer-Encoding: base64\n\nAAAABBBB\n'));
  expect(attachments).toEqual([{ name: 'a.png', type: 'image/png', sizeBytes: 5, isInline: false, section: '1' }]);
});

test('names of files are decoded, however they are written', () => {
  expect(digestFile('rfc2231-names').attachments.map((one) => one.name)).toEqual([
    'Übersicht.pdf',
    'Übersicht.zip',
    'a "quoted" name.txt',
    'not quoted.txt',
    'Größe.txt',
  ]);
  expect(digestFile('rfc2231-names').structure.parts?.[1]?.parameters).toEqual({ name: 'Übersicht  Teil €.pdf' });
});

test('an inline picture is told from a file', () => {
  expect(digestFile('mixed-related-alternative').attachments.map((one) => one.isInline)).toEqual([true, false]);
});

describe('envelope', () => {
  const people = (name: string, field: 'from' | 'sender' | 'replyTo' | 'to' | 'cc' | 'bcc') =>
    digestFile(name).envelope[field].map((one) => `${one.name} <${one.address}>`);

  test('encoded words are decoded, those that are cut in the middle of a character too', () => {
    const { envelope } = digestFile('encoded-words');
    expect(envelope.subject).toBe('Grüße and 日本 and 😀 =?bad?x?y?=');
    expect(people('encoded-words', 'from')).toEqual(['Jörg Müller <joerg@provider.test>']);
    expect(people('encoded-words', 'to')).toEqual(['André Pirard <pirard@provider.test>', 'Bär <baer@provider.test>']);
    expect(envelope.sentAtMs).toBe(Date.UTC(2026, 10, 23, 10, 11));
  });

  test('headers that nobody encoded are read as UTF-8, else as windows-1252', () => {
    expect(digestFile('raw-utf8-headers').envelope.subject).toBe('Grüße aus Köln – 日本');
    expect(digestFile('raw-latin1-headers').envelope.subject).toBe('Grüße');
  });

  test('a group is its members', () => {
    expect(people('groups', 'to')).toEqual([' <bob@provider.test>', 'Carol <carol@provider.test>', ' <eve@provider.test>']);
    expect(people('groups', 'replyTo')).toEqual([' <carol@provider.test>', 'Dave D. <dave@provider.test>']);
    expect(people('groups', 'cc')).toEqual([]);
  });

  test('where the groups begin and end is kept beside their members', () => {
    expect(digestFile('groups').envelope.groups).toEqual({
      replyTo: [{ name: 'Team', start: 0, end: 2 }],
      to: [{ name: 'A Group', start: 0, end: 2 }],
      cc: [{ name: 'undisclosed-recipients', start: 0, end: 0 }],
    });
    expect(digestFile('plain').envelope.groups).toBeUndefined();
    const groupsOf = (text: string) => digestOf(Buffer.from(`${text}\r\n\r\n`)).envelope.groups?.to;
    expect(groupsOf('To: a@x\r\nTo: =?utf-8?q?B=C3=BCro?=: b@x;, "c, d" : ;')).toEqual([
      { name: 'Büro', start: 1, end: 2 },
      { name: 'c, d', start: 2, end: 2 },
    ]);
    for (const none of ['To: mailto:bob@x', 'To: :b@x;', 'To: a@x;', 'To: [IPv6:::1];']) expect(groupsOf(none)).toBeUndefined();
    expect(groupsOf(`To: ${'a:;'.repeat(5000)}`)).toHaveLength(2000);
  });

  test('old and broken addresses are shown as far as they can be read', () => {
    expect(people('odd-addresses', 'sender')).toEqual([' <routed@provider.test>']);
    expect(people('odd-addresses', 'to')).toEqual([
      'Bob Comment <bob@provider.test>',
      ' <quoted local@provider.test>',
      ' <Carol@provider.test>',
      ' <user@[192.0.2.1]>',
      ' <nobody>',
      ' <dave@provider.test>',
    ]);
    expect(people('odd-addresses', 'cc')).toEqual(['bob@provider.test <mallory@provider.test>']);
  });

  test('folds are undone, references kept in order', () => {
    const { envelope } = digestFile('folded-headers');
    expect(envelope.subject).toBe('A subject that goes on and on');
    expect(envelope.messageId).toBe('<folded@provider.test>');
    expect(envelope.references).toEqual(['<one@provider.test>', '<two@provider.test>', '<three@provider.test>']);
  });

  test.each([
    ['Mon, 23 Nov 2026 10:11:12 +0100', Date.UTC(2026, 10, 23, 9, 11, 12)],
    ['23 Nov 2026 10:11 -0500', Date.UTC(2026, 10, 23, 15, 11)],
    ['Mon, 23 Nov 26 10:11:12 EST (comment)', Date.UTC(2026, 10, 23, 15, 11, 12)],
    ['Mon, 23 Nov 126 10:11:12 GMT', Date.UTC(2026, 10, 23, 10, 11, 12)],
    ['Mon, 23-Nov-2026 10:11:12 Z', Date.UTC(2026, 10, 23, 10, 11, 12)],
    ['Mon, 32 Nov 2026 10:11:12 +0000', undefined],
    ['yesterday', undefined],
    ['', undefined],
  ])('date %j', (date, ms) => {
    expect(digestOf(Buffer.from(`Date: ${date}\n\n`)).envelope.sentAtMs).toBe(ms);
  });
});

/** Bytes that look like mail to a parser, in any order. */
const mailish = fc
  .array(
    fc.oneof(
      fc.constantFrom('\r\n', '\n', '\r', '--', '--b', '--b--', '\n--b\n', '\r\n--b\r\n', '\r\n--bb--\r\n', '\n\n', ' ', '\0'),
      fc.constantFrom('Content-Type: multipart/mixed; boundary=b\n', 'Content-Type: multipart/alternative; boundary="bb"\r\n\r\n'),
      fc.constantFrom('Content-Type: message/rfc822\n\n', 'Content-Type: text/html\n', 'Subject: =?utf-8?q?=C3?=\n', 'To: a:b@c,<d'),
      fc.constantFrom('<p>', '<script', '<!--', '&amp', 'text '),
      fc.string(),
    ),
    { maxLength: 60 },
  )
  .map((pieces) => Buffer.from(pieces.join('')));

function digestInPieces(bytes: Buffer, places: readonly number[]): MessageDigest {
  const digester = createDigester();
  const ends = [...places.map((place) => place % (bytes.length + 1)), bytes.length].toSorted((a, b) => a - b);
  for (const [n, end] of ends.entries()) digester.write(bytes.subarray(ends[n - 1] ?? 0, end));
  return digester.finish();
}

/** Above the bytes that are gathered, so that the cuts are real. */
function widened(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.from('\n' + 'filling line\r\n'.repeat(6000)), bytes]);
}

test('the digest does not depend on where the chunks are cut', () => {
  const places = fc.array(fc.nat(), { maxLength: 6 });
  const samples = fc.oneof(mailish, fc.constantFrom(...corpus.map((file) => file.bytes)));
  fc.assert(
    fc.property(samples, places, fc.integer({ min: 0, max: 300 }), (bytes, cuts, shift) => {
      expect(digestInPieces(bytes, cuts)).toEqual(digestOf(bytes));
      const wide = widened(bytes);
      // One cut at every step: the first push ends within a few bytes of 64 KB, the next ones where the cuts fall.
      const walked = digestInPieces(wide, [65_536 - shift, 65_536 + shift, ...cuts.map((cut) => cut + 65_536)]);
      expect(walked).toEqual(digestOf(wide));
    }),
    { numRuns: 300 },
  );
});

test('every cut around the end of a gathered piece gives the same digest', () => {
  const head = 'Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n';
  const text = `${head}${'x'.repeat(65_536 - head.length - 20)}\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>two</p>\r\n--bc\r\n\r\nthree\r\n--b--\r\nend`;
  const bytes = Buffer.from(text);
  const whole = digestOf(bytes);
  for (let cut = 65_480; cut < bytes.length; cut++) {
    const digester = createDigester();
    digester.write(bytes.subarray(0, cut));
    // Whatever is waiting is pushed through by a piece as large as the bound.
    digester.write(bytes.subarray(cut));
    expect(digester.finish()).toEqual(whole);
  }
});

test('no bytes make it throw, and no part leaves the message', () => {
  const within = (part: DigestPart, size: number): boolean =>
    part.headerStart >= 0 &&
    part.bodyStart >= part.headerStart &&
    part.bodyStart + part.sizeBytes <= size &&
    (part.parts ?? []).every((child) => child.headerStart >= part.bodyStart && within(child, part.bodyStart + part.sizeBytes)) &&
    (part.parts ?? []).reduce((sum, child) => sum + child.sizeBytes, 0) <= part.sizeBytes &&
    (part.message === undefined || within(part.message.structure, part.bodyStart + part.sizeBytes));
  const bytes = fc.oneof(
    mailish,
    fc.uint8Array({ maxLength: 500 }).map((array) => Buffer.from(array)),
  );
  fc.assert(
    fc.property(bytes, (message) => {
      const digest = digestOf(message);
      expect(digest.sizeBytes).toBe(message.length);
      expect(within(digest.structure, message.length)).toBe(true);
      expect(digest.preview).not.toMatch(/[\r\n\0]/);
    }),
    { numRuns: 2000 },
  );
});

/** Each a megabyte of the same trap: quadratic work would take hours. */
const MEGABYTE = 1024 * 1024;
const filled = (piece: string) => piece.repeat(Math.ceil(MEGABYTE / piece.length)).slice(0, MEGABYTE);
const nested = (levels: number) =>
  Array.from({ length: levels }, (_, n) => `Content-Type: multipart/mixed; boundary=x${n}x\n\n--x${n}x\n`).join('');
test.each([
  ['a header without an end', filled('X'), true],
  ['header fields without an end', filled('Subject: a\n'), true],
  ['folds', `Subject: a\n${filled(' \n')}`, true],
  ['many multiparts in each other', nested(2000), true],
  ['many messages in each other', filled('Content-Type: message/rfc822\n\n'), true],
  ['many parts', `Content-Type: multipart/mixed; boundary=b\n\n${filled('--b\n\n')}`, true],
  ['boundaries that are none, below many multiparts', `${nested(45)}\n${filled('\n--x')}`, true],
  ['openings of encoded words', `Subject: ${filled('=?a?q?').slice(0, 200_000)}\n\n`, true],
  ['parameters', `Content-Type: text/plain; ${filled('a*0*=x;').slice(0, 200_000)}\n\n`, true],
  ['comments', `To: ${filled('(').slice(0, 200_000)}\n\n`, true],
  ['angles', `References: ${filled('<').slice(0, 200_000)}\n\n`, true],
  ['tags that are never closed', `Content-Type: text/html\n\n${filled('<a ="')}`, false],
  ['comments in HTML', `Content-Type: text/html\n\n${filled('<!-- ')}`, false],
  ['scripts', `Content-Type: text/html\n\n${filled('<script></')}`, false],
  ['entities', `Content-Type: text/html\n\n${filled('&amp')}`, false],
  ['soft breaks', `Content-Transfer-Encoding: quoted-printable\n\n${filled('=   ')}`, true],
  ['plus signs', `Content-Type: text/plain; charset=utf-7\n\n${filled('+A')}`, true],
  ['blanks', `Content-Type: text/html\n\n${filled(' ')}`, false],
])('hostile: %s', (_, text, isPartial) => {
  const bytes = Buffer.from(text);
  const digest = digestOf(bytes);
  expect(digest.isPartial).toBe(isPartial);
  expect(digest.text.toString().length).toBeLessThanOrEqual(256 * 1024 + 2000);
  expect(digestInPieces(bytes, [100_000, 170_001, 170_002, 300_000, 400_000, 555_555])).toEqual(digest);
});

/** What is measured after it is held, and not merely not collected yet. */
function collector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

test('a message of a hundred megabytes is not held', async () => {
  const collect = collector();
  collect();
  const before = process.memoryUsage().arrayBuffers;
  const digester = createDigester();
  digester.write(Buffer.from('Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n'));
  const chunk = Buffer.from(filled('0123456789abcdef0123456789abcdef\r\n'));
  for (let n = 0; n < 100; n++) digester.write(Buffer.from(chunk));
  // What was collected is given back by a thread beside.
  const held = (): number => {
    collect();
    return process.memoryUsage().arrayBuffers - before;
  };
  await expect.poll(held).toBeLessThan(10 * MEGABYTE);
  const { structure, isPartial, text } = digester.finish();
  expect(structure.parts?.[0]?.sizeBytes).toBe(100 * MEGABYTE);
  expect(isPartial).toBe(true);
  expect(text.length).toBe(256 * 1024);
});
