import { MailError } from '@stopgap/core';
import { FakeClock, until } from '@stopgap/testkit';
import { describe, expect, test } from 'vitest';
import { constants, createDeflateRaw, createInflateRaw } from 'node:zlib';
import { logIn, PASSWORD, TestServer } from './test-server.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const PLAIN = base64(`\0alice@a.test\0${PASSWORD}`);
const WRONG = base64('\0alice@a.test\0wrong');

describe('log-in', () => {
  test('by PLAIN, with the answer at once or when asked', async () => {
    await using server = await TestServer.start();
    const one = await server.talk();
    expect((await one.command(`AUTHENTICATE PLAIN ${PLAIN}`)).at(-1)).toMatch(/^OK \[CAPABILITY IMAP4rev1 /);
    const other = await server.talk();
    const tag = other.begin('AUTHENTICATE PLAIN');
    expect(await other.line()).toBe('+ ');
    other.send(`${PLAIN}\r\n`);
    expect((await other.answer(tag)).at(-1)).toMatch(/^OK /);
  });

  test('by LOGIN, which Outlook uses', async () => {
    await using server = await TestServer.start();
    const talk = await server.talk();
    const tag = talk.begin('AUTHENTICATE LOGIN');
    expect(await talk.line()).toBe(`+ ${base64('Username:')}`);
    talk.send(`${base64('alice@a.test')}\r\n`);
    expect(await talk.line()).toBe(`+ ${base64('Password:')}`);
    talk.send(`${base64(PASSWORD)}\r\n`);
    expect((await talk.answer(tag)).at(-1)).toMatch(/^OK /);
  });

  test('with literals, synchronizing or not', async () => {
    await using server = await TestServer.start();
    const talk = await server.talk();
    talk.send('a LOGIN {12}\r\n');
    expect(await talk.line()).toBe('+ OK');
    talk.send(`alice@a.test {${PASSWORD.length}+}\r\n${PASSWORD}\r\n`);
    expect(await talk.line()).toMatch(/^a OK /);
  });

  test('a wrong password is AUTHENTICATIONFAILED in every way, and no more is said', async () => {
    await using server = await TestServer.start();
    const talk = await server.talk();
    const failed = ['NO [AUTHENTICATIONFAILED] Authentication failed'];
    expect(await talk.command('LOGIN alice@a.test wrong')).toEqual(failed);
    expect(await talk.command('LOGIN nobody@nowhere.test wrong')).toEqual(failed);
    expect(await talk.command(`AUTHENTICATE PLAIN ${WRONG}`)).toEqual(failed);
    // Acting as another is for proxies (RFC 4616 2).
    expect(await talk.command(`AUTHENTICATE PLAIN ${base64(`bob@a.test\0alice@a.test\0${PASSWORD}`)}`)).toEqual(failed);
  });

  test('can be taken back, and what is no base64 is told', async () => {
    await using server = await TestServer.start();
    const talk = await server.talk();
    const tag = talk.begin('AUTHENTICATE PLAIN');
    await talk.line();
    talk.send('*\r\n');
    expect(await talk.answer(tag)).toEqual(['BAD Cancelled']);
    expect(await talk.command('AUTHENTICATE PLAIN !!!')).toEqual(['BAD That is not base64']);
    expect(await talk.command('AUTHENTICATE CRAM-MD5')).toEqual(['NO [CANNOT] No such mechanism']);
  });

  test('that nobody can decide now is UNAVAILABLE, never a wrong password', async () => {
    await using server = await TestServer.start({ logIn: () => ({ kind: 'undecided', reason: { class: 'connect', text: 'refused' } }) });
    const talk = await server.talk();
    expect(await talk.command('LOGIN alice@a.test x')).toEqual([
      'NO [UNAVAILABLE] Your mail provider can not be asked now, try again later',
    ]);
  });

  test('too many guesses are told to wait', async () => {
    await using server = await TestServer.start({ logIn: () => ({ kind: 'throttled', retryAfterMs: 61_000 }) });
    const talk = await server.talk();
    expect(await talk.command('LOGIN alice@a.test x')).toEqual(['NO [UNAVAILABLE] Too many failed log-ins, try again in 2 minutes']);
  });

  test('in clear is not taken, nor offered, where it is forbidden', async () => {
    let asked = 0;
    await using server = await TestServer.start({ plaintextAuth: 'never', logIn: (request) => ((asked += 1), logIn(request)) });
    const talk = await server.talk();
    const [capabilities = ''] = await talk.command('CAPABILITY');
    expect(capabilities).toContain(' STARTTLS LOGINDISABLED');
    expect(capabilities).not.toContain('AUTH=');
    expect(await talk.command(`LOGIN alice@a.test "${PASSWORD}"`)).toEqual(['NO [PRIVACYREQUIRED] Begin TLS first']);
    expect(await talk.command(`AUTHENTICATE PLAIN ${PLAIN}`)).toEqual(['NO [PRIVACYREQUIRED] Begin TLS first']);
    expect(asked).toBe(0);
  });

  test('happens once', async () => {
    await using server = await TestServer.start();
    const talk = await server.logIn();
    expect(await talk.command(`LOGIN alice@a.test "${PASSWORD}"`)).toEqual(['BAD You are logged in already']);
    expect(await talk.command('STARTTLS')).toEqual(['BAD You are logged in already']);
  });

  test('comes first', async () => {
    await using server = await TestServer.start();
    const talk = await server.talk();
    await talk.command('NOOP');
    expect(await talk.command('SELECT INBOX')).toEqual(['BAD Log in first']);
    expect(await talk.command('FETCH 1 FLAGS')).toEqual(['BAD Select a mailbox first']);
    talk.send('x APPEND INBOX {5+}\r\nhello\r\n');
    expect(await talk.line()).toBe('x BAD Log in first');
  });
});

describe('TLS', () => {
  test('begins with STARTTLS, and then a log-in is offered', async () => {
    await using server = await TestServer.start({ plaintextAuth: 'never' });
    const talk = await server.talk();
    expect(await talk.command('STARTTLS')).toEqual(['OK Begin TLS now']);
    await talk.secure();
    expect((await talk.command('CAPABILITY'))[0]).toBe('* CAPABILITY IMAP4rev1 IMAP4rev2 LITERAL+ SASL-IR ID ENABLE AUTH=PLAIN AUTH=LOGIN');
    expect((await talk.command(`LOGIN alice@a.test "${PASSWORD}"`)).at(-1)).toMatch(/^OK /);
    expect((await talk.command('SELECT INBOX')).at(-1)).toBe('OK [READ-WRITE] Done');
  });

  test('is there from the first byte on the other door', async () => {
    await using server = await TestServer.start({ plaintextAuth: 'never' });
    const talk = await server.talk('imaps');
    expect((await talk.command(`LOGIN alice@a.test "${PASSWORD}"`)).at(-1)).toMatch(/^OK /);
    expect(await talk.command('STARTTLS')).toEqual(['BAD You are logged in already']);
  });
});

describe('connections', () => {
  test('are limited for each network', async () => {
    await using server = await TestServer.start({ limits: { connectionsPerAddress: 2 } });
    const one = await server.talk();
    await server.talk();
    await expect(server.talk().then((talk) => talk.line())).rejects.toThrow('the connection is over');
    await one.command('LOGOUT');
    await one.ended();
    await until(
      async () =>
        (
          await server
            .talk()
            .then((talk) => talk.command('NOOP'))
            .catch(() => [])
        ).length > 0,
    );
  });

  test('are limited for each account, and the place is free again afterwards', async () => {
    await using server = await TestServer.start({ limits: { connectionsPerAccount: 1 } });
    const one = await server.logIn();
    const other = await server.talk();
    expect(await other.command(`LOGIN alice@a.test "${PASSWORD}"`)).toEqual(['NO [LIMIT] Too many connections of this account']);
    await one.command('LOGOUT');
    await one.ended();
    await until(() => server.mail.openSessions === 0);
    expect((await other.command(`LOGIN alice@a.test "${PASSWORD}"`)).at(-1)).toMatch(/^OK /);
  });

  test('that are quiet are ended after half an hour, not before', async () => {
    const clock = new FakeClock();
    await using server = await TestServer.start({ clock });
    const talk = await server.logIn('INBOX');
    await clock.advance(30 * 60_000);
    expect(talk.isOver).toBe(false);
    await clock.advance(2 * 60_000);
    expect(await talk.rest()).toBe('* BYE Quiet for too long\r\n');
  });

  test('in IDLE stay, and hear a word now and then', async () => {
    const clock = new FakeClock();
    await using server = await TestServer.start({ clock });
    const talk = await server.logIn('INBOX');
    const tag = talk.begin('IDLE');
    expect(await talk.line()).toBe('+ idling');
    await clock.advance(60 * 60_000);
    expect(await talk.line()).toBe('* OK Still here');
    talk.send('DONE\r\n');
    const answer = await talk.answer(tag);
    expect(answer.at(-1)).toBe('OK Done');
    expect(answer.length).toBeGreaterThan(10);
  });

  test('hear why they end when the server goes down: those that wait at once, the others after their command', async () => {
    const server = await TestServer.start();
    const waiting = await server.logIn('INBOX');
    const idling = await server.logIn('INBOX');
    const stranger = await server.talk();
    idling.send('x IDLE\r\n');
    await idling.line();
    const busy = await server.logIn('INBOX');
    busy.send('y APPEND INBOX {100}\r\n');
    expect(await busy.line()).toBe('+ OK');
    const closed = server.close(5000);
    for (const talk of [waiting, idling, stranger]) expect(await talk.line()).toBe('* BYE [UNAVAILABLE] Going down, try again in a moment');
    busy.send(`${'0123456789'.repeat(10)}\r\n`);
    expect(await busy.line()).toBe('* 1 EXISTS');
    expect(await busy.line()).toMatch(/^y OK \[APPENDUID \d+ 1\]/);
    expect(await busy.line()).toMatch(/^\* BYE /);
    await closed;
    expect(server.mail.openSessions).toBe(0);
  });

  test('that do not go are cut after the grace', async () => {
    const clock = new FakeClock();
    const server = await TestServer.start({ clock });
    const talk = await server.logIn();
    talk.send('y APPEND INBOX {100}\r\n');
    expect(await talk.line()).toBe('+ OK');
    const closed = server.close(3000);
    await clock.advance(3000);
    await closed;
    await talk.ended();
  });

  test('of an account that is gone end with their next command', async () => {
    await using server = await TestServer.start();
    const talk = await server.logIn();
    server.mail.folder = () => {
      throw new MailError('auth', 'gone', { code: 'account-gone' });
    };
    talk.send('x SELECT INBOX\r\n');
    expect(await talk.rest()).toBe('* BYE Your account changed, log in again\r\n');
    expect(server.failures).toEqual([]);
  });

  test('faults of ours are told to the log, and to the client without their details', async () => {
    await using server = await TestServer.start();
    const talk = await server.logIn();
    server.mail.folder = () => {
      throw new Error('a secret detail');
    };
    expect(await talk.command('SELECT INBOX')).toEqual(['NO [UNAVAILABLE] Try again later']);
    expect(server.failures).toEqual([new Error('a secret detail')]);
    expect(await talk.command('NOOP')).toEqual(['OK Done']);
  });
});

describe('compression', () => {
  test('goes both ways, and says no a second time', async () => {
    await using server = await TestServer.start();
    server.mail.deliver('INBOX', `Subject: long\n\n${'hello '.repeat(20_000)}\n`);
    const talk = await server.logIn('INBOX');
    expect(await talk.command('COMPRESS DEFLATE')).toEqual(['OK Compression begins']);
    const [deflate, inflate] = [createDeflateRaw({ flush: constants.Z_SYNC_FLUSH }), createInflateRaw()];
    deflate.pipe(talk.socket);
    talk.socket.removeAllListeners('data').pipe(inflate);
    let received = '';
    inflate.on('data', (chunk: Buffer) => (received += chunk.toString('latin1')));
    deflate.write('a COMPRESS DEFLATE\r\nb FETCH 1 BODY.PEEK[]\r\nc LOGOUT\r\n');
    await until(() => received.includes('c OK'));
    expect(received).toContain('a NO [COMPRESSIONACTIVE] It is compressed already');
    expect(received).toContain('hello '.repeat(20_000));
  });
});
