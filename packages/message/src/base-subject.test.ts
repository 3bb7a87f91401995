import { describe, expect, test } from 'vitest';
import { baseSubject } from './base-subject.ts';

describe('the base of a subject (RFC 5256 2.1)', () => {
  test.each([
    ['Hello', 'HELLO', false],
    ['Re: Hello', 'HELLO', true],
    ['RE:  re: Fwd: hello  (fwd)', 'HELLO', true],
    ['[list] Re: [other] Hello', 'HELLO', true],
    ['[only]', '[ONLY]', false],
    ['Re[2]: Hello', 'HELLO', true],
    ['[Fwd: Hello]', 'HELLO', true],
    ['Regarding: x', 'REGARDING: X', false],
    ['', '', false],
    ['Re:', '', true],
  ])('%j', (subject, text, isReply) => {
    expect(baseSubject(subject)).toEqual({ text, isReply });
  });

  test('takes no time that grows faster than the subject', () => {
    expect(baseSubject('[x]'.repeat(100_000)).text.length).toBeLessThan(3000);
    expect(baseSubject('re:'.repeat(100_000)).text.length).toBeLessThan(3000);
    expect(baseSubject('[fwd:'.repeat(100_000)).text.length).toBeLessThan(3000);
  });
});
