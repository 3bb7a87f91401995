import { describe, expect, test } from 'vitest';
import { isReceivedBy, receivedHeader, withProtocolOf } from './received.ts';
import { rfc5322Date } from './rfc5322-date.ts';

const options = {
  helo: 'laptop.home',
  byHost: 'relay.example.org',
  withProtocol: 'ESMTPSA',
  id: 'a1b2.c3',
  dateMs: Date.UTC(2026, 10, 3, 4, 5, 6),
} as const;

describe('the Received field', () => {
  test('names the client, us, the protocol, the id and the time, folded', () => {
    expect(receivedHeader(options)).toBe(
      'Received: from laptop.home by relay.example.org with ESMTPSA id a1b2.c3;\r\n Tue, 03 Nov 2026 04:05:06 +0000\r\n',
    );
  });

  test.each([
    ['an IPv4 literal', '[192.0.2.7]'],
    ['an IPv6 literal', '[IPv6:2001:db8::1]'],
    ['a bare IPv4 address', '192.0.2.7'],
    ['a bare IPv6 address', '2001:db8::1'],
    ['a line break', 'x\r\nBcc: y@z.test'],
    ['a comment', 'x (y)'],
    ['a semicolon', 'x;y'],
    ['nothing', undefined],
    ['an empty text', ''],
    ['a name of a thousand letters', 'x'.repeat(1000)],
  ])('%s in EHLO becomes unknown', (_, helo) => {
    expect(receivedHeader({ ...options, helo })).toMatch(
      /^Received: from unknown by relay\.example\.org with ESMTPSA id a1b2\.c3;\r\n Tue/,
    );
  });

  test('an id can not end its line', () => {
    expect(receivedHeader({ ...options, id: 'a\r\nX: b;' })).toContain('id aXb;\r\n Tue');
  });

  test('is recognised by the host that wrote it, and by no other', () => {
    const value = receivedHeader(options).slice('Received:'.length).replaceAll('\r\n', '');
    expect(isReceivedBy(value, 'RELAY.example.org')).toBe(true);
    expect(isReceivedBy(value, 'laptop.home')).toBe(false);
    expect(isReceivedBy('from x (by relay.example.org) by other.test; date', 'relay.example.org')).toBe(false);
  });

  test.each([
    [{ isTls: true, isAuthenticated: true, isUtf8: false }, 'ESMTPSA'],
    [{ isTls: false, isAuthenticated: true, isUtf8: false }, 'ESMTPA'],
    [{ isTls: true, isAuthenticated: false, isUtf8: true }, 'UTF8SMTPS'],
    [{ isTls: false, isAuthenticated: false, isUtf8: false }, 'ESMTP'],
  ])('%o goes with %s', (session, word) => expect(withProtocolOf(session)).toBe(word));

  test('a date is UTC', () => expect(rfc5322Date(0)).toBe('Thu, 01 Jan 1970 00:00:00 +0000'));
});
