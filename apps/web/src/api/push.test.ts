import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Jmap } from './jmap.ts';
import { watchChanges } from './push.ts';

const jmap = {
  accountId: 'a',
  resource: { eventSourceUrl: 'http://relay.test/jmap/events?types={types}&closeafter={closeafter}&ping={ping}' },
} as Jmap;

class FakeSource extends EventTarget {
  static made: FakeSource[] = [];
  readonly url: string;
  constructor(url: string) {
    super();
    this.url = url;
    FakeSource.made.push(this);
  }
  close(): void {}
}

const told: (readonly string[])[] = [];

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('EventSource', FakeSource);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  FakeSource.made.length = 0;
  told.length = 0;
});

function watch(): EventTarget {
  watchChanges(jmap, performance.now(), (types) => told.push(types));
  const [source] = FakeSource.made;
  if (source === undefined) throw new Error('nothing is watched');
  return source;
}

test('what was asked for just before the stream is fresh; after a break anything may have changed', () => {
  const source = watch();
  source.dispatchEvent(new Event('open'));
  expect(told).toEqual([]);
  source.dispatchEvent(new MessageEvent('state', { data: JSON.stringify({ changed: { a: { Email: 's1' }, b: { Mailbox: 's2' } } }) }));
  expect(told).toEqual([['Email']]);
  source.dispatchEvent(new Event('open'));
  expect(told).toEqual([['Email'], ['*']]);
});

test('what was asked for long before the stream, on a slow line, may be old', () => {
  const source = watch();
  vi.advanceTimersByTime(3000);
  source.dispatchEvent(new Event('open'));
  expect(told).toEqual([['*']]);
});
