import { flagToImap } from '@stopgap/core';
import { selectInSomeWay, StrictImapClient, workAtRandom } from '@stopgap/testkit';
import { expect, test } from 'vitest';
import { TestServer } from './test-server.ts';

const CLIENTS = 8;
const STEPS = 60;
const SEEDS = [1, 2, 3, 4];

test.each(SEEDS)(
  'many clients do as they like in one mailbox, and all see the same in the end (seed %d)',
  async (seed) => {
    await using server = await TestServer.start();
    server.mail.isContentAtHand = seed % 2 === 0;
    server.mail.make('Other');
    for (let n = 0; n < 20; n += 1) server.mail.deliver('INBOX', `Subject: ${n}\n\nbody ${n}\n`);
    const clients = await Promise.all(Array.from({ length: CLIENTS }, async (_, index) => await clientOf(server, index)));
    const deliver = async (): Promise<void> => {
      server.mail.deliver('INBOX', 'Subject: from outside\n\nx\n');
      if (seed % 2 === 1) server.mail.folder('INBOX').forgottenModSeq = server.mail.modSeq;
      await new Promise((resolve) => setImmediate(resolve));
    };
    const place = { mailbox: 'INBOX', other: 'Other', deliver };
    await Promise.all(clients.map((client, index) => workAtRandom(client, place, { steps: STEPS, random: randomly(seed * 100 + index) })));
    const truth = server.mail.folder('INBOX').messages.map(({ uid, flags }) => `${uid} ${flags.map(flagToImap).toSorted().join(' ')}`);
    for (const [index, client] of clients.entries()) {
      await client.run('NOOP');
      const view = client.view();
      // What it has never asked for it can not know; all it has been told holds still.
      const known = truth.map((message, at) => (view[at] === undefined ? undefined : message));
      expect({ index, view, violations: client.violations }).toEqual({ index, view: known, violations: [] });
      await client.run('FETCH 1:* (UID FLAGS)');
      expect(client.view()).toEqual(truth);
    }
    expect(server.failures).toEqual([]);
  },
  60_000,
);

async function clientOf(server: TestServer, index: number): Promise<StrictImapClient> {
  const client = new StrictImapClient(await server.logIn());
  await selectInSomeWay(client, 'INBOX', index);
  return client;
}

/** xorshift: the same numbers for the same seed. */
function randomly(seed: number): (below: number) => number {
  let state = seed * 2_654_435_761 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}
