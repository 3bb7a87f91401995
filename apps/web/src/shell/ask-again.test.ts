import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { expect, test, vi } from 'vitest';
import { createAskAgain } from './ask-again.ts';

/** A relay that answers when it is told to, with what it knew when it was asked. */
function slowRelay() {
  const client = new QueryClient();
  const questions: (() => void)[] = [];
  let knows = 0;
  let given = 0;
  const observer = new QueryObserver(client, {
    queryKey: ['outbox'],
    retry: false,
    queryFn: ({ signal }) => {
      const known = knows;
      const { promise, resolve, reject } = Promise.withResolvers<number>();
      signal.addEventListener('abort', () => {
        given += 1;
        reject(new Error('given up'));
      });
      questions.push(() => resolve(known));
      return promise;
    },
  });
  return {
    client,
    observer,
    learn: () => void (knows += 1),
    givenUp: () => given,
    asked: () => questions.length,
    async answer() {
      questions.at(-1)?.();
      for (let turns = 0; turns < 20; turns += 1) await Promise.resolve();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

test('changes that come faster than answers give nothing up, and the last one is seen', async () => {
  const relay = slowRelay();
  const end = relay.observer.subscribe(() => undefined);
  await relay.answer();
  const askAgain = createAskAgain(relay.client);
  for (let change = 0; change < 10; change += 1) {
    relay.learn();
    void askAgain.now(['outbox', 'outbox']);
  }
  await relay.answer();
  expect(relay.observer.getCurrentResult().data).toBe(1);
  await relay.answer();
  expect(relay.observer.getCurrentResult().data).toBe(10);
  expect([relay.asked(), relay.givenUp()]).toEqual([3, 0]);
  end();
});

test('what is heard of later is asked for at once', async () => {
  const relay = slowRelay();
  const end = relay.observer.subscribe(() => undefined);
  await relay.answer();
  const askAgain = createAskAgain(relay.client);
  for (const change of [1, 2]) {
    relay.learn();
    void askAgain.now(['outbox']);
    await relay.answer();
    expect(relay.observer.getCurrentResult().data).toBe(change);
  }
  end();
});

test('what was done here is asked for once, with what the relay tells of it', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const relay = slowRelay();
  const end = relay.observer.subscribe(() => undefined);
  await relay.answer();
  const askAgain = createAskAgain(relay.client);
  relay.learn();
  const isSeen = askAgain.soon(['outbox']).then(() => relay.observer.getCurrentResult().data);
  vi.advanceTimersByTime(300);
  expect(relay.asked()).toBe(1);
  void askAgain.now(['outbox']);
  await relay.answer();
  expect(await isSeen).toBe(1);
  vi.advanceTimersByTime(5000);
  expect(relay.asked()).toBe(2);
  end();
  vi.useRealTimers();
});

test('where the relay tells nothing, what was done here is asked for all the same, and not by an answer from before', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const relay = slowRelay();
  const end = relay.observer.subscribe(() => undefined);
  await relay.answer();
  const askAgain = createAskAgain(relay.client);
  void askAgain.now(['outbox']);
  relay.learn();
  let isSeen = false;
  const soon = askAgain.soon(['outbox']).then(() => (isSeen = true));
  await relay.answer();
  expect(isSeen).toBe(false);
  vi.advanceTimersByTime(5000);
  await relay.answer();
  await soon;
  expect(relay.observer.getCurrentResult().data).toBe(1);
  end();
  vi.useRealTimers();
});
