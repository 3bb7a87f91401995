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

test('an answer that does not come is waited for no longer than the text needs on a slow line', async () => {
  const jmap = withDeadline(deadLine());
  const over: string[] = [];
  const note = (name: string) => (error: unknown) => void over.push(`${name} ${error instanceof NoAnswer}`);
  jmap.call('Email/set', { accountId: 'a1', destroy: ['short'] }).catch(note('short'));
  jmap.call('Email/set', { accountId: 'a1', destroy: ['long'.repeat(30_000)] }).catch(note('long'));
  await vi.advanceTimersByTimeAsync(59_000);
  expect(over).toEqual([]);
  await vi.advanceTimersByTimeAsync(2000);
  expect(over).toEqual(['short true']);
  await vi.advanceTimersByTimeAsync(120_000);
  expect(over).toEqual(['short true', 'long true']);
});

interface Line {
  readonly bytesPerS: number;
  readonly heldBytes?: number;
  readonly diesAt?: number;
}

/** A line that takes so much of a file each second. The system holds some ready first, and takes more when a third of it has left. */
function slowLine({ bytesPerS, heldBytes = 0, diesAt = Infinity }: Line) {
  const request = (_: string, { signal, body, onProgress }: HttpRequest = {}): Promise<Response> =>
    new Promise((resolve, reject) => {
      const { size } = body as Blob;
      let sent = 0;
      let given = 0;
      const tick = setInterval(() => {
        if (sent >= Math.min(size, diesAt)) return;
        sent += bytesPerS;
        const next = Math.min(size, sent + heldBytes);
        if (next - given >= heldBytes / 3 || (next === size && given < size)) onProgress?.((given = next) / size);
        if (sent >= size && diesAt > size) over(() => resolve(Response.json({ blobId: 'up' })));
      }, 1000);
      const over = (how: () => void): void => {
        clearInterval(tick);
        how();
      };
      signal?.addEventListener('abort', () => over(() => reject(signal.reason)));
    });
  return createJmap(RESOURCE, { request, once: request, renew: () => Promise.resolve(false), takeBack: () => Promise.resolve() });
}

const MB = 1_000_000;

test.for([
  ['of 25 MB, at 400 kbit/s', 25, { bytesPerS: 50_000 }],
  ['of 25 MB, of which the system holds 4, at 160 kbit/s', 25, { bytesPerS: 20_000, heldBytes: 4 * MB }],
  ['that the system holds as a whole', 4, { bytesPerS: 20_000, heldBytes: 4 * MB }],
  ['of 9 MB, of which the system holds 4, at 32 kbit/s', 9, { bytesPerS: 4000, heldBytes: 4 * MB }],
  ['of 1 MB, that the system holds as a whole, at 32 kbit/s', 1, { bytesPerS: 4000, heldBytes: MB }],
] as const)('a file goes up as long as it takes: %s', async ([, mb, line]) => {
  const seen: number[] = [];
  const jmap = withDeadline(slowLine(line));
  const up = jmap.upload(new Blob([new Uint8Array(mb * MB)]), 'text/plain', { onProgress: (share) => void seen.push(share) });
  let blobId: string | undefined;
  up.then((id) => (blobId = id)).catch((error: unknown) => (blobId = String(error)));
  await vi.advanceTimersByTimeAsync(((mb * MB) / line.bytesPerS + 5) * 1000);
  expect([blobId, seen.at(-1)]).toEqual(['up', 1]);
});

test.for([
  ['nothing of it', 0],
  ['a part of it', 2 * MB],
  ['all of it', 25 * MB],
] as const)('a line that has taken %s and says nothing more is given up', async ([, diesAt]) => {
  const jmap = withDeadline(slowLine({ bytesPerS: MB, diesAt }));
  let failed: unknown;
  jmap.upload(new Blob([new Uint8Array(25 * MB)]), 'text/plain').catch((error: unknown) => (failed = error));
  await vi.advanceTimersByTimeAsync(85_000);
  expect(failed).toBeUndefined();
  await vi.advanceTimersByTimeAsync(1_200_000);
  expect(failed).toBeInstanceOf(NoAnswer);
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
