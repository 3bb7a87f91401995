import { flagToImap } from '@stopgap/core';
import { StrictImapClient } from '@stopgap/testkit';
import { expect, test } from 'vitest';
import { TestServer } from './test-server.ts';

const CLIENTS = 8;
const STEPS = 60;
const SEEDS = [1, 2, 3, 4];
const FLAGS = ['\\Seen', '\\Flagged', '\\Deleted', 'work', '\\Answered'];

test.each(SEEDS)(
  'many clients do as they like in one mailbox, and all see the same in the end (seed %d)',
  async (seed) => {
    await using server = await TestServer.start();
    server.mail.isContentAtHand = seed % 2 === 0;
    server.mail.make('Other');
    for (let n = 0; n < 20; n += 1) server.mail.deliver('INBOX', `Subject: ${n}\n\nbody ${n}\n`);
    const clients = await Promise.all(Array.from({ length: CLIENTS }, async (_, index) => await clientOf(server, index)));
    await Promise.all(clients.map(async (client, index) => await act(client, server, randomly(seed * 100 + index))));
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

/** Some of them with QRESYNC, with compression, or with both. */
async function clientOf(server: TestServer, index: number): Promise<StrictImapClient> {
  const client = new StrictImapClient(await server.logIn());
  if (index % 2 === 1) await client.run('ENABLE QRESYNC');
  if (index % 3 === 1) await client.run('ENABLE IMAP4rev2');
  await client.select('SELECT INBOX');
  await client.run('UID FETCH 1:* FLAGS');
  return client;
}

async function act(client: StrictImapClient, server: TestServer, random: (below: number) => number): Promise<void> {
  for (let step = 0; step < STEPS; step += 1) {
    const answer = await act1(client, server, random);
    // What is gone can be asked for by its number until the client has been told.
    if (!/^(?:OK|NO \[EXPUNGEISSUED\])/.test(answer)) client.violations.push(answer);
  }
}

async function act1(client: StrictImapClient, server: TestServer, random: (below: number) => number): Promise<string> {
  const number = 1 + random(Math.max(1, client.count));
  const set = client.count === 0 ? '*' : `${number}:${Math.min(client.count, number + random(3))}`;
  const flag = FLAGS[random(FLAGS.length)] ?? '';
  switch (random(14)) {
    case 0:
    case 1:
    case 2: {
      const answer = await client.append('INBOX', `Subject: new\r\n\r\n${random(1000)}\r\n`);
      await client.run('UID FETCH 1:* FLAGS');
      return answer;
    }
    case 3:
      return await client.run(`STORE ${set} +FLAGS (${flag})`);
    case 4:
      return await client.run(`STORE ${set} -FLAGS (${flag})`);
    case 5:
      return await client.run(`UID STORE ${client.uidOf(number) ?? 1} FLAGS (${flag} \\Draft)`);
    case 6:
      return await client.run('EXPUNGE');
    case 7:
      return await client.run(`FETCH ${set} (FLAGS UID BODY.PEEK[])`);
    case 8:
      return await client.run(`UID FETCH ${client.uidOf(number) ?? 1} (FLAGS BODY[TEXT])`);
    case 9:
      return await client.run('UID MOVE 1:2 Other');
    case 10:
      return await client.run(`COPY ${set} INBOX`);
    case 11:
      return await client.run(`SEARCH ${set} UNSEEN`);
    case 12:
      return await client.idle(async () => {
        server.mail.deliver('INBOX', 'Subject: from outside\n\nx\n');
        await new Promise((resolve) => setImmediate(resolve));
      });
    default:
      return await client.run('UID FETCH 1:* FLAGS');
  }
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
