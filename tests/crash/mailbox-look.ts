/* Many small letters in INBOX, and what of them is where, as a mail program sees it. */
import { ImapTalk } from '@stopgap/testkit';
import type { Relay } from '../relay/index.ts';
import { PASSWORD, USER } from './world.ts';

const AT_ONCE = 500;

export function letterOf(name: number): string {
  return `Subject: ${name}\r\nFrom: ann@far.test\r\n\r\nThe text of ${name}\r\n`;
}

export async function fillInbox(talk: ImapTalk, messages: number): Promise<void> {
  for (let from = 0; from < messages; from += AT_ONCE) {
    const letters = Array.from({ length: Math.min(AT_ONCE, messages - from) }, (_, index) => letterOf(from + index));
    await ok(talk, `APPEND INBOX${letters.map((letter) => ` {${letter.length}+}\r\n${letter}`).join('')}`);
  }
}

export async function logIn(port: number): Promise<ImapTalk> {
  const talk = await ImapTalk.open(port);
  await ok(talk, `LOGIN ${USER} ${PASSWORD}`);
  return talk;
}

/** Its lines. Rejects when the answer is another one. */
export async function ok(talk: ImapTalk, command: string): Promise<readonly string[]> {
  const lines = await talk.command(command);
  if (!lines.at(-1)?.startsWith('OK ')) throw new Error(`${command.slice(0, 60)} was answered with ${lines.at(-1)}`);
  return lines;
}

export async function countIn(talk: ImapTalk, mailbox: string): Promise<number> {
  return Number(/MESSAGES (\d+)/.exec((await ok(talk, `STATUS ${mailbox} (MESSAGES)`)).join('\n'))?.[1]);
}

/** By UID. */
export async function lettersIn(talk: ImapTalk, mailbox: string): Promise<string[]> {
  const selected = await ok(talk, `EXAMINE ${mailbox}`);
  const lines = (await ok(talk, 'UID FETCH 1:* (BODY.PEEK[])')).slice(0, -1);
  if (!selected.includes(`* ${lines.length} EXISTS`)) throw new Error(`${mailbox} has ${lines.length} messages and says otherwise`);
  return lines.map((line) => line.slice(line.indexOf('}\r\n') + 3, -1));
}

/**
 * Begins what takes messages out of INBOX, page by page, and kills the relay when some have gone. False: it was answered before.
 */
export async function killInTheMiddle(relay: Relay, begin: () => Promise<string>): Promise<boolean> {
  const watching = await logIn(relay.ports.imap);
  const before = await countIn(watching, 'INBOX');
  const answer = begin().catch(() => 'cut off');
  while ((await countIn(watching, 'INBOX')) === before);
  await relay.end('SIGKILL');
  watching.socket.destroy();
  return (await answer) === 'cut off';
}

/** Where a busy machine let the kill come too late, everything goes back to INBOX for another try. */
export async function moveBack(port: number, from: string): Promise<void> {
  const talk = await logIn(port);
  await ok(talk, `SELECT ${from}`);
  await ok(talk, 'MOVE 1:* INBOX');
  await ok(talk, 'UNSELECT');
  await ok(talk, `DELETE ${from}`);
  talk.socket.destroy();
}
