import { expect, test } from 'vitest';
import { ALL_ROLES, leftOut, readRoles, ROLES } from './roles.ts';

test('all is every role, and some are some', () => {
  expect(readRoles('all')).toEqual(ALL_ROLES);
  expect(readRoles(ROLES.join(','))).toEqual(ALL_ROLES);
  expect([...readRoles('http, intake,http')]).toEqual(['http', 'intake']);
});

test.each([
  ['', '--role "": a role is missing. Say "all", or some of intake, deliver, mirror, imap, pop3, http with commas between.'],
  ['intake,', '--role intake,: a role is missing.'],
  ['smtp', '--role smtp: there is no role "smtp".'],
  ['INTAKE', 'there is no role "INTAKE".'],
  ['all,http', 'there is no role "all" beside others.'],
])('%j is refused with a sentence', (text, sentence) => {
  expect(() => readRoles(text)).toThrow(expect.objectContaining({ code: 'usage', message: expect.stringContaining(sentence) as string }));
});

test('what is left out is told', () => {
  expect(leftOut(ALL_ROLES)).toBeUndefined();
  expect(leftOut(readRoles('intake,http'))).toBe('only intake, http; not deliver, mirror, imap, pop3');
});
