import { once } from 'node:events';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { deflateRawSync } from 'node:zlib';
import { FakeClock, until } from '@stopgap/testkit';
import { describe, expect, test } from 'vitest';
import { TestServer, type Talk } from './test-server.ts';

const MEGABYTE = 1024 * 1024;
/** What floods a server takes its time on a busy machine. */
const SLOW_MS = 60_000;

/** Whatever was tried: the next client is served. */
async function expectAlive(server: TestServer): Promise<void> {
  const talk = await server.logIn('INBOX');
  expect((await talk.command('NOOP')).at(-1)).toBe('OK Done');
  expect(server.failures).toEqual([]);
}

/** What an endless sender hears, until it is told BYE. */
async function flood(talk: Talk, chunk: Buffer, most: number): Promise<string> {
  for (let sent = 0; sent < most && !talk.hasCome('BYE'); sent += chunk.length) {
    if (!talk.socket.write(chunk)) await Promise.race([once(talk.socket, 'drain'), until(() => talk.hasCome('BYE'))]);
  }
  const line = await talk.line();
  talk.socket.destroy();
  return line;
}

describe('before the log-in', () => {
  test(
    'an endless line ends the connection, and takes no memory',
    async () => {
      await using server = await TestServer.start();
      const before = process.memoryUsage().rss;
      const talk = await server.talk();
      expect(await flood(talk, Buffer.alloc(64 * 1024, 'a'), 64 * MEGABYTE)).toMatch(/^\* BYE Line too long/);
      expect(process.memoryUsage().rss - before).toBeLessThan(64 * MEGABYTE);
      await expectAlive(server);
    },
    SLOW_MS,
  );

  test.each(['{2147483647}', '{4294967296}', '{99999999999999999999}'])('a literal of %s is refused before its octets', async (literal) => {
    await using server = await TestServer.start();
    const talk = await server.talk();
    expect(await talk.command(`LOGIN ${literal}`)).toEqual(['BAD [TOOBIG] The literal is too large']);
    expect(await talk.command('NOOP')).toEqual(['OK Done']);
  });

  test('a literal that comes unasked and is too large ends the connection', async () => {
    await using server = await TestServer.start();
    const talk = await server.talk();
    talk.send('a LOGIN {4294967296+}\r\n');
    expect(await talk.rest()).toBe('* BYE [TOOBIG] Literal too large\r\n');
    await expectAlive(server);
  });

  test.each(['GET / HTTP/1.1\r\nHost: x\r\n\r\n', 'EHLO x\r\n', '\x16\x03\x01\x02\x00\x01\r\n', 'a b\r\n'])(
    '%j is no IMAP, and the connection ends',
    async (text) => {
      await using server = await TestServer.start();
      const talk = await server.talk();
      talk.send(text);
      expect(await talk.rest()).toMatch(/\* BYE This is a mail server, speak IMAP\r\n$/);
    },
  );

  test('a line that ends with LF alone ends the connection', async () => {
    await using server = await TestServer.start();
    const talk = await server.talk();
    talk.send('a NOOP\nb LOGOUT\r\n');
    expect(await talk.rest()).toBe('* BYE A line ends with CR LF\r\n');
  });

  test('NUL and a CR in a command are no command', async () => {
    await using server = await TestServer.start();
    const talk = await server.talk();
    await talk.command('NOOP');
    for (const text of ['LOGIN a\0b c', 'LOGIN a\rb c', 'LOGIN "a\0b" c', 'LOGIN "a\rb" c']) {
      expect((await talk.command(text)).at(-1)).toMatch(/^BAD /);
    }
    await expectAlive(server);
  });

  test(
    '20000 commands in one piece are answered, each of them, and others are served meanwhile',
    async () => {
      await using server = await TestServer.start();
      const talk = await server.talk();
      talk.send('x NOOP\r\n'.repeat(20_000));
      await expectAlive(server);
      await until(() => talk.received.length === 'x OK Done\r\n'.length * 20_000);
      expect(talk.received).toBe('x OK Done\r\n'.repeat(20_000));
    },
    SLOW_MS,
  );

  test('nonsense is answered twenty times', async () => {
    await using server = await TestServer.start();
    const talk = await server.talk();
    await talk.command('NOOP');
    talk.send('a FOO\r\n'.repeat(100));
    expect((await talk.rest()).split('\r\n').slice(-3)).toEqual(['a BAD Unknown command', '* BYE Too many errors', '']);
  });

  test('wrong passwords weigh more', async () => {
    await using server = await TestServer.start();
    const talk = await server.talk();
    talk.send('a LOGIN alice@a.test wrong\r\n'.repeat(20));
    expect((await talk.rest()).match(/AUTHENTICATIONFAILED/g)).toHaveLength(5);
  });

  test('what is pipelined in clear behind STARTTLS never runs, and TLS does not begin (CVE-2011-0411)', async () => {
    await using server = await TestServer.start();
    const talk = await server.talk();
    talk.send('a STARTTLS\r\nb LOGIN alice@a.test "wonder land"\r\nc CAPABILITY\r\n');
    expect(await talk.rest()).toBe('a OK Begin TLS now\r\n* BYE Nothing may follow STARTTLS before TLS has begun\r\n');
    expect(server.mail.openSessions).toBe(0);
  });

  test('a TLS that does not begin ends without a word in clear', async () => {
    await using server = await TestServer.start();
    const talk = await server.talk();
    expect(await talk.command('STARTTLS')).toEqual(['OK Begin TLS now']);
    talk.send('b CAPABILITY\r\n');
    expect(await talk.rest()).not.toContain('CAPABILITY');
    await expectAlive(server);
  });

  test('a TLS that is asked for and never begins is cut', async () => {
    const clock = new FakeClock();
    await using server = await TestServer.start({ clock });
    const talk = await server.talk();
    expect(await talk.command('STARTTLS')).toEqual(['OK Begin TLS now']);
    await clock.advance(130_000);
    await talk.ended();
  });

  test('strangers who say nothing are cut after a minute, whether they wait or talk on', async () => {
    const clock = new FakeClock();
    await using server = await TestServer.start({ clock });
    const silent = await server.talk();
    const busy = await server.talk();
    for (let n = 0; n < 7; n += 1) {
      await clock.advance(10_000);
      if (!busy.isOver) busy.send('a NOOP\r\n');
    }
    expect(await silent.rest()).toBe('* BYE Log in within the time\r\n');
    expect(await busy.rest()).toMatch(/\* BYE Log in within the time\r\n$/);
  });

  test('a handshake of TLS that never ends is cut', async () => {
    await using server = await TestServer.start({ limits: { connectionsPerAddress: 2 } });
    const hanging = [connect(server.port('imaps'), '127.0.0.1'), connect(server.port('imaps'), '127.0.0.1')];
    await Promise.all(hanging.map(async (socket) => await once(socket, 'connect')));
    const refused = connectTls({ port: server.port('imaps'), host: '127.0.0.1', rejectUnauthorized: false });
    await expect(once(refused, 'secureConnect')).rejects.toThrow();
    for (const socket of hanging) socket.destroy();
  });
});

