import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { until } from '../lab/index.ts';
import { fillInbox, killInTheMiddle, letterOf, lettersIn, logIn, moveBack } from './mailbox-look.ts';
import { PASSWORD, startWorld, USER } from './world.ts';

/** Several of the pages in which messages are removed (500 each). */
const MESSAGES = 3000;
const TRIES = 5;
const wanted = Array.from({ length: MESSAGES }, (_, name) => letterOf(name)).sort();

/** RFC 1939 6. */
test('kill -9 in the middle of a QUIT that deletes leaves each message whole in one place, and after its +OK all of it is done', async () => {
  await using world = await startWorld();
  let relay = await world.start();
  let talk = await logIn(relay.ports.imap);
  await fillInbox(talk, MESSAGES);
  talk.socket.destroy();
  let isCutOff = false;
  for (let round = 0; round < TRIES && !isCutOff; round += 1) {
    if (round > 0) await moveBack(relay.ports.imap, 'Trash');
    isCutOff = await killInTheMiddle(relay, () => deleteAll(relay.ports.pop3));
    relay = await relay.again();
  }
  talk = await logIn(relay.ports.imap);
  const [left, gone] = [await lettersIn(talk, 'INBOX'), await lettersIn(talk, 'Trash')];
  expect([isCutOff, left.length > 0, gone.length > 0]).toEqual([true, true, true]);
  expect([...left, ...gone].sort()).toEqual(wanted);

  expect(await deleteAll(relay.ports.pop3)).toBe('+OK Goodbye');
  await relay.end('SIGKILL');
  talk.socket.destroy();
  relay = await relay.again();
  talk = await logIn(relay.ports.imap);
  expect(await lettersIn(talk, 'INBOX')).toEqual([]);
  expect((await lettersIn(talk, 'Trash')).sort()).toEqual(wanted);
  talk.socket.destroy();
});

/** The answer to QUIT. Rejects when the connection ends without one. */
async function deleteAll(port: number): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1' });
  let received = '';
  socket.on('data', (chunk: Buffer) => (received += chunk.toString()));
  socket.on('error', () => undefined);
  socket.write(`USER ${USER}\r\nPASS ${PASSWORD}\r\n`);
  const messages = (): string | undefined => /^\+OK (\d+) messages, /m.exec(received)?.[1];
  await until('it is logged in', () => messages() !== undefined);
  const deletions = Array.from({ length: Number(messages()) }, (_, index) => `DELE ${index + 1}\r\n`).join('');
  socket.write(`${deletions}QUIT\r\n`);
  await once(socket, 'close');
  const last = received.split('\r\n').at(-2) ?? '';
  if (!last.includes('Goodbye')) throw new Error(`QUIT was not answered: ${last}`);
  return last;
}
