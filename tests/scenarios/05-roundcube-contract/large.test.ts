import { afterAll, beforeAll, expect, test } from 'vitest';
import { deliver, jobOf, letter, type RoundcubeWorld } from '@stopgap/testkit/roundcube-contract';
import { createTestRoute, startRealWorld } from './world.ts';

const OUT = 'friend@outside.test';
const FIFTY_MB = 50 * 1024 * 1024;
/** Pieces under way and the garbage of a stream; the message in memory even once would be more. */
const MOST_GROWTH = 45 * 1024 * 1024;

let world: RoundcubeWorld;
beforeAll(async () => {
  world = await startRealWorld();
});
afterAll(() => world.close());

test('a message of 50 MB goes through without ever being in memory', async () => {
  const route = createTestRoute(world.url);
  const [me] = world.accounts;
  if (me === undefined) throw new Error('no account');
  const head = letter(
    me.address,
    'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Transfer-Encoding: base64\r\n\r\n',
  );
  const line = Buffer.from(`${'QUJD'.repeat(19)}\r\n`);
  const piece = Buffer.concat(Array.from({ length: 800 }, () => line));
  const small = jobOf({ world, letter: head, to: [OUT] });
  const job = {
    ...small,
    sizeBytes: FIFTY_MB,
    async *open() {
      yield* small.open();
      for (let sent = 0; sent < FIFTY_MB; sent += piece.length) yield piece;
      yield Buffer.from('--b--\r\n');
    },
  };
  const before = outsideOfHeap();
  let most = 0;
  const watch = setInterval(() => (most = Math.max(most, outsideOfHeap() - before)), 20);
  try {
    expect(await deliver(route, job)).toMatchObject([{ kind: 'delivered' }]);
  } finally {
    clearInterval(watch);
    await route.close();
  }
  expect(most).toBeLessThan(MOST_GROWTH);
  await expect
    .poll(async () => (await world.departed()).some((out) => out.raw.length > FIFTY_MB), { timeout: 60_000, interval: 1000 })
    .toBe(true);
  const sent = await world.mailbox(me.address, 'Sent');
  expect(sent.filter((raw) => raw.includes(head.messageId)).length).toBe(1);
});

/** Where buffers live. */
function outsideOfHeap(): number {
  return process.memoryUsage().arrayBuffers;
}
