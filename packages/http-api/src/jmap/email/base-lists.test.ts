import { afterAll, beforeAll, expect, test } from 'vitest';
import type { MessageId } from '@stopgap/core';
import { addMessage, changeFlags, expungeMessages, moveMessages, restoreMessage } from '@stopgap/mailbox';
import { digestOf } from '@stopgap/message';
import { flagBit, listMessageIds, type MessageBounds } from '@stopgap/store';
import { ALICE, startBench, type Bench } from '../../test-bench.ts';
import { BaseLists } from './base-lists.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench[Symbol.asyncDispose]());

test('a list that is kept up is the list that is read anew, whatever happens and in whatever order', async () => {
  const [inbox, other] = [await bench.mailbox('INBOX'), await bench.mailbox('Other')];
  const day = 24 * 60 * 60_000;
  const all: MessageBounds[] = [
    {},
    { mailbox: inbox },
    { mailbox: other, flagsUnset: flagBit('$deleted') ?? 0 },
    { flagsSet: flagBit('$seen') ?? 0 },
    { receivedFromMs: 3 * day, receivedUntilMs: 7 * day },
  ];
  const lists = new BaseLists();
  let seed = 11;
  const random = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
  const alive: MessageId[] = [];
  const gone: MessageId[] = [];
  const pick = (): MessageId[] => alive.slice(random(alive.length), random(alive.length) + 3);
  let n = 0;
  for (let round = 0; round < 120; round += 1) {
    await bench.mailboxes.write(ALICE, (mail) => {
      const what = random(6);
      if (what <= 1 || alive.length < 5) {
        const refers = random(3) === 0 && n > 0 ? `References: <${random(n)}@x> <${random(n)}@x>\r\n` : '';
        const digest = digestOf(Buffer.from(`Subject: s${n}\r\nMessage-ID: <${n}@x>\r\n${refers}\r\nx\r\n`));
        n += 1;
        const place = { mailbox: random(2) === 0 ? inbox : other, receivedAtMs: random(10) * day, flags: random(2) === 0 ? ['$seen'] : [] };
        alive.push(addMessage(mail, { ...place, digest, completeness: 'headers', by: 'upstream' }).id);
      } else if (what === 2)
        changeFlags(
          mail,
          pick(),
          random(2) === 0 ? { add: ['$seen', '$deleted'], remove: [] } : { add: [], remove: ['$seen', '$deleted'] },
          'upstream',
        );
      else if (what === 3) moveMessages(mail, pick(), random(2) === 0 ? inbox : other, 'upstream');
      else if (what === 4) {
        for (const { id } of expungeMessages(mail, pick(), 'upstream')) {
          alive.splice(alive.indexOf(id), 1);
          gone.push(id);
        }
      } else {
        const back = gone.pop();
        if (back !== undefined && restoreMessage(mail, back, { by: 'upstream' }) !== undefined) alive.push(back);
      }
    });
    for (const bounds of all) {
      if (random(3) === 0) continue;
      const { ids, threads } = lists.get(bench, ALICE, bounds);
      expect({ ids, threads }).toEqual(bench.store.read((reader) => listMessageIds(reader, ALICE, bounds, 1000)));
    }
  }
  expect(alive.length).toBeGreaterThan(5);
});
