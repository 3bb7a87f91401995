/* How messages come over POP3: whole and untouched or not at all, and without a trace on the server. */
import { asId, type IncomingSession } from '@stopgap/core';
import { POP3_OFFERS, until, type Letter, type Pop3Says, type Pop3Script } from '@stopgap/testkit';
import { describe, expect, test } from 'vitest';
import { CALM, codeOf, fetchAll, idsOf, INBOX, letter, said, start, three } from './test-pop3.ts';

const MEGABYTE = 1024 * 1024;
const text = (one: Letter | undefined) => one?.bytes.toString('latin1');
const asId3 = ['c', 'b', 'a'].map(asId.remoteMessage);
/** Both ways to ask for a whole message answer so. */
const whole = (says: Pop3Says): Pop3Script => ({ retr: says, top: says });

describe('octets', () => {
  test.each([
    ['NUL, lone CR and LF, 8-bit octets', 'X: \xff\r\n\r\n\0\rone\ntwo\r\r\n'],
    ['dots', 'X: y\r\n\r\n.\r\n..\r\n.x\r\n\r\n.\r\n'],
    ['nothing but a dot', '.\r\n'],
    ['no octet at all', ''],
    ['LF dot LF, which is no end here', 'X: y\r\n\r\none\n.\n+OK\ntwo\r\n'],
    ['LF dot CRLF, which is no end here', 'X: y\r\n\r\none\n.\r\n+OK\r\ntwo\r\n'],
    ['no line end behind the last line', 'X: y\r\n\r\nhello'],
    ['two lines', 'X: y\r\n\r\n'],
    ['a line end of the sender in LF alone', 'X: y\r\n\r\nhello\n'],
  ])('%s pass', async (_, octets) => {
    const { open } = await start({ letters: [letter('before'), letter('a', octets), letter('behind')] });
    const found = await fetchAll(await open(), ['before', 'a', 'behind']);
    expect(found).toMatchObject({ a: octets, behind: text(letter('behind')) });
  });

  test('they are the same however they are cut into pieces', async () => {
    const octets = 'X: y\r\n\r\n.\r\n..\r\nline\r\r\n.x\r\n\n.\nend\r\n';
    const inPieces =
      (size: number): Pop3Says =>
      async (talk, _line, well) => {
        for (let from = 0; from < well.length; from += size) {
          talk.write(well.subarray(from, from + size));
          await new Promise((resolve) => setImmediate(resolve));
        }
        return undefined;
      };
    const { server, open } = await start({ letters: [letter('a', octets), letter('b')] });
    const session = await open();
    for (const size of [1, 2, 3, 5, 7]) {
      server.script = whole(inPieces(size));
      expect(await fetchAll(session, ['a', 'b'])).toEqual({ a: octets, b: text(letter('b')) });
    }
  });

  test('a server that ends its lines with LF alone is understood, and its octets stay', async () => {
    const bare: Pop3Says = (_talk, _line, well) => Buffer.from(well.toString('latin1').replaceAll('\r\n', '\n'), 'latin1');
    const { open } = await start({
      letters: [letter('a', 'X: y\r\n\r\n.dot\r\nhello\r\n'), letter('b')],
      script: { banner: '+OK\n', capa: bare, user: bare, pass: bare, stat: bare, uidl: bare, list: bare, ...whole(bare) },
    });
    const session = await open();
    expect(await idsOf(session)).toEqual(['b', 'a']);
    expect((await fetchAll(session, ['a', 'b']))['a']).toBe('X: y\n\n.dot\nhello\n');
  });

  test.each<readonly [string, Pop3Says]>([
    ['is cut', (talk, _line, well) => (talk.write(well.subarray(0, 20)), talk.reset(), undefined)],
    ['ends without its dot', (talk, _line, well) => (talk.write(well.subarray(0, -3)), talk.hangUp(), undefined)],
    ['ends in the middle of its dot', (talk, _line, well) => (talk.write(well.subarray(0, -2)), talk.hangUp(), undefined)],
  ])('a message that %s is none, and a new log-in gets it', async (_, says) => {
    const { server, open } = await start({ letters: three, script: whole(says) });
    const session = await open();
    expect(await codeOf(() => fetchAll(session, ['a']))).toBe('transient session-ended');
    server.script = {};
    expect(await fetchAll(session, ['a'])).toEqual({ a: text(three[0]) });
  });

  test('a long one that ends without its dot ends in an error, after what came of it', async () => {
    const long = letter('a', `X: y\r\n\r\n${'line\r\n'.repeat(100_000)}`);
    const { open } = await start({
      letters: [long],
      script: whole((talk, _line, well) => (talk.write(well.subarray(0, -3)), talk.hangUp(), undefined)),
    });
    const session = await open();
    expect(await codeOf(() => fetchAll(session, ['a']))).toBe('transient session-ended');
  });

  test.each([
    ['4 GB', 4_294_967_296],
    ['nothing', 0],
    ['one octet less', -1],
    ['the octets on its disk, where lines end in LF', -3],
  ])('a size of %s in LIST changes no octet', async (_, size) => {
    const { bytes } = letter('a');
    const listed = size > 0 ? size : size === 0 ? 0 : bytes.length + size;
    const { open } = await start({ letters: [letter('a')], script: { list: `+OK\r\n1 ${listed}\r\n.` } });
    expect(await fetchAll(await open(), ['a'])).toEqual({ a: bytes.toString('latin1') });
  });

  test('a wrong size in the answer is of no matter', async () => {
    const lie: Pop3Says = (_talk, _line, well) =>
      Buffer.from(well.toString('latin1').replace(/^\+OK[^\r]*/, '+OK 4294967296 octets'), 'latin1');
    const { open } = await start({ letters: [letter('a')], script: whole(lie) });
    expect(await fetchAll(await open(), ['a'])).toEqual({ a: text(letter('a')) });
  });

  test('who reads slowly slows the server down', async () => {
    const long = letter('a', `X: y\r\n\r\n${'line\r\n'.repeat(10)}`);
    const { server, open } = await start({
      letters: [long],
      script: whole((talk) => (talk.write('+OK\r\n'), void talk.flood('line\r\n', 500 * MEGABYTE), undefined)),
    });
    const session = await open();
    for await (const message of session.fetch(INBOX, [asId.remoteMessage('a')], CALM)) {
      if (!(Symbol.asyncIterator in message.bytes)) throw new Error('it was held as a whole');
      const bytes = message.bytes[Symbol.asyncIterator]();
      await bytes.next();
      // The kernel's buffers fill up, and then nothing moves.
      let before: number | undefined;
      await until(() => {
        const now = server.talks[0]?.floodedBytes;
        const stands = now === before;
        before = now;
        return stands;
      });
      expect(server.talks[0]?.floodedBytes).toBeLessThan(50 * MEGABYTE);
      break;
    }
  });
});

