import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SyntaxFault } from './faults.ts';
import { Scanner, utf8Of, type HeldLiteral } from './scanner.ts';

const literal = (text: string, isBinary = false): HeldLiteral => ({ bytes: Buffer.from(text, 'latin1'), isBinary });
const scan = (...texts: string[]): Scanner => new Scanner({ texts, literals: [] });

describe('a command is read', () => {
  test('word by word, with literals between its pieces', () => {
    const args = new Scanner({ texts: ['a1 LOGIN ', ' ', ' (x "y z")'], literals: [literal('al"ice'), literal('pass\r\nword')] });
    expect(args.tag()).toBe('a1');
    args.space();
    expect(args.word()).toBe('LOGIN');
    args.space();
    expect(args.astring()).toBe('al"ice');
    args.space();
    expect(args.astring()).toBe('pass\r\nword');
    args.space();
    expect(args.list(() => args.astring())).toEqual(['x', 'y z']);
    args.end();
  });

  test.each([
    ['atom', 'a(b', 'a'],
    ['astring', 'a]b c', 'a]b'],
    ['astring', String.raw`"a \"b\" \\c" d`, String.raw`a "b" \c`],
    ['listPattern', '%/*x y', '%/*x'],
    ['flag', String.raw`\Seen)`, String.raw`\Seen`],
    ['flag', String.raw`\*)`, String.raw`\*`],
    ['number', '4294967295 x', 4294967295],
    ['nstring', 'NIL', undefined],
    ['nstring', '"NIL"', 'NIL'],
    ['name', 'body.peek[', 'BODY.PEEK'],
  ] as const)('%s of %s', (method, text, expected) => {
    expect(scan(text)[method]()).toBe(expected);
  });

  test.each([
    ['atom', ' x'],
    ['atom', '"x"'],
    ['astring', '"open'],
    ['astring', String.raw`"bad \escape"`],
    ['astring', '"nul \0 in it"'],
    ['astring', ''],
    ['string', 'atom'],
    ['flag', '('],
    ['number', '4294967296'],
    ['number', '-1'],
    ['tag', '+'],
    ['sequenceSet', 'x'],
  ] as const)('%s is not %j', (method, text) => {
    expect(() => scan(text)[method]()).toThrow(SyntaxFault);
  });

  test('a NUL is only in what says that it is binary', () => {
    expect(() => new Scanner({ texts: ['', ''], literals: [literal('a\0')] }).astring()).toThrow(SyntaxFault);
    expect(new Scanner({ texts: ['', ''], literals: [literal('a\0', true)] }).astring()).toBe('a\0');
  });

  test('whatever it is, in no other way than by a SyntaxFault', () => {
    const methods = [
      'tag',
      'atom',
      'astring',
      'string',
      'nstring',
      'flag',
      'number',
      'sequenceSet',
      'space',
      'end',
      'listPattern',
      'name',
    ] as const;
    fc.assert(
      fc.property(
        fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('latin1')),
        fc.array(fc.constantFrom(...methods)),
        (text, calls) => {
          const args = scan(text);
          try {
            for (const call of calls) args[call]();
          } catch (error) {
            expect(error).toBeInstanceOf(SyntaxFault);
          }
        },
      ),
    );
  });
});

test('octets are UTF-8 or not', () => {
  expect(utf8Of('plain')).toBe('plain');
  expect(utf8Of('\xc3\xa9')).toBe('é');
  expect(utf8Of('\xc3')).toBeUndefined();
  expect(utf8Of('\xed\xa0\x80')).toBeUndefined();
});
