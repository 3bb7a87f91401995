import { once } from 'node:events';
import { Socket } from 'node:net';
import { runDialog, until } from '@stopgap/testkit';
import { describe, expect, test, vi } from 'vitest';
import { minuteForLogIn } from '../minute-for-log-in.ts';
import { DoorForDialogs } from './door-for-dialogs.ts';

const LOG_IN = 'S: +OK *\nC: USER alice@a.test\nS: +OK *\nC: PASS wonder land\nS: +OK *\n';
const IN_USE = 'S: +OK *\nC: USER alice@a.test\nS: +OK *\nC: PASS wonder land\nS: -ERR [IN-USE] *\n';

/** @param then what happens at `=` */
const talk = (open: DoorForDialogs, text: string, door: 'pop3' | 'pop3s' = 'pop3', then: () => void = () => undefined): Promise<void> =>
  runDialog(text, {
    connect: () => open.connect(door),
    startTls: (socket) => open.startTls(socket),
    check: () => {
      then();
      return undefined;
    },
  });

const goesWell = (dialog: Promise<void>): Promise<boolean> =>
  dialog.then(
    () => true,
    () => false,
  );

/** Keeps the connection when the steps are done. */
async function hold(open: DoorForDialogs, commands: string, answers: number): Promise<Socket> {
  const socket = await open.connect('pop3');
  let received = '';
  socket.on('data', (chunk: Buffer) => (received += chunk.toString()));
  socket.write(commands);
  await until(() => received.split('\r\n').length > answers);
  return socket;
}
const LOGGED_IN = ['USER alice@a.test\r\nPASS wonder land\r\n', 3] as const;

