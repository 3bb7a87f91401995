/*
 * RFC 9051 6.4.4: a message matches if the string is a substring of the text, letters of ASCII in either case. Whatever is cut out of a field is found by
 * it. A body may be found by more than that.
 */
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SelectedMailbox } from '../session.ts';
import { TestSession } from './test-session.ts';

const MESSAGES = 40;
const SEED = 20_261_126;

interface Letter {
  readonly subject: string;
  readonly name: string;
  readonly body: string;
}

const word = fc
  .array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'X', 'Y', 'Z', '0', '1', '9'), { minLength: 1, maxLength: 9 })
  .map((letters) => letters.join(''));
const text = fc.array(fc.tuple(word, fc.constantFrom(' ', '-', ' [', '] ', '. ', '/', '@')), { minLength: 2, maxLength: 6 }).map((pieces) =>
  pieces
    .map((piece) => piece.join(''))
    .join('')
    .trim(),
);
const letters = fc.sample(fc.record<Letter>({ subject: text, name: text, body: text }), { numRuns: MESSAGES, seed: SEED });

let at: TestSession;
let mailbox: SelectedMailbox;

beforeAll(async () => {
  at = await TestSession.open();
  await at.arrive(
    letters.map(
      ({ subject, name, body }, number) =>
        `From: "${name}" <from${number}@b.test>\r\nSubject: ${subject}\r\nMessage-ID: <${number}@b.test>\r\n\r\n${body}\r\n`,
    ),
  );
  ({ mailbox } = await at.select());
});

afterAll(async () => {
  await at[Symbol.asyncDispose]();
});

/** Where in a text, and how long, of 1000. */
const cut = fc.record({ number: fc.nat(MESSAGES - 1), start: fc.nat(1000), length: fc.nat(1000), isUpper: fc.boolean() });

function cutOut(
  whole: string,
  { start, length, isUpper }: { readonly start: number; readonly length: number; readonly isUpper: boolean },
): string {
  const from = Math.floor((start * whole.length) / 1001);
  const piece = whole.slice(from, from + 1 + Math.floor((length * (whole.length - from)) / 1001));
  return isUpper ? piece.toUpperCase() : piece.toLowerCase();
}

async function found(field: 'subject' | 'from' | 'body' | 'text', value: string): Promise<readonly number[]> {
  return (await mailbox.search({ kind: 'text', field, value }, new AbortController().signal)).uids;
}

/** Every message that holds it, by UID: they came in this order. */
function holders(value: string, textOf: (letter: Letter) => string): readonly number[] {
  return letters.flatMap((letter, index) => (textOf(letter).toLowerCase().includes(value.toLowerCase()) ? [index + 1] : []));
}

test.each([
  ['subject', ({ subject }: Letter) => subject],
  ['from', ({ name }: Letter) => name],
] as const)('whatever is cut out of the %s finds every message that holds it', async (field, textOf) => {
  await fc.assert(
    fc.asyncProperty(cut, async (where) => {
      const value = cutOut(textOf(letters[where.number] ?? { subject: '', name: '', body: '' }), where);
      expect(await found(field, value)).toEqual(expect.arrayContaining([...holders(value, textOf)]));
    }),
    { numRuns: 150, seed: SEED },
  );
});

test('whatever is cut out of a body finds every message that holds it', async () => {
  await fc.assert(
    fc.asyncProperty(cut, async (where) => {
      const value = cutOut(letters[where.number]?.body ?? '', where);
      const wanted = holders(value, ({ body }) => body);
      expect(await found('body', value)).toEqual(expect.arrayContaining([...wanted]));
      expect(await found('text', value)).toEqual(expect.arrayContaining([...wanted]));
    }),
    { numRuns: 50, seed: SEED },
  );
});

test('what is found in a subject is there, letter for letter', async () => {
  await fc.assert(
    fc.asyncProperty(cut, async (where) => {
      const value = cutOut(letters[where.number]?.subject ?? '', where);
      expect(await found('subject', value)).toEqual(holders(value, ({ subject }) => subject));
    }),
    { numRuns: 50, seed: SEED },
  );
});
