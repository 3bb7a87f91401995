import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { NoAnswer } from './failures.ts';
import type { HttpRequest } from './http.ts';
import { createJmap } from './jmap.ts';
import { withDeadline } from './with-deadline.ts';

const RESOURCE = {
  capabilities: { 'urn:ietf:params:jmap:mail': {} },
  accounts: { a1: { name: 'me@alice.test' } },
  primaryAccounts: { 'urn:ietf:params:jmap:mail': 'a1' },
  username: 'me@alice.test',
  apiUrl: '/jmap/api',
  downloadUrl: '/jmap/download/{accountId}/{blobId}/{name}?type={type}',
  uploadUrl: '/jmap/upload/{accountId}/',
  state: '',
};

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A line that gives nothing until it is given up. */
function deadLine() {
  const request = (_: string, { signal }: HttpRequest = {}): Promise<Response> =>
    new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
  return createJmap(RESOURCE, { request, once: request, renew: () => Promise.resolve(false), takeBack: () => Promise.resolve() });
}

test('an answer that does not come is waited for no longer than the text needs on a slow line; a file as long as it takes', async () => {
  const jmap = withDeadline(deadLine());
  const over: string[] = [];
  const note = (name: string) => (error: unknown) => void over.push(`${name} ${error instanceof NoAnswer}`);
  jmap.call('Email/set', { accountId: 'a1', destroy: ['short'] }).catch(note('short'));
  jmap.call('Email/set', { accountId: 'a1', destroy: ['long'.repeat(30_000)] }).catch(note('long'));
  jmap.upload(new Blob(['file']), 'text/plain').catch(note('file'));
  await vi.advanceTimersByTimeAsync(59_000);
  expect(over).toEqual([]);
  await vi.advanceTimersByTimeAsync(2000);
  expect(over).toEqual(['short true']);
  await vi.advanceTimersByTimeAsync(120_000);
  expect(over).toEqual(['short true', 'long true']);
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(over).toHaveLength(2);
});

test('what is cut ends at once, files too', async () => {
  const cut = new AbortController();
  const jmap = withDeadline(deadLine(), cut.signal);
  const both = Promise.allSettled([
    jmap.call('Email/set', { accountId: 'a1', destroy: ['one'] }),
    jmap.upload(new Blob(['file']), 'text/plain'),
  ]);
  cut.abort(new NoAnswer('cut'));
  expect(await both).toMatchObject([{ reason: NoAnswer.prototype }, { reason: NoAnswer.prototype }]);
});
