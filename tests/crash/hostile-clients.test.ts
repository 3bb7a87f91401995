import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { until } from '../lab/index.ts';
import { between, type Random } from './random.ts';
import { reckon } from './reckoning.ts';
import { rounds } from './rounds.ts';
import { startWorld } from './world.ts';

/** What is said before the connection is torn; a RST may hit any moment of it. */
const WORDS: readonly (() => Buffer)[] = [
  () => Buffer.alloc(0),
  () => randomBytes(600),
  // A TLS record that says it is a ClientHello.
  () => Buffer.concat([Buffer.from('16030102000100', 'hex'), randomBytes(509)]),
  () => Buffer.from('160301ffff', 'hex'),
  () => Buffer.from('EHLO x\r\nSTARTTLS\r\n'),
  () => Buffer.concat([Buffer.from('STARTTLS\r\n'), randomBytes(200)]),
  () => Buffer.from('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n'),
  () => Buffer.from('GET http://[:::/ HTTP/1.1\r\nHost: \0\r\n\r\n'),
  () => Buffer.from('POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\nzz\r\n'),
  () => Buffer.from('EHLO x\r\nAUTH PLAIN\r\n*\r\nAUTH LOGIN\r\n====\r\n'),
  () => Buffer.from('EHLO x\r\nAUTH PLAIN AGFsaWNlQGZhci50ZXN0AHdyb25n\r\nMAIL FROM:<a@b>\r\n'),
  () => Buffer.from('A'.repeat(100_000)),
];

test('whatever clients do to a listener, the process lives on and serves', async () => {
  await using world = await startWorld();
  const relay = await world.start();
  const load = world.load();
  load.aim(relay.ports.submission);
  await until('mail goes in', () => load.acknowledged > 5);
  for (let round = 0; round < rounds(3, 40); round += 1) {
    for (const port of Object.values(relay.ports)) await Promise.all(WORDS.map((words) => tear(port, words(), world.random)));
  }
  const before = load.acknowledged;
  await until('mail still goes in', () => load.acknowledged > before + 5);
  expect(relay.process.exitCode).toBeNull();
  expect((await fetch(`http://127.0.0.1:${relay.ports.http}/readyz`)).ok).toBe(true);
  expect(await relay.log()).not.toContain('an error nobody caught');
  await reckon(world, relay);
});

async function tear(port: number, words: Buffer, random: Random): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(words);
  await sleep(between(random, 0, 40));
  if (random() < 0.3) socket.end();
  else socket.resetAndDestroy();
}
