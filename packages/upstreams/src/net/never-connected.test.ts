import { describe, expect, test } from 'vitest';
import { neverConnected } from './never-connected.ts';

const failed = (code: string, syscall?: string) => Object.assign(new Error(code), { code, ...(syscall === undefined ? {} : { syscall }) });

describe('a request that failed', () => {
  test.for<[string, unknown, boolean]>([
    ['no name', failed('ENOTFOUND', 'getaddrinfo'), true],
    ['nobody there', failed('ECONNREFUSED', 'connect'), true],
    ['no way there, at connecting', failed('EHOSTUNREACH', 'connect'), true],
    // Linux tells an open connection that gave up its retransmissions why (tcp(7)).
    ['no way there any more, while the answer was waited for', failed('EHOSTUNREACH', 'read'), false],
    ['the network gone in the middle of the request', failed('ENETUNREACH', 'write'), false],
    ['a reset', failed('ECONNRESET', 'read'), false],
    ['all addresses, each at connecting', new AggregateError([failed('EHOSTUNREACH', 'connect'), failed('ECONNREFUSED', 'connect')]), true],
    ['what wraps it', new Error('fetch failed', { cause: failed('EHOSTUNREACH', 'read') }), false],
  ])('for %s', ([, error, never]) => {
    expect(neverConnected(error)).toBe(never);
  });
});