describe('refusals', () => {
  const refuseB: Pop3Says = (_talk, line, well) => (/^(?:RETR|TOP) 2\b/.test(line) ? '-ERR message is expunged' : well);

  test('a message that is refused and gone is left out, and the others come', async () => {
    const { server, open } = await start({ letters: three, script: whole(refuseB) });
    const session = await open();
    await idsOf(session);
    server.letters = three.filter(({ uidl }) => uidl !== 'b');
    expect(Object.keys(await fetchAll(session, ['a', 'b', 'c', 'nobody']))).toEqual(['a', 'c']);
  });

  test.each([
    ['', POP3_OFFERS],
    [', nor where it can not be looked up', [...POP3_OFFERS, 'LOGIN-DELAY 300']],
  ])('a message that is refused and still there is not taken for gone, after the others have come%s', async (_, offers) => {
    const { open } = await start({ letters: three, offers, script: whole(refuseB) });
    const session = await open();
    const found: string[] = [];
    const fetching = async (): Promise<void> => {
      for await (const { id } of session.fetch(INBOX, asId3, CALM)) found.push(id);
    };
    expect(await codeOf(fetching)).toBe('transient void');
    expect(found).toEqual(['c', 'a']);
  });

  test('trouble of the server is not taken for a message that is gone', async () => {
    const { open } = await start({ letters: three, script: whole('-ERR [SYS/TEMP] not now') });
    const session = await open();
    expect(await codeOf(() => fetchAll(session, ['a', 'b']))).toBe('transient refused');
  });

  test('an answer that is no POP3 ends the fetch', async () => {
    const { open } = await start({ letters: three, script: whole('<html>') });
    const session = await open();
    expect(await codeOf(() => fetchAll(session, ['a']))).toBe('transient void');
  });
});

