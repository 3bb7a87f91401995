import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { listMatcher } from './list-pattern.ts';

describe('a pattern of LIST', () => {
  test.each([
    ['*', 'a/b', true],
    ['%', 'a', true],
    ['%', 'a/b', false],
    ['a/%', 'a/b', true],
    ['a/%', 'a/b/c', false],
    ['a*', 'a/b/c', true],
    ['a*c', 'a/b/c', true],
    ['a%c', 'a/c', false],
    ['%/%', 'a/b', true],
    ['*%', 'a/b', true],
    ['a', 'A', false],
    ['inbox', 'INBOX', true],
    ['in%', 'INBOX', true],
    ['inbox', 'INBOX/a', false],
    ['', '', true],
    ['', 'a', false],
    ['.', 'a', false],
  ])('%s on %s: %s', (pattern, name, expected) => {
    expect(listMatcher(pattern)(name)).toBe(expected);
  });

  test('is what the same regular expression would be', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '/', '*', '%'), maxLength: 8 });
    fc.assert(
      fc.property(text, fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 8 }), (pattern, name) => {
        const same = new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('%', '[^/]*')}$`);
        expect(listMatcher(pattern)(name)).toBe(same.test(name));
      }),
      { numRuns: 1000 },
    );
  });
});
