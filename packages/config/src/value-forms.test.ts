import { assert, integer, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatDuration, formatHostPort, isLoopback, parseDuration, parseHostPort, parseSize } from './index.ts';

describe('a duration', () => {
  test.each([
    ['500ms', 500],
    ['30s', 30_000],
    ['5m', 300_000],
    ['2h', 7_200_000],
    ['5d', 432_000_000],
    ['1h30m', 5_400_000],
    ['1.5h', 5_400_000],
    ['0s', 0],
    ['3650d', 315_360_000_000],
  ])('%s is %i ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  test.each(['', '30', 's', '-5s', '5 s', '5S', '1e3s', '5m!', '3651d', `${'9'.repeat(400)}d`, '1.s', '.5s'])('%j is none', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  test('written and read is the same', () => {
    assert(property(integer({ min: 0, max: 315_360_000_000 }), (ms) => parseDuration(formatDuration(ms)) === ms));
  });

  test('is written in the shortest way', () => {
    expect([0, 999, 90_000, 5_400_000, 432_000_000].map(formatDuration)).toEqual(['0s', '999ms', '1m30s', '1h30m', '5d']);
  });
});

describe('a size', () => {
  test.each([
    ['52428800', 52_428_800],
    ['50MB', 50_000_000],
    ['50 MB', 50_000_000],
    ['50MiB', 52_428_800],
    ['50mib', 52_428_800],
    ['1.5kB', 1500],
    ['7b', 7],
    ['0', 0],
  ])('%s is %i bytes', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  test.each(['', 'MB', '-1', '5 MBit', '1.5', '99999999999 GB', '0x10', '1e6', '5  MB', ' 5'])('%j is none', (text) => {
    expect(parseSize(text)).toBeUndefined();
  });
});

describe('a host and port', () => {
  test.each([
    ['127.0.0.1:2587', { host: '127.0.0.1', port: 2587 }],
    ['localhost:0', { host: 'localhost', port: 0 }],
    ['[::1]:2587', { host: '::1', port: 2587 }],
    ['mail_1.example.org:65535', { host: 'mail_1.example.org', port: 65_535 }],
  ])('%s is read, and written back the same', (text, pair) => {
    expect(parseHostPort(text)).toEqual(pair);
    expect(formatHostPort(pair)).toBe(text);
  });

  test.each([
    '',
    '2587',
    ':2587',
    '127.0.0.1',
    '127.0.0.1:',
    '127.0.0.1:65536',
    '::1:25',
    '[::1]',
    '[x]:25',
    'a b:25',
    '-a:25',
    'a..b:25',
    'a:25\n',
  ])('%j is none', (text) => {
    expect(parseHostPort(text)).toBeUndefined();
  });

  test.each([
    ['127.0.0.1', true],
    ['127.9.9.9', true],
    ['::1', true],
    ['localhost', true],
    ['imap.localhost', true],
    ['notlocalhost', false],
    ['127.example.org', false],
    ['128.0.0.1', false],
    ['0.0.0.0', false],
  ])('%s is this machine: %s', (host, expected) => {
    expect(isLoopback(host)).toBe(expected);
  });
});
