import { expect, test } from 'vitest';
import { fillInbox, killInTheMiddle, letterOf, lettersIn, logIn, moveBack, ok } from './mailbox-look.ts';
import { startWorld } from './world.ts';

/** Several of the pages in which messages are moved (500 each). */
const MESSAGES = 3000;
const TRIES = 5;
const wanted = Array.from({ length: MESSAGES }, (_, name) => letterOf(name)).sort();

/** RFC 9051 6.3.6: the messages of INBOX go, and it stays. */
test('kill -9 in the middle of RENAME INBOX leaves each message whole in one place, and what got OK is done', async () => {
  await using world = await startWorld();
  let relay = await world.start();
  let talk = await logIn(relay.ports.imap);
  await fillInbox(talk, MESSAGES);
  const rename = async (): Promise<string> => (await talk.command('RENAME INBOX Old')).at(-1) ?? '';
  let isCutOff = false;
  for (let round = 0; round < TRIES && !isCutOff; round += 1) {
    if (round > 0) await moveBack(relay.ports.imap, 'Old');
    isCutOff = await killInTheMiddle(relay, rename);
    talk.socket.destroy();
    relay = await relay.again();
    talk = await logIn(relay.ports.imap);
  }
  const [left, moved] = [await lettersIn(talk, 'INBOX'), await lettersIn(talk, 'Old')];
  expect([isCutOff, left.length > 0, moved.length > 0]).toEqual([true, true, true]);
  expect([...left, ...moved].sort()).toEqual(wanted);

  expect(await talk.command('RENAME INBOX Old')).toEqual(['NO [ALREADYEXISTS] There is a mailbox of this name already']);
  await ok(talk, 'RENAME INBOX "Older still"');
  await relay.end('SIGKILL');
  talk.socket.destroy();
  relay = await relay.again();
  talk = await logIn(relay.ports.imap);
  expect(await lettersIn(talk, 'INBOX')).toEqual([]);
  expect(await lettersIn(talk, '"Older still"')).toEqual(left);
  expect(await lettersIn(talk, 'Old')).toEqual(moved);
  talk.socket.destroy();
});
