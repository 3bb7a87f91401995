import type { Socket } from 'node:net';
import { systemClock, type Clock } from '@stopgap/core';
import { until } from '@stopgap/testkit';
import { describe, expect, test } from 'vitest';
import { DoorForDialogs } from './door-for-dialogs.ts';

/** Reads of a blob file, and what a digest gathers. */
const PIECE_BYTES = 64 * 1024;
const HEAD = 'Subject: hard\r\n\r\n';

/** What is not sent as it is stored, and what only looks so. */
const HARD: readonly (readonly [name: string, text: string])[] = [
  ['lone LFs', 'Subject: hard\n\none\n\ntwo\r\nthree\n'],
  ['no line end at its end', `${HEAD}end`],
  ['a CR at its end', `${HEAD}end\r`],
  ['a lone CR and a lone LF', `${HEAD}a\rb\n\rc\r\r\nd\n`],
  ['no body', HEAD],
  ['no empty line', 'Subject: hard'],
  ['an empty line alone', '\n'],
  ['a dot alone', '.'],
  ['dots', `${HEAD}.\n..\r\n.a\r\n.`],
  ['NUL', `\0${HEAD}\0\n\0\r\n\0`],
  ['parts', 'Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\r\n--b\r\n\r\ntwo\n--b--\nend'],
  ['a lone LF where a piece begins', `${HEAD}${'x'.repeat(PIECE_BYTES - HEAD.length)}\n${'y'.repeat(PIECE_BYTES)}\n`],
  ['CR LF across pieces', `${HEAD}${'x'.repeat(PIECE_BYTES - HEAD.length - 1)}\r\n${'y'.repeat(2 * PIECE_BYTES)}`],
  ['a large one', `${HEAD}${'lone\ncrlf\r\n.\n'.repeat(60_000)}end`],
];
const LETTERS = HARD.map(([, text]) => Buffer.from(text, 'latin1'));

/** What STAT, LIST, `LIST n` and RETR say, and what really came. */
interface Seen {
  readonly stat: string;
  readonly list: readonly string[];
  readonly single: readonly string[];
  readonly retrieved: readonly string[];
  readonly received: readonly string[];
}

async function look(open: DoorForDialogs): Promise<Seen> {
  const socket = await open.connect('pop3');
  const answers = new Answers(socket);
  await answers.line();
  for (const command of ['USER bob@a.test', 'PASS builder']) await answers.to(command);
  const stat = (await answers.to('STAT')).slice('+OK '.length);
  await answers.to('LIST');
  const list = (await answers.lines()).split('\r\n').slice(0, -1);
  const single: string[] = [];
  const retrieved: string[] = [];
  const received: string[] = [];
  for (const [index] of list.entries()) {
    single.push((await answers.to(`LIST ${index + 1}`)).slice('+OK '.length));
    retrieved.push(`${index + 1} ${(await answers.to(`RETR ${index + 1}`)).replaceAll(/\D/g, '')}`);
    // RFC 1939 11: the dots that are put before others do not count.
    received.push(`${index + 1} ${(await answers.lines()).replaceAll(/(?<=^|\n)\./g, '').length}`);
  }
  await answers.to('QUIT');
  return { stat, list, single, retrieved, received };
}

/** What a server says, as latin1. */
class Answers {
  readonly #socket: Socket;
  #said = '';

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('latin1').on('data', (text: string) => (this.#said += text));
  }

  async to(command: string): Promise<string> {
    this.#socket.write(`${command}\r\n`);
    return await this.line();
  }

  async line(): Promise<string> {
    return await this.#upTo('\r\n');
  }

  /** With the line end of the last one. */
  async lines(): Promise<string> {
    await until(() => this.#said.startsWith('.\r\n') || this.#said.includes('\r\n.\r\n'));
    const text = this.#said.startsWith('.\r\n') ? '' : `${await this.#upTo('\r\n.\r\n')}\r\n`;
    if (text === '') await this.line();
    return text;
  }

  async #upTo(end: string): Promise<string> {
    await until(() => this.#said.includes(end));
    const at = this.#said.indexOf(end);
    const text = this.#said.slice(0, at);
    this.#said = this.#said.slice(at + end.length);
    return text;
  }
}

function expectOneWord({ stat, list, single, retrieved, received }: Seen): void {
  const named = (lines: readonly string[]) => lines.map((line, index) => `${HARD[index]?.[0]}: ${line}`);
  expect(named(list)).toEqual(named(received));
  expect(named(single)).toEqual(named(received));
  expect(named(retrieved)).toEqual(named(received));
  const total = received.reduce((sum, line) => sum + Number(line.split(' ')[1]), 0);
  expect(stat).toBe(`${HARD.length} ${total}`);
}

describe('STAT, LIST and RETR give the octets that are sent (RFC 1939 11)', () => {
  test('of every message', async () => {
    await using open = await DoorForDialogs.open();
    await open.fill('bob@a.test', LETTERS);
    expectOneWord(await look(open));
  });

  test('of what an older program kept, too', async () => {
    await using open = await DoorForDialogs.open();
    await open.fill('bob@a.test', LETTERS);
    await open.forgetLineEnds();
    expectOneWord(await look(open));
  });

  test('of what an older program kept sooner or later, when counting would keep a log-in waiting', async () => {
    const hasty: Clock = { ...systemClock, wait: (ms, signal) => (ms === 5000 ? Promise.resolve() : systemClock.wait(ms, signal)) };
    await using open = await DoorForDialogs.open({ clock: hasty });
    await open.fill('bob@a.test', LETTERS.slice(0, 4));
    const { stat, received } = await look(open);
    await open.forgetLineEnds();
    expect((await look(open)).stat).not.toBe(stat);
    let last: Seen | undefined;
    await until(async () => (last = await look(open)).stat === stat);
    expect(last).toMatchObject({ list: received, single: received, retrieved: received });
  });

  test('as stored, when a full disk keeps the count of what an older program kept', async () => {
    await using open = await DoorForDialogs.open({ removalFails: true });
    await open.fill('bob@a.test', LETTERS);
    await open.forgetLineEnds();
    expect((await look(open)).list).toEqual(LETTERS.map(({ length }, index) => `${index + 1} ${length}`));
  });
});
