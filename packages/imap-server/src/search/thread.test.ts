import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { byReferences, orderedSubject, threadText, type Threadable } from './thread.ts';

function message(uid: number, more: Partial<Threadable> = {}): Threadable {
  return { uid, sentAtMs: uid, subject: `S${uid}`, isReply: false, messageId: `<${uid}>`, references: [], ...more };
}

const text = (threads: Parameters<typeof threadText>[0]): string => threadText(threads, (uid) => uid);
const references = (...messages: Threadable[]): string => text(byReferences(messages));

describe('THREAD=REFERENCES (RFC 5256)', () => {
  test('puts answers under what they answer', () => {
    expect(references(message(1), message(2, { references: ['<1>'] }), message(3, { references: ['<1>', '<2>'] }), message(4))).toBe(
      '(1 2 3)(4)',
    );
    expect(references(message(1), message(2, { references: ['<1>'] }), message(3, { references: ['<1>'] }))).toBe('(1 (2)(3))');
    expect(
      references(
        message(3),
        message(6, { references: ['<3>'] }),
        message(4, { references: ['<3>', '<6>'] }),
        message(23, { references: ['<4>'] }),
        message(44, { references: ['<6>'] }),
        message(7, { references: ['<44>'] }),
        message(96, { references: ['<7>'] }),
      ),
    ).toBe('(3 6 (4 23)(44 7 96))');
  });

  test('in whatever order they came', () => {
    expect(references(message(2, { sentAtMs: 9, references: ['<1>'] }), message(1, { sentAtMs: 1 }))).toBe('(1 2)');
    expect(references(message(1, { references: ['<2>'] }), message(2))).toBe('(2 1)');
  });

  test('joins the answers to a message nobody has', () => {
    expect(references(message(1, { references: ['<x>'] }), message(2, { references: ['<x>'] }))).toBe('((1)(2))');
    expect(references(message(1, { references: ['<x>'] }))).toBe('(1)');
  });

  test('joins by subject what has no references', () => {
    expect(references(message(1, { subject: 'A' }), message(2, { subject: 'A', isReply: true }))).toBe('(1 2)');
    expect(references(message(1, { subject: 'A' }), message(2, { subject: 'A' }))).toBe('((1)(2))');
    expect(references(message(1, { subject: '' }), message(2, { subject: '' }))).toBe('(1)(2)');
  });

  test('is not caught in loops, nor in a second message of the same id', () => {
    expect(references(message(1, { references: ['<2>'] }), message(2, { references: ['<1>'] }))).toMatch(/^\((?:1 2|2 1)\)$/);
    expect(references(message(1, { references: ['<1>'] }))).toBe('(1)');
    expect(references(message(1, { messageId: '<x>', subject: 'A' }), message(2, { messageId: '<x>', subject: 'B' }))).toBe('(1)(2)');
  });

  test('names each message once, whatever they refer to', () => {
    const id = fc.integer({ min: 1, max: 12 }).map((n) => `<${n}>`);
    const any = fc.record({
      messageId: fc.oneof(id, fc.constant('')),
      references: fc.array(id, { maxLength: 5 }),
      subject: fc.constantFrom('A', 'B', ''),
      isReply: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(any, { maxLength: 30 }), (messages) => {
        const written = references(...messages.map((one, index) => message(index + 1, one)));
        const uids = (written.match(/\d+/g) ?? []).map(Number).toSorted((one, other) => one - other);
        expect(uids).toEqual(messages.map((_, index) => index + 1));
        expect(written.replaceAll(/\d+( \d+)*/g, '').replaceAll(/[() ]/g, '')).toBe('');
      }),
      { numRuns: 500 },
    );
  });

  test('of a chain of 50000 answers is made without a deep stack, and in good time', () => {
    const chain = Array.from({ length: 50_000 }, (_, index) => message(index + 1, { subject: '', references: [`<${index}>`] }));
    expect(references(...chain).match(/\d+/g)).toHaveLength(50_000);
  });
});

test('THREAD=ORDEREDSUBJECT puts all of a subject under the first', () => {
  const messages = [message(1, { subject: 'A' }), message(2, { subject: 'B' }), message(3, { subject: 'A' }), message(4, { subject: 'A' })];
  expect(text(orderedSubject(messages))).toBe('(1 (3)(4))(2)');
});
