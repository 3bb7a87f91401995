import { formatAddress, MailError } from '@stopgap/core';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_HEADER_BYTES } from './header-block.ts';
import { createSubmissionFilter, type SubmissionFacts } from './submit-filter.ts';

const nowMs = Date.UTC(2026, 10, 3, 4, 5, 6);
const plain = 'From: Alice <alice@a.test>\r\nTo: bob@b.test\r\nDate: x\r\nMessage-ID: <1@a.test>\r\n';
const added = 'Date: Tue, 03 Nov 2026 04:05:06 +0000\r\nMessage-ID: <new@relay.test>\r\n';

interface Filtered {
  readonly text: string;
  readonly facts: SubmissionFacts;
}

function filter(chunks: readonly Buffer[]): Filtered {
  const filter = createSubmissionFilter({ nowMs, newMessageId: () => '<new@relay.test>' });
  const out = chunks.flatMap((chunk) => [...filter.push(chunk)]);
  const { chunks: last, facts } = filter.end();
  return { text: Buffer.concat([...out, ...last]).toString('latin1'), facts };
}

const latin1 = (text: string) => Buffer.from(text, 'latin1');
const whole = (text: string) => filter([latin1(text)]);

function cut(text: string, places: readonly number[]): Buffer[] {
  const ends = [...places.map((place) => place % (text.length + 1)), text.length].toSorted((a, b) => a - b);
  return ends.map((end, n) => latin1(text.slice(ends[n - 1] ?? 0, end)));
}

/** The code of the error it ends with. */
function refusal(chunks: readonly Buffer[]): string {
  try {
    filter(chunks);
    return 'accepted';
  } catch (error) {
    if (error instanceof MailError && error.kind === 'permanent') return error.code;
    throw error;
  }
}

