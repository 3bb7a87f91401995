import { FakeClock, runDialog } from '@stopgap/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { plainToken, RelayForDialogs, type OpenRelay } from './relay-for-dialogs.ts';

const MINUTE = 60_000;
let relay: RelayForDialogs;
let clock: FakeClock;
beforeAll(async () => {
  relay = await RelayForDialogs.start();
  clock = new FakeClock();
});
afterAll(() => relay[Symbol.asyncDispose]());

const later = (ms: number) => ` HOLDUNTIL=${new Date(clock.nowMs() + ms).toISOString()}`;

async function send(open: OpenRelay, messageId: string, parameter: string): Promise<void> {
  const text = `S: 220 *
C: EHLO client.test
S> 250 *
C: AUTH PLAIN ${plainToken('alice@a.test')}
S: 235 *
C: MAIL FROM:<alice@a.test>${parameter}
S: 250 *
C: RCPT TO:<x@b.test>
S: 250 *
C: DATA
S: 354 *
C: From: alice@a.test
C: Message-ID: <${messageId}@a.test>
C:
C: hello
C: .
S: 250 2.0.0 *
`;
  await runDialog(text, { connect: () => open.connect('submission'), startTls: (socket) => open.startTls(socket), check: () => undefined });
}

test.each<[string, number, () => [string, string]]>([
  ['asked for without a time after it was with one leaves at once', 2, () => [later(1440 * MINUTE), '']],
  ['asked for with a time after it was without is another', 2, () => ['', ' HOLDFOR=86400']],
  ['asked for with another time is another', 2, () => [' HOLDFOR=3600', ' HOLDFOR=7200']],
  ['asked for with the same wait minutes later is the same', 1, () => [' HOLDFOR=3600', ' HOLDFOR=3600']],
  ['asked for with the same wait when that is over is the same', 1, () => [' HOLDFOR=60', ' HOLDFOR=60']],
  ['asked for with the same time when that has passed is the same', 1, () => [later(MINUTE), later(MINUTE)]],
  [
    'asked for with the same time in other words is the same',
    1,
    () => [' HOLDUNTIL=2026-01-02T08:00:00Z', ' HOLDUNTIL=2026-01-02T09:00:00+01:00'],
  ],
])('a message that is %s', async (name, kept, asked) => {
  await using open = await relay.open({ clock, isQueued: true });
  const [first, second] = asked();
  await send(open, name.replaceAll(' ', '-'), first);
  clock.jump(5 * MINUTE);
  await send(open, name.replaceAll(' ', '-'), second);
  expect(open.taken).toHaveLength(kept);
});
