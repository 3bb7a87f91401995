import { expect, test } from 'vitest';
import { parsePathCommand } from './path-command.ts';

const parsed = (line: string) => {
  const command = parsePathCommand(line, 'usage');
  return 'code' in command ? command.code : [command.path, Object.fromEntries(command.parameters)];
};

test.each([
  ['MAIL FROM:<a@b.test>', ['a@b.test', {}]],
  ['mail from: <a@b.test> size=5 SMTPUTF8 ', ['a@b.test', { SIZE: '5', SMTPUTF8: '' }]],
  ['RCPT TO:<> ORCPT=rfc822;x+2B@b.test', ['', { ORCPT: 'rfc822;x+2B@b.test' }]],
  ['RCPT TO:<a@b.test>  NOTIFY=NEVER', ['a@b.test', { NOTIFY: 'NEVER' }]],
] as const)('%s is read', (line, wanted) => {
  expect(parsed(line)).toEqual(wanted);
});

test.each([
  'MAIL FROM:a@b.test',
  'MAIL FROM <a@b.test>',
  'MAIL FROM:<a@b.test',
  'MAIL FROM:<a@b.test>SIZE=5',
  'MAIL FROM:<<a@b.test>>',
  'MAIL FROM:<a@b.test> =5',
  'MAIL FROM:<a@b.test> SIZE=',
  'MAIL FROM:<a@b.test> SIZE=1=2',
  'MAIL FROM:<a@b.test> SIZE=1 size=2',
  'MAIL FROM:<a@b.test> _x=1',
])('%s is refused as a syntax error', (line) => {
  expect(parsed(line)).toBe(501);
});

test('a hostile parameter list takes linear time', () => {
  const before = process.cpuUsage();
  for (const line of [
    `MAIL FROM:<${' '.repeat(50_000)}`,
    `MAIL FROM:<a>${' '.repeat(50_000)}\u0001`,
    `RCPT TO:<a>${' a=b'.repeat(20_000)}=`,
  ])
    parsed(line);
  const { user } = process.cpuUsage(before);
  // Milliseconds of processor time when it is linear, minutes when it is not.
  expect(user / 1000).toBeLessThan(5000);
});