describe('ways to ask', () => {
  test('whole messages are asked for by TOP, which marks nothing as read', async () => {
    const { server, open } = await start({ letters: three });
    await fetchAll(await open(), ['a', 'b', 'c']);
    expect(said(server).filter((line) => line.startsWith('TOP'))).toHaveLength(3);
    expect(said(server).join()).not.toContain('RETR');
  });

  test('by RETR where there is no TOP', async () => {
    const { server, open } = await start({ letters: three, offers: ['UIDL'] });
    const session = await open();
    expect(await fetchAll(session, ['a', 'c'])).toEqual({ a: text(three[0]), c: text(three[2]) });
    expect(said(server).slice(-2)).toEqual(['RETR 1', 'RETR 3']);
  });

  test('by RETR as soon as TOP has cut a message, from then on', async () => {
    const lines = Array.from({ length: 30 }, (_, number) => `line ${number}\r\n`).join('');
    const long = letter('long', `X: y\r\n\r\n${lines}`);
    const cut: Pop3Says = (_talk, _line, well) => Buffer.from(well.toString('latin1').replace(/line 9[^]*/, '.\r\n'), 'latin1');
    const { server, open } = await start({ letters: [letter('a'), long, letter('b')], script: { top: cut } });
    const session = await open();
    const expected = { a: text(letter('a')), long: text(long), b: text(letter('b')) };
    expect(await fetchAll(session, ['a', 'long', 'b'])).toEqual(expected);
    const before = said(server).length;
    await session.close();
    expect(await fetchAll(await open(), ['a', 'long', 'b'])).toEqual(expected);
    expect(said(server).slice(before).join()).not.toContain('TOP');
  });

  test('a long message that TOP has cut is no message, and RETR gives it', async () => {
    const long = letter('long', `X: y\r\n\r\n${'line\r\n'.repeat(100_000)}`);
    const cut: Pop3Says = (_talk, _line, well) => Buffer.concat([well.subarray(0, 400_002), Buffer.from('\r\n.\r\n')]);
    const { open } = await start({ letters: [long], script: { top: cut } });
    const session = await open();
    expect(await codeOf(() => fetchAll(session, ['long']))).toBe('transient void');
    expect(await fetchAll(session, ['long'])).toEqual({ long: text(long) });
  });

  test('small messages are asked for ahead where the server can take it, and only there', async () => {
    const many = Array.from({ length: 40 }, (_, number) => letter(`n${number}`));
    const ids = many.map(({ uidl }) => uidl);
    const mostAtOnce = async (offers: readonly string[]): Promise<number> => {
      const { server, open } = await start({ letters: many, offers });
      expect(Object.keys(await fetchAll(await open(), ids))).toEqual(ids);
      const perRead = server.talks.flatMap(({ reads }) => reads.map((read) => read.split('TOP ').length - 1));
      return Math.max(...perRead);
    };
    expect(await mostAtOnce(POP3_OFFERS)).toBeGreaterThan(3);
    expect(await mostAtOnce(['TOP', 'UIDL'])).toBe(1);
  });

  test('a loop that is left early costs no log-in while little is on its way', async () => {
    const { server, open } = await start({ letters: three });
    const session = await open();
    for await (const message of session.fetch(INBOX, asId3, CALM)) {
      expect(message.id).toBe('c');
      break;
    }
    expect(Object.keys(await fetchAll(session, ['a', 'b', 'c']))).toEqual(['a', 'b', 'c']);
    expect(server.talks).toHaveLength(1);
  });
});

describe('nothing is deleted', () => {
  const readAndClose = async (session: IncomingSession): Promise<void> => {
    await session.list(CALM);
    const ids = await idsOf(session);
    await fetchAll(session, ids);
    await session.list(CALM);
    await fetchAll(session, ids);
    await session.close();
  };

  test.each([
    ['by TOP', [...POP3_OFFERS, 'EXPIRE 0']],
    ['by RETR, on a server that deletes at QUIT what was fetched', ['UIDL', 'EXPIRE 0']],
  ])('messages read %s are still there', async (_, offers) => {
    const { server, open } = await start({ letters: three, offers });
    await readAndClose(await open());
    await until(() => server.talks.every(({ isClosed }) => isClosed));
    expect(server.letters).toHaveLength(3);
    expect(said(server).join()).not.toMatch(/DELE|QUIT/);
  });

  test('a session that only looked says goodbye, so that the mailbox is free at once', async () => {
    const { server, open } = await start({ letters: three });
    const session = await open();
    await session.list(CALM);
    await session.close();
    expect(said(server).at(-1)).toBe('QUIT');
  });
});
