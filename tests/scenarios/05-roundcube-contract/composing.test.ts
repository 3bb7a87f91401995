import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  copiesOf,
  deliver,
  findSent,
  jobOf,
  letter,
  openTap,
  PASS,
  type HttpTap,
  type RoundcubeWorld,
} from '@stopgap/testkit/roundcube-contract';
import type { Route } from '@stopgap/core';
import { createTestRoute, startRealWorld } from './world.ts';

const OUT = 'friend@outside.test';

let world: RoundcubeWorld;
let tap: HttpTap;
let route: Route;
beforeAll(async () => {
  world = await startRealWorld(`$config['disabled_actions'] = ['mail.import', 'mail.bounce'];`);
  tap = await openTap(world.url);
  route = createTestRoute(tap.url);
});
afterAll(async () => {
  await route.close();
  await tap.close();
  await world.close();
});

function me(): string {
  return world.accounts[0]?.address ?? '';
}

test('a Roundcube that must not import sends what is written anew in its editor', async () => {
  const body =
    '\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nline one  \r\n\r\nFrom two \xc3\xa9\r\n--b\r\nContent-Type: text/csv; name=a.csv\r\nContent-Disposition: attachment; filename=a.csv\r\n\r\n1,2\r\n--b--\r\n';
  const mail = letter(
    me(),
    `Cc: "A Friend" <${OUT}>, third@outside.test\r\nIn-Reply-To: <x@y.test>\r\nReferences: <w@y.test> <x@y.test>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n${body}`,
  );
  const job = jobOf({ world, letter: mail, to: [OUT, 'blind@outside.test'] });
  expect(await deliver(route, job)).toMatchObject([{ kind: 'delivered' }, { kind: 'delivered' }]);
  await expect.poll(async () => (await world.departed()).length).toBe(1);
  const [out] = await world.departed();
  const text = out?.raw.toString('latin1') ?? '';
  expect(out?.to.toSorted()).toEqual(['blind@outside.test', OUT]);
  for (const part of [
    `Message-ID: ${mail.messageId}`,
    'In-Reply-To: <x@y.test>',
    '<w@y.test> <x@y.test>',
    'A Friend',
    'line one  ',
    'From two \xc3\xa9',
    'a.csv',
  ])
    expect(text).toContain(part);
  for (const secret of ['blind@outside.test', 'third@outside.test']) expect(text).not.toContain(secret);
  expect(await findSent(route, job)).toBe('sent');
  expect(copiesOf(await world.mailbox(me(), 'Sent'), mail)).toHaveLength(1);
});

test.for<['lose-answer' | 'lose-request', string]>([
  ['lose-answer', 'sent'],
  ['lose-request', 'not-sent'],
])('after %s the copy in Sent tells: %s', async ([kind, verdict]) => {
  const mail = letter(me(), '\r\nhello\r\n');
  const job = jobOf({ world, letter: mail, to: [OUT] });
  tap.setRule((request) => (request.method === 'POST' && request.action === 'send' ? { kind } : PASS));
  expect(await deliver(route, job)).toMatchObject([{ kind: 'unsure' }]);
  tap.setRule(() => PASS);
  expect(await findSent(route, job)).toBe(verdict);
  await expect
    .poll(
      async () =>
        copiesOf(
          (await world.departed()).map((out) => out.raw),
          mail,
        ).length,
    )
    .toBe(verdict === 'sent' ? 1 : 0);
});

test('a copy that was written anew for other recipients proves nothing about the first ones', async () => {
  const mail = letter(me(), '\r\nhello\r\n');
  const lost = jobOf({ world, letter: mail, to: [OUT] });
  tap.setRule((request) => (request.method === 'POST' && request.action === 'send' ? { kind: 'lose-request' } : PASS));
  expect(await deliver(route, lost)).toMatchObject([{ kind: 'unsure' }]);
  tap.setRule(() => PASS);
  const next = jobOf({ world, letter: mail, to: ['other@outside.test'] });
  expect(await deliver(route, next)).toMatchObject([{ kind: 'delivered' }]);
  expect(await findSent(route, lost)).toBe('not-sent');
  expect(await findSent(route, next)).toBe('sent');
});