describe('after the log-in', () => {
  test('parentheses and keys in each other are refused from some depth on', async () => {
    await using server = await TestServer.start();
    const talk = await server.logIn('INBOX');
    for (const text of [
      `SEARCH ${'('.repeat(10_000)}`,
      `SEARCH ${'OR ALL '.repeat(8000)}ALL`,
      `SEARCH ${'(NOT '.repeat(10_000)}ALL`,
      `FETCH 1 ${'('.repeat(10_000)}`,
      `ID ${'('.repeat(10_000)}`,
      `LIST ${'('.repeat(10_000)}`,
      `STORE 1 FLAGS ${'('.repeat(10_000)}`,
      `FETCH 1 BODY[${'1.'.repeat(10_000)}1]`,
    ]) {
      expect((await talk.command(text)).at(-1), text.slice(0, 20)).toMatch(/^BAD /);
    }
    expect((await talk.command(`SEARCH ${'NOT '.repeat(10_000)}ALL`)).at(-1)).toBe('OK Done');
    await expectAlive(server);
  });

  test('huge sets of messages cost nothing', async () => {
    await using server = await TestServer.start();
    server.mail.deliver('INBOX', 'Subject: one\n\nx\n');
    const talk = await server.logIn('INBOX');
    const many = Array.from({ length: 9000 }, (_, index) => `${index * 2 + 1}`).join(',');
    expect(await talk.command(`UID FETCH ${Array.from({ length: 10_000 }, () => '1:*').join(',')} FLAGS`)).toEqual([
      '* 1 FETCH (UID 1 FLAGS ())',
      'OK Done',
    ]);
    expect((await talk.command(`UID FETCH ${many} FLAGS`)).at(-1)).toBe('OK Done');
    expect(await talk.command('UID FETCH 4294967295:1 FLAGS')).toEqual(['* 1 FETCH (UID 1 FLAGS ())', 'OK Done']);
    expect((await talk.command('UID FETCH 4294967296 FLAGS')).at(-1)).toMatch(/^BAD /);
    expect((await talk.command('FETCH 0 FLAGS')).at(-1)).toMatch(/^BAD /);
    expect((await talk.command('FETCH 2 FLAGS')).at(-1)).toBe('BAD There is no message with such a number');
    await expectAlive(server);
  });

  test('patterns of LIST that are meant to be slow are not', async () => {
    await using server = await TestServer.start();
    for (let n = 0; n < 300; n += 1) server.mail.make(`${'a'.repeat(200)}${n}`);
    const talk = await server.logIn();
    expect((await talk.command(`LIST "" "${'*a%'.repeat(100)}b"`)).at(-1)).toBe('OK Done');
    expect((await talk.command(`LIST "" "${'*'.repeat(1001)}"`)).at(-1)).toMatch(/^BAD /);
    await expectAlive(server);
  });

  test('mailbox names can not inject', async () => {
    await using server = await TestServer.start();
    server.mail.make('a\r\n* OK [ALERT] injected');
    server.mail.make('"quoted\\" name');
    server.mail.make('Größe');
    const talk = await server.logIn();
    const lines = await talk.command('LIST "" *');
    expect(lines).toEqual([
      String.raw`* LIST (\HasNoChildren) "/" "\"quoted\\\" name"`,
      String.raw`* LIST (\HasNoChildren) "/" "Gr&APYA3w-e"`,
      String.raw`* LIST (\HasNoChildren) "/" "INBOX"`,
      String.raw`* LIST (\HasNoChildren) "/" "a&AA0ACg-* OK [ALERT] injected"`,
      'OK Done',
    ]);
    expect((await talk.command('CREATE {6+}\r\na\r\nb c')).at(-1)).toBe('BAD The mailbox name is no modified UTF-7');
    expect((await talk.command('CREATE "a&AA0ACg-b"')).at(-1)).toMatch(/^NO \[CANNOT\]/);
    await expectAlive(server);
  });

  test('nor can keywords, subjects, file names and what else stands in a message', async () => {
    await using server = await TestServer.start();
    const evil = '=?UTF-8?B?' + Buffer.from('x"\r\n* 99 EXPUNGE\r\n').toString('base64') + '?=';
    server.mail.deliver(
      'INBOX',
      `From: ${evil} <"a\\"b"@a.test>\nTo: x:;\nSubject: ${evil}\nMessage-ID: <\x80@x>\nContent-Type: application/x; name="${evil}"; name2="q\\"q"\nContent-Disposition: attachment; filename="${evil}"\nContent-Description: ${evil}\n\nx\n`,
    );
    const [message] = server.mail.folder('INBOX').messages;
    if (message) message.flags = ['$seen', 'č*\r\n* 7 EXISTS', '\u010a', 'a]b'];
    const talk = await server.logIn('INBOX');
    const lines = await talk.command('FETCH 1 (FLAGS ENVELOPE BODYSTRUCTURE PREVIEW)');
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/^\* 1 FETCH \(FLAGS \(\\Seen\) ENVELOPE /);
    expect((await talk.command('STORE 1 +FLAGS (a\x0db)')).at(-1)).toMatch(/^BAD /);
    await expectAlive(server);
  });

  test('an APPEND of 100 GB is refused before the octets; unasked it ends the connection', async () => {
    await using server = await TestServer.start();
    const talk = await server.logIn();
    expect(await talk.command('APPEND INBOX {107374182400}')).toEqual(['NO [TOOBIG] Message too big, the limit is 1000000 bytes']);
    talk.send('x APPEND INBOX {107374182400+}\r\n');
    expect(await talk.rest()).toBe('* BYE [TOOBIG] The limit is 1000000 bytes\r\n');
    await expectAlive(server);
    expect(server.mail.folder('INBOX').messages).toEqual([]);
  });

  test('the octets of a message that is refused never become commands', async () => {
    await using server = await TestServer.start();
    const talk = await server.logIn();
    const evil = 'x DELETE Keep\r\n'.repeat(10);
    server.mail.make('Keep');
    for (const head of ['APPEND Missing', 'APPEND INBOX (\\Seen) "no date"', 'APPEND "bad&name"', 'APPEND INBOX']) {
      const more = head === 'APPEND INBOX' ? ` nonsense {${evil.length}+}\r\n${evil}` : '';
      const answer = await talk.command(`${head} {${evil.length}+}\r\n${evil}${more}`);
      expect(answer.at(-1), head).toMatch(/^(?:NO|BAD) /);
    }
    expect(server.mail.folders.map(({ name }) => name)).toEqual(['INBOX', 'Keep']);
    expect(server.mail.folder('INBOX').messages).toEqual([]);
    await expectAlive(server);
  });

  test('a client that goes away in the middle of an APPEND leaves nothing behind', async () => {
    await using server = await TestServer.start();
    const talk = await server.logIn();
    talk.send('x APPEND INBOX {1000+}\r\nhalf of it');
    talk.socket.destroy();
    await until(() => server.mail.openSessions === 0);
    expect(server.mail.folder('INBOX').messages).toEqual([]);
    await expectAlive(server);
  });

  test('one that stops in the middle is cut after two minutes', async () => {
    const clock = new FakeClock();
    await using server = await TestServer.start({ clock });
    const talk = await server.logIn();
    talk.send('x APPEND INBOX {1000+}\r\nhalf of it');
    for (let n = 0; n < 20; n += 1) await clock.advance(10_000);
    await talk.ended();
    await until(() => server.mail.openSessions === 0);
    expect(server.mail.folder('INBOX').messages).toEqual([]);
  });

  test(
    'a client that asks for much and reads nothing is held up, then cut; the octets wait in the store meanwhile',
    async () => {
      const clock = new FakeClock();
      await using server = await TestServer.start({ clock });
      server.mail.isContentAtHand = false;
      server.mail.deliver('INBOX', Buffer.alloc(900_000, 'x'));
      const talk = await server.logIn('INBOX');
      talk.socket.pause();
      const before = process.memoryUsage().rss;
      talk.send('x FETCH 1 BODY.PEEK[]\r\n'.repeat(500));
      for (let n = 0; n < 5; n += 1) await clock.advance(10_000);
      expect(process.memoryUsage().rss - before).toBeLessThan(64 * MEGABYTE);
      for (let n = 0; n < 20; n += 1) await clock.advance(10_000);
      await until(() => server.mail.openSessions === 0);
      await server.close();
    },
    SLOW_MS,
  );

  test(
    'one that does not read in IDLE while a flood of changes comes holds up itself alone, and is cut',
    async () => {
      const clock = new FakeClock();
      await using server = await TestServer.start({ clock });
      const { mail } = server;
      for (let n = 0; n < 2000; n += 1) mail.deliver('INBOX', 'Subject: x\n\nx\n');
      const talk = await server.logIn('INBOX');
      talk.send('x IDLE\r\n');
      await talk.line();
      talk.socket.pause();
      const before = process.memoryUsage().rss;
      for (let round = 0; round < 200; round += 1) {
        const modSeq = mail.changed();
        for (const message of mail.folder('INBOX').messages) {
          message.flags = round % 2 === 0 ? ['$seen'] : [];
          message.modSeq = modSeq;
        }
        mail.wake();
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(process.memoryUsage().rss - before).toBeLessThan(64 * MEGABYTE);
      for (let n = 0; n < 20; n += 1) await clock.advance(10_000);
      await until(() => mail.openSessions === 0);
    },
    SLOW_MS,
  );

  test(
    'what inflates to much more is a line that is too long',
    async () => {
      await using server = await TestServer.start();
      const talk = await server.logIn();
      expect(await talk.command('COMPRESS DEFLATE')).toEqual(['OK Compression begins']);
      const bomb = deflateRawSync(Buffer.alloc(32 * MEGABYTE, 'a'), { level: 9 });
      const before = process.memoryUsage().rss;
      talk.send(bomb);
      await talk.ended();
      expect(process.memoryUsage().rss - before).toBeLessThan(24 * MEGABYTE);
      await until(() => server.mail.openSessions === 0);
      await expectAlive(server);
    },
    SLOW_MS,
  );

  test('what is no deflated stream ends the connection', async () => {
    await using server = await TestServer.start();
    const talk = await server.logIn();
    await talk.command('COMPRESS DEFLATE');
    talk.send(Buffer.alloc(1000, 0xff));
    await talk.ended();
    await until(() => server.mail.openSessions === 0);
    await expectAlive(server);
  });

  test('clients that only shut their side, in IDLE or in the middle of a command, are gone', async () => {
    await using server = await TestServer.start();
    for (const words of ['x IDLE\r\n', 'x APPEND INBOX {1000+}\r\nhalf of it', 'x SEARCH {100+}\r\nhalf', 'x NOO']) {
      const talk = await server.logIn('INBOX');
      talk.send(words);
      talk.socket.end();
      await talk.ended();
      await until(() => server.mail.openSessions === 0);
    }
    expect(server.mail.folder('INBOX').messages).toEqual([]);
    await expectAlive(server);
  });

  test(
    'a thousand clients that drop out of IDLE leave nothing behind',
    async () => {
      await using server = await TestServer.start({
        limits: { connections: 2000, connectionsPerAddress: 2000, connectionsPerAccount: 2000 },
      });
      for (let round = 0; round < 10; round += 1) {
        const talks = await Promise.all(Array.from({ length: 100 }, async () => await server.talk()));
        for (const talk of talks) talk.send('a LOGIN alice@a.test "wonder land"\r\nb SELECT INBOX\r\nc IDLE\r\n');
        await until(() => talks.every((talk) => talk.hasCome('+ idling')));
        for (const talk of talks) talk.socket.destroy();
        await until(() => server.mail.openSessions === 0);
      }
      await expectAlive(server);
    },
    SLOW_MS,
  );
});