describe('what happens to a message', () => {
  test.each([
    ['a proper message', `${plain}\r\nbody\r\n`],
    ['dots, 8-bit and long lines', `${plain}\r\n.\r\n..x\r\n\u00fc\u00ff\r\n${'y'.repeat(5000)}\r\n`],
    ['a broken header line', `${plain}no field here\r\n\r\nbody\r\n`],
    ['odd folds, odd names and 8-bit in the header', `${plain}X-Odd:\r\n\t\r\n  \u00fc\r\nx y: z\r\n\r\n\r\n\r\n`],
    ['a header without a body', plain],
    ['Bcc in the body', `${plain}\r\nBcc: x@y.test\r\n`],
  ])('%s is left alone, byte for byte', (_, message) => {
    expect(whole(message).text).toBe(message);
  });

  test.each([
    ['Bcc', 'Bcc: x@y.test\r\n'],
    ['Bcc in any case, folded', 'bCC: x@y.test,\r\n z@y.test\r\n\t,w@y.test\r\n'],
    ['Bcc with a blank before the colon', 'Bcc \t: x@y.test\r\n'],
    ['an empty Bcc', 'Bcc:\r\n'],
    ['Resent-Bcc', 'Resent-Bcc: x@y.test\r\n'],
    ['Return-Path', 'Return-Path: <x@y.test>\r\n'],
  ])('%s is taken out wherever it stands', (_, field) => {
    const kept = `${plain}\r\nbody\r\n`;
    expect(whole(field + kept).text).toBe(kept);
    expect(whole(`${plain}${field}\r\nbody\r\n`).text).toBe(kept);
    expect(whole(`${plain}${field}`).text).toBe(plain);
    expect(whole(`${plain}${field}${field}X: y\r\n\r\nbody\r\n`).text).toBe(`${plain}X: y\r\n\r\nbody\r\n`);
  });

  test('a Bcc that is the last, unended line does not stay', () => {
    const { text, facts } = whole(`${plain}Bcc: x@y.test`);
    expect([text, facts.hadBcc]).toEqual([plain, true]);
  });

  test.each([
    ['missing', ''],
    ['empty', 'Date: \r\nMessage-ID:\r\n \r\n'],
  ])('Date and Message-ID that are %s are added on top', (_, fields) => {
    const { text, facts } = whole(`From: a@a.test\r\n${fields}\r\nbody\r\n`);
    expect(text).toBe(`${added}From: a@a.test\r\n\r\nbody\r\n`);
    expect(facts).toMatchObject({ addedDate: true, addedMessageId: true, messageId: '<new@relay.test>' });
  });

  test.each([
    ['nothing', '', added],
    ['an empty line', '\r\n', `${added}\r\n`],
    ['a body without a header', '\r\nbody', `${added}\r\nbody\r\n`],
    ['a fold before any field', ' fold\r\nX: y\r\n\r\n', ` fold\r\n${added}X: y\r\n\r\n`],
  ])('%s still becomes a message', (_, message, expected) => expect(whole(message).text).toBe(expected));

  test('a last line without CRLF gets one', () => {
    expect(whole(`${plain}\r\nbody`).text).toBe(`${plain}\r\nbody\r\n`);
    expect(whole(plain.slice(0, -2)).text).toBe(plain);
  });

  test('no byte of the body is copied', () => {
    const chunk = latin1(`${plain}\r\nbody\r\n`);
    const body = latin1('more\r\n');
    const filter = createSubmissionFilter({ nowMs, newMessageId: () => '' });
    expect(filter.push(chunk)[0]?.buffer).toBe(chunk.buffer);
    expect(filter.push(body)).toEqual([body]);
  });

  test('wherever the chunks are cut, the same comes out', () => {
    const piece = fc.constantFrom(
      plain,
      'Bcc: x\r\n',
      ' fold\r\n',
      'odd\r\n',
      '\r\n',
      'body\u00fc',
      'From: b@b.test\r\n',
      'Received: x\r\n',
      '\r\n\r\n',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.array(fc.nat(1000), { maxLength: 8 }), (pieces, places) => {
        const text = pieces.join('');
        const { ownReceived: _1, ...facts } = whole(text).facts;
        const parts = filter(cut(text, places));
        const { ownReceived: _2, ...partFacts } = parts.facts;
        expect([parts.text, partFacts]).toEqual([whole(text).text, facts]);
        expect(facts.sizeBytes).toBe(parts.text.length);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('what is refused', () => {
  test.each([
    ['bare-lf', `${plain}\r\na\nb\r\n`],
    ['bare-lf', 'From: a@a.test\nBcc: x\r\n\r\n'],
    ['bare-cr', `${plain}\r\na\rb\r\n`],
    ['bare-cr', `${plain}\r\na\r`],
    ['nul', `${plain}\r\na\0b\r\n`],
    ['nul', 'Fr\0om: x\r\n\r\n'],
    ['header-too-long', `X: ${'y'.repeat(MAX_HEADER_BYTES)}\r\n\r\n`],
    ['header-too-long', 'a:b\r\n'.repeat(100_000)],
    ['message-id-too-long', `Message-ID: <${'x'.repeat(1000)}@x>\r\n\r\n`],
  ])('%s, wherever the chunks are cut', (code, message) => {
    expect(refusal([latin1(message)])).toBe(code);
    fc.assert(
      fc.property(fc.array(fc.nat(message.length), { maxLength: 10 }), (places) => {
        expect(refusal(cut(message, places))).toBe(code);
      }),
      { numRuns: 50 },
    );
  });

  test('a header that would be too long with what is added to it', () => {
    const header = `From: a@a.test\r\nX: ${'y'.repeat(MAX_HEADER_BYTES - 30)}\r\n`;
    expect(header.length).toBeLessThanOrEqual(MAX_HEADER_BYTES);
    expect(refusal([latin1(`${header}\r\nbody\r\n`)])).toBe('header-too-long');
  });

  test('is told once, and nothing comes out after it', () => {
    const told: string[] = [];
    const filter = createSubmissionFilter({ nowMs, newMessageId: () => '', onViolation: (violation) => told.push(violation.code) });
    filter.push(latin1(`${plain}\r\n`));
    expect(filter.push(latin1('a\nb'))).toEqual([]);
    expect(filter.push(latin1('c\r\n\0'))).toEqual([]);
    expect(told).toEqual(['bare-lf']);
    expect(filter.violation?.reason).toMatchObject({ class: 'content', code: 550 });
    expect(() => filter.end()).toThrow(filter.violation);
  });

  test('a header that comes byte by byte takes linear time', () => {
    const header = latin1(`${'X: yyyyyyyyyyyyyy\r\n'.repeat(Math.floor((MAX_HEADER_BYTES - 8192) / 19))}\r\n`);
    // Linear is a fraction of a second of processor time, quadratic (250,000 copies of up to 250 KB) would be some ten seconds.
    expect(drip(header)).toBeLessThan(5000);
  });
});

describe('the facts', () => {
  test('of a plain message', () => {
    const { facts } = whole(`${plain}\r\nlonger line than the header\u00fc has any of them in it\r\n`);
    expect({ ...facts, from: facts.from.map(formatAddress) }).toMatchObject({
      messageId: '<1@a.test>',
      addedMessageId: false,
      addedDate: false,
      hadBcc: false,
      from: ['alice@a.test'],
      sender: undefined,
      hops: 0,
      hasEightBit: true,
      hasEightBitHeader: false,
      longestLine: 50,
      problems: [],
    });
  });

  test.each([
    ['no From', 'X: y\r\n', ['from-missing']],
    ['two From fields', 'From: a@a.test\r\nFROM : b@b.test\r\n', ['from-repeated']],
    ['a From that can be read in two ways', 'From: a@a.test <b@b.test>\r\n', ['from-malformed']],
    ['a From with nobody in it', 'From: nobody:;\r\n', ['from-malformed']],
    ['a From that is no UTF-8', 'From: \u00fc <a@a.test>\r\n', ['from-malformed']],
    ['two Sender fields', 'From: a@a.test\r\nSender: a@a.test\r\nSender: a@a.test\r\n', ['sender-repeated']],
    ['two addresses in Sender', 'From: a@a.test\r\nSender: a@a.test, b@a.test\r\n', ['sender-malformed']],
    ['two Message-IDs', 'From: a@a.test\r\nMessage-ID: <1>\r\nMessage-ID: <2>\r\n', ['message-id-repeated']],
    ['two Dates', 'From: a@a.test\r\nDate: x\r\nDate: y\r\n', ['date-repeated']],
    ['a line that is no field', 'From: a@a.test\r\nhello\r\n', ['line-malformed']],
    ['several authors and a Sender', 'From: a@a.test, b@b.test\r\nSender: c@a.test\r\n', []],
  ])('%s', (_, header, problems) => expect(whole(`${header}\r\n`).facts.problems).toEqual(problems));

  test('every address that any From field names is told', () => {
    const { facts } = whole('From: a@a.test\r\nFrom: x@x.test <b@b.test>\r\nSender: c@a.test\r\n\r\n');
    expect(facts.from.map(formatAddress)).toEqual(['a@a.test', 'x@x.test', 'b@b.test']);
    expect(facts.sender && formatAddress(facts.sender)).toBe('c@a.test');
  });

  test('UTF-8 in the header is said and read (RFC 6532)', () => {
    const { facts } = filter([Buffer.from('From: Jürgen <jürgen@möbel.test>\r\n\r\nx\r\n')]);
    expect(facts.hasEightBitHeader).toBe(true);
    expect(facts.from.map(formatAddress)).toEqual(['jürgen@möbel.test']);
    expect(facts.problems).toEqual([]);
  });

  test('hops are counted and our own are known', () => {
    const { facts } = whole(`Received: from a by relay.test\r\n with ESMTP; x\r\nReceived: from b by other.test; y\r\n${plain}\r\n`);
    expect([facts.hops, facts.ownReceived('Relay.test'), facts.ownReceived('a')]).toEqual([2, true, false]);
  });
});

function drip(header: Buffer): number {
  const filter = createSubmissionFilter({ nowMs, newMessageId: () => '' });
  const before = process.cpuUsage();
  for (let i = 0; i < header.length; i++) filter.push(header.subarray(i, i + 1));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