describe('POP3 connections', () => {
  test('one session has a mailbox; the next is told [IN-USE] until the first is over, however it ends', async () => {
    await using open = await DoorForDialogs.open();
    const first = await hold(open, ...LOGGED_IN);
    await talk(open, `${IN_USE}C: USER bob@a.test\nS: +OK *\nC: PASS builder\nS: +OK *`, 'pop3s');
    first.destroy();
    await until(() => goesWell(talk(open, `${LOG_IN}C: QUIT\nS: +OK *`)));
    const second = await hold(open, ...LOGGED_IN);
    second.resetAndDestroy();
    await until(() => goesWell(talk(open, `${LOG_IN}C: QUIT\nS: +OK *`)));
  });

  test('one that is cut right behind QUIT has its mailbox until what it deleted is gone', async () => {
    const begun = Promise.withResolvers<void>();
    const removal = Promise.withResolvers<void>();
    const beforeWrite = async (): Promise<void> => {
      begun.resolve();
      await removal.promise;
    };
    await using open = await DoorForDialogs.open({ beforeWrite, limits: { connectionsPerAddress: 1 } });
    const first = await hold(open, ...LOGGED_IN);
    first.write('DELE 1\r\nQUIT\r\n');
    await begun.promise;
    first.resetAndDestroy();
    // The next one gets in when the first is no longer counted.
    await until(() => goesWell(talk(open, IN_USE)));
    removal.resolve();
    await until(() => goesWell(talk(open, `${LOG_IN}C: STAT\nS: +OK 5 *\nC: QUIT\nS: +OK *`)));
    expect(open.countIn('alice@a.test', 'Trash')).toBe(1);
  });

  test('of a removal that fails on the way, what has gone is told upstream and counted', async () => {
    let writes = 0;
    const beforeWrite = async (): Promise<void> => {
      writes += 1;
      if (writes > 1) throw new Error('the disk is full');
    };
    await using open = await DoorForDialogs.open({ beforeWrite });
    const letters = Array.from({ length: 600 }, (_, index) => Buffer.from(`Subject: ${index}\r\n\r\n`));
    await open.fill('alice@a.test', letters);
    const socket = await hold(open, ...LOGGED_IN);
    socket.write(`${letters.map((_, index) => `DELE ${index + 1}\r\n`).join('')}QUIT\r\n`);
    await once(socket, 'close');
    expect(open.countIn('alice@a.test', 'Trash')).toBe(500);
    expect([open.notified, open.deleted]).toEqual([['alice@a.test'], [500]]);
  });

  test('UIDLs are the same in every session, whatever goes and comes between', async () => {
    await using open = await DoorForDialogs.open();
    const uidls = async (): Promise<string[]> => {
      const socket = await hold(open, `${LOGGED_IN[0]}UIDL\r\n`, 0);
      let text = '';
      socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
      await until(() => text.endsWith('\r\n.\r\n'));
      socket.end('QUIT\r\n');
      await once(socket, 'close');
      return [...text.matchAll(/^\d+ (\S+)\r$/gm)].map(([, uidl = '']) => uidl).filter((uidl) => uidl.includes('.'));
    };
    const before = await uidls();
    expect(new Set(before).size).toBe(6);
    for (const uidl of before) expect(uidl).toMatch(/^[\x21-\x7e]{1,70}$/);
    await talk(open, `${LOG_IN}C: DELE 2\nS: +OK *\nC: QUIT\nS: +OK *`);
    await open.fill('alice@a.test', [Buffer.from('Subject: another\r\n\r\n')]);
    const after = await uidls();
    expect(after.slice(0, 5)).toEqual(before.filter((_, index) => index !== 1));
    expect(before).not.toContain(after[5]);
  });

  test('a message that is moved away during the session is still had, and is not moved again', async () => {
    await using open = await DoorForDialogs.open();
    const other = `${LOG_IN}C: DELE 1\nS: +OK *\nC: DELE 2\nS: +OK *\n= moved\nC: RETR 3\nS: +OK *\nS~ .\nC: QUIT\nS: +OK *`;
    await runDialog(other, {
      connect: () => open.connect('pop3'),
      startTls: (socket) => open.startTls(socket),
      check: async () => {
        await open.putAway('alice@a.test', 3);
        return undefined;
      },
    });
    expect([open.countIn('alice@a.test', 'Kept'), open.countIn('alice@a.test', 'Trash')]).toEqual([3, 0]);
  });

  test('a session shows what was there at its log-in (RFC 1939 4), the next one what came since', async () => {
    await using open = await DoorForDialogs.open();
    const check = async (): Promise<undefined> => {
      await open.fill('alice@a.test', [Buffer.from('Subject: another\r\n\r\n')]);
    };
    const text = `${LOG_IN}C: STAT\nS: +OK 6 178\n= arrived\nC: STAT\nS: +OK 6 178\nC: RETR 7\nS: -ERR No such message\nC: QUIT\nS: +OK *`;
    await runDialog(text, { connect: () => open.connect('pop3'), startTls: (socket) => open.startTls(socket), check });
    await talk(open, `${LOG_IN}C: STAT\nS: +OK 7 *\nC: QUIT\nS: +OK *`);
  });

  test('whoever is silent for ten minutes is cut without a word, and nothing of his is deleted (RFC 1939 3)', async () => {
    const real = Reflect.get<Socket, 'setTimeout'>(Socket.prototype, 'setTimeout');
    const patient: Socket[] = [];
    const watched = vi.spyOn(Socket.prototype, 'setTimeout').mockImplementation(function (this: Socket, ms, then) {
      if (ms === 600_000) patient.push(this);
      return real.call(this, ms, then);
    });
    try {
      await using open = await DoorForDialogs.open();
      await talk(open, `${LOG_IN}C: DELE 1\nS: +OK *\n= silent for ten minutes\nS!`, 'pop3', () => {
        for (const socket of patient) socket.emit('timeout');
      });
      await until(() => goesWell(talk(open, `${LOG_IN}C: STAT\nS: +OK 6 178\nC: QUIT\nS: +OK *`)));
      expect(open.countIn('alice@a.test', 'INBOX')).toBe(7);
    } finally {
      watched.mockRestore();
    }
  });

  test('whoever guesses is told to wait, not that his password is wrong', async () => {
    await using open = await DoorForDialogs.open({ mostGuesses: 2 });
    const guess = (nth: number, reply: string): string => `C: USER alice@a.test\nS: +OK *\nC: PASS guess ${nth}\nS: -ERR ${reply}\n`;
    const wait = '[SYS/TEMP] Too many failed log-ins, try again in 1 minutes';
    await talk(open, `S: +OK *\n${guess(1, '[AUTH] *')}${guess(2, '[AUTH] *')}${guess(3, wait)}C: QUIT\nS: +OK *`);
    await talk(open, `S: +OK *\n${guess(4, wait)}C: QUIT\nS: +OK *`, 'pop3s');
  });

  test('more from one address than the limit are told so, and those who left make room', async () => {
    await using open = await DoorForDialogs.open({ limits: { connectionsPerAddress: 3 } });
    const first = await Promise.all([1, 2, 3].map(() => open.connect('pop3')));
    await talk(open, 'S: -ERR [SYS/TEMP] Too many connections from your address\nS!');
    for (const socket of first) socket.destroy();
    await until(() => goesWell(talk(open, 'S: +OK *\nC: QUIT\nS: +OK *')));
  });

  test('whoever does not log in within the time is cut, also in the middle of AUTH and of a handshake', async () => {
    const { clock, end } = minuteForLogIn();
    await using open = await DoorForDialogs.open({ clock });
    await talk(open, 'S: +OK *\n= it is over\nS: -ERR Log in within the time\nS!', 'pop3', end);
    await talk(open, 'S: +OK *\nC: AUTH PLAIN\nS: + \n= it is over\nS: -ERR Log in within the time\nS!', 'pop3', end);
    await talk(open, `${LOG_IN}= it is over\nC: NOOP\nS: +OK *`, 'pop3', end);
  });

  test('a removed account ends its sessions', async () => {
    await using open = await DoorForDialogs.open();
    const check = async (): Promise<undefined> => {
      await open.removeAccount('bob@a.test');
    };
    const text =
      'S: +OK *\nC: USER bob@a.test\nS: +OK *\nC: PASS builder\nS: +OK *\n= removed\nC: STAT\nS: -ERR Your account changed, log in again\nS!';
    await runDialog(text, { connect: () => open.connect('pop3'), startTls: (socket) => open.startTls(socket), check });
  });

  test('going down, idle clients are told, a QUIT under way is done, and nobody comes in', async () => {
    const open = await DoorForDialogs.open();
    const idle = talk(open, `${LOG_IN}= down\nS: -ERR [SYS/TEMP] Going down, try again in a moment\nS!`);
    const stranger = talk(open, 'S: +OK *\nS: -ERR [SYS/TEMP] Going down, try again in a moment\nS!');
    const closed = until(async () => !(await goesWell(talk(open, LOG_IN)))).then(() => open.close(10_000));
    await Promise.all([idle, stranger, closed]);
    await expect(open.connect('pop3')).rejects.toThrow();
    await open[Symbol.asyncDispose]();
  });

  test('a client that asks for everything and reads nothing does not fill the memory, and others go on', async () => {
    await using open = await DoorForDialogs.open();
    const letter = Buffer.concat([
      Buffer.from('Subject: big\r\n\r\n'),
      Buffer.alloc(20_000_000, 'All work and no play makes a dull line.\r\n'),
    ]);
    await open.fill('alice@a.test', [letter]);
    const socket = await open.connect('pop3');
    socket.pause();
    socket.write(`${LOGGED_IN[0]}${'RETR 7\r\n'.repeat(200)}`);
    await until(() => goesWell(talk(open, `S: +OK *\nC: USER bob@a.test\nS: +OK *\nC: PASS builder\nS: +OK *\nC: QUIT\nS: +OK *`)));
    expect(process.memoryUsage().rss).toBeLessThan(1_000_000_000);
    socket.destroy();
    await until(() => goesWell(talk(open, `${LOG_IN}C: QUIT\nS: +OK *`)));
  });

  test('thousands of commands in one piece are all answered, in their order', async () => {
    await using open = await DoorForDialogs.open();
    const socket = await open.connect('pop3');
    let received = '';
    socket.on('data', (chunk: Buffer) => (received += chunk.toString()));
    socket.write(`${LOGGED_IN[0]}${'NOOP\r\nLIST 1\r\n'.repeat(10_000)}QUIT\r\n`);
    await once(socket, 'close');
    const lines = received.split('\r\n');
    expect(lines).toHaveLength(3 + 20_000 + 1 + 1);
    expect(lines.slice(-5)).toEqual(['+OK 1 48', '+OK Still here', '+OK 1 48', '+OK Goodbye', '']);
  });
});
