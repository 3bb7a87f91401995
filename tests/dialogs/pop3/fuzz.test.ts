import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DoorForDialogs, plainToken } from './door-for-dialogs.ts';

const LOG_IN = `AUTH PLAIN ${plainToken('alice@a.test')}\r\n`;
/** What clients say, for a byte to go wrong in. A wrong password has its delay, so the log-in stays as it is. */
const SCRIPTS = [
  `${LOG_IN}STAT\r\nLIST\r\nUIDL\r\nRETR 1\r\nTOP 2 1\r\nNOOP\r\n`,
  `${LOG_IN}LIST 3\r\nUIDL 2\r\nDELE 1\r\nRSET\r\nRETR 5\r\nRETR 3\r\nTOP 4 1000\r\n`,
  'CAPA\r\nUTF8\r\nUSER alice@a.test\r\nSTAT\r\nTOP 1 0\r\nAUTH\r\nSTLS\r\n',
];
const RUNS = 200;

let door: DoorForDialogs;
beforeAll(async () => {
  door = await DoorForDialogs.open({ limits: { connections: 1000, connectionsPerAddress: 1000 } });
});
afterAll(async () => {
  await door[Symbol.asyncDispose]();
});

const piece = fc.oneof(
  fc.uint8Array({ maxLength: 4 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
  fc.constantFrom(
    '\r\n',
    '\r',
    '\n',
    '\0',
    ' ',
    '.',
    '\r\n.\r\n',
    '-1',
    '0',
    '99999999999999999999',
    '*',
    '=',
    '\xff\xfb',
    'QUIT\r\n',
    'A'.repeat(13_000),
  ),
);
const edit = fc.record({ at: fc.nat(1000), remove: fc.nat(3), insert: piece });

/** Whatever comes is answered in whole lines, or the connection ends; the next client is served, and no message is lost. */
test('a byte wrong here and there', async () => {
  const before = door.countIn('alice@a.test', 'INBOX');
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...SCRIPTS),
      fc.array(edit, { minLength: 1, maxLength: 6 }),
      fc.nat(150),
      async (script, edits, cut) => {
        const whole = script.startsWith(LOG_IN) ? LOG_IN : '';
        let text = script.slice(whole.length);
        for (const { at, remove, insert } of edits)
          text = text.slice(0, at % text.length) + insert + text.slice((at % text.length) + remove);
        const answer = await said(whole + text, cut);
        expect(answer).toMatch(/^\+OK [^\r\n]+\r\n/);
        expect(answer.endsWith('\r\n')).toBe(true);
        expect(answer.replaceAll('\r\n', '')).not.toContain('\n');
      },
    ),
    { numRuns: RUNS },
  );
  expect(await said(`${LOG_IN}STAT\r\nQUIT\r\n`, 0)).toMatch(/\r\n\+OK \d+ \d+\r\n\+OK [^\r\n]+\r\n$/);
  expect(door.countIn('alice@a.test', 'INBOX') + door.countIn('alice@a.test', 'Trash')).toBe(before);
}, 60_000);

/** Sent in two pieces; then our side is shut. Everything that came until the end. */
async function said(text: string, cut: number): Promise<string> {
  const socket = await door.connect('pop3');
  let received = '';
  socket.on('data', (chunk: Buffer) => (received += chunk.toString('latin1')));
  socket.on('error', () => undefined);
  const over = new Promise<void>((resolve) => void socket.once('close', () => resolve()));
  socket.write(Buffer.from(text.slice(0, cut), 'latin1'));
  socket.end(Buffer.from(text.slice(cut), 'latin1'));
  await over;
  return received;
}
