/* What a POP3 session makes of servers that behave badly, and that it never deletes anything. */
import { asId } from '@stopgap/core';
import { POP3_OFFERS, type Pop3Script } from '@stopgap/testkit';
import { describe, expect, test } from 'vitest';
import { CALM, certificate, codeOf, fetchAll, idsOf, INBOX, letter, said, SINCE, start, three } from './test-pop3.ts';

describe('logging in', () => {
  test.each<readonly [string, Pop3Script, string]>([
    ['a wrong password', { pass: '-ERR [AUTH] Authentication failed.' }, 'auth auth'],
    ['a user store that is down', { pass: '-ERR [SYS/TEMP] not now' }, 'transient login'],
    ['a mailbox that is open elsewhere', { pass: '-ERR [IN-USE] locked' }, 'transient busy'],
    ['a log-in too soon', { pass: '-ERR [LOGIN-DELAY] wait' }, 'transient busy'],
    ['a banner of something else', { banner: '220 smtp' }, 'transient void'],
    ['a banner without end', { banner: (talk) => (void talk.flood('x', 10_000_000), undefined) }, 'transient void'],
    ['a cut', { pass: (talk) => (talk.reset(), undefined) }, 'transient session-ended'],
    [
      'capabilities without end',
      { capa: (talk) => (talk.write('+OK\r\n'), void talk.flood('X\r\n', 10_000_000), undefined) },
      'transient void',
    ],
  ])('%s', async (_, script, code) => {
    const { open } = await start({ script });
    expect(await codeOf(() => open())).toBe(code);
  });

  test('what was sent in clear behind STLS is not read as if it came inside, and no password leaves', async () => {
    const { server, open } = await start({ certificate: await certificate, script: { stls: '+OK go\r\n+OK in\r\n+OK in' } }, 'starttls');
    expect(await codeOf(() => open())).toBe('transient tls');
    expect(said(server)).toEqual(['STLS']);
  });

  test('silence ends when the signal does', async () => {
    const { open } = await start({ script: { pass: () => undefined } });
    expect(await codeOf(() => open(AbortSignal.timeout(200)))).toBe('transient cancelled');
  });
});

describe('listings', () => {
  test('newest first, with sizes, over TLS', async () => {
    const { open } = await start({ letters: three, certificate: await certificate }, 'starttls');
    const session = await open();
    expect(await session.list(CALM)).toMatchObject([{ id: 'INBOX', messages: 3 }]);
    const size = three[0]?.bytes.length;
    expect(await session.changes(INBOX, SINCE, CALM)).toEqual({
      kind: 'full',
      messages: ['c', 'b', 'a'].map((id) => ({ id, sizeBytes: size })),
    });
  });

  test('two messages with one id are told apart', async () => {
    const { open } = await start({ letters: [letter('a', 'one\r\n'), letter('a', 'two\r\n'), letter('b')] });
    const session = await open();
    expect(await idsOf(session)).toEqual(['b', 'a 2', 'a']);
    expect(await fetchAll(session, ['a 2', 'a'])).toEqual({ 'a 2': 'two\r\n', a: 'one\r\n' });
  });

  test('ids that are long, not ASCII or have blanks in them are ids', async () => {
    const long = 'x'.repeat(500);
    const { open } = await start({ letters: [letter(long), letter('\xe9\x1b[31m'), letter('a b')] });
    const session = await open();
    expect(await idsOf(session)).toEqual(['a%20b', '%e9%1b[31m', long]);
    expect(Object.keys(await fetchAll(session, ['a%20b']))).toEqual(['a%20b']);
  });

  test.each<readonly [string, Pop3Script]>([
    ['fewer ids than messages', { uidl: '+OK\r\n1 a\r\n2 b\r\n.' }],
    ['a message without an id', { uidl: '+OK\r\n1 a\r\n2 \r\n3 c\r\n.' }],
    ['a number twice', { uidl: '+OK\r\n1 a\r\n1 b\r\n3 c\r\n.' }],
    ['a number of nothing', { uidl: '+OK\r\n0 a\r\n1 b\r\n2 c\r\n.' }],
    ['nonsense', { uidl: '+OK\r\n<html>\r\n.' }],
    ['no count', { stat: '+OK maintenance' }],
    ['a count of none, and ids', { stat: '+OK 0 0' }],
    ['fewer sizes than messages', { list: '+OK\r\n1 10\r\n.' }],
    ['sizes that are no numbers', { list: '+OK\r\n1 -1\r\n2 x\r\n3 NaN\r\n.' }],
    ['a listing without end', { uidl: (talk) => (talk.write('+OK\r\n'), void talk.flood('1 a\r\n', 50_000_000), undefined) }],
    ['a line without end', { uidl: (talk) => (talk.write('+OK\r\n'), void talk.flood('x', 50_000_000), undefined) }],
  ])('%s proves nothing', async (_, script) => {
    const { server, open } = await start({ letters: three, script });
    const session = await open();
    expect(await codeOf(() => session.changes(INBOX, SINCE, CALM))).toBe('transient void');
    server.script = {};
    expect(await idsOf(session)).toEqual(['c', 'b', 'a']);
  });

  test.each<readonly [string, Pop3Script, string]>([
    ['is cut', { uidl: (talk) => (talk.write('+OK\r\n1 a\r\n'), talk.hangUp(), undefined) }, 'transient session-ended'],
    ['is refused for now', { uidl: '-ERR [SYS/TEMP] not now' }, 'transient refused'],
    ['has more behind its end', { stat: '+OK 3 90\r\n+OK\r\n1 a\r\n.' }, 'transient void'],
  ])('a listing that %s proves nothing', async (_, script, code) => {
    const { open } = await start({ letters: three, script });
    const session = await open();
    expect(await codeOf(() => session.list(CALM))).toBe(code);
  });

  test('numbers out of order are put in order', async () => {
    const { open } = await start({
      letters: three,
      script: { uidl: '+OK\r\n3 c\r\n1 a\r\n2 b\r\n.', list: '+OK\r\n2 1\r\n1 1\r\n3 1\r\n.' },
    });
    expect(await idsOf(await open())).toEqual(['c', 'b', 'a']);
  });

  test('a server without UIDL is refused honestly', async () => {
    const { open } = await start({ letters: three, offers: ['TOP'], script: { uidl: '-ERR unknown command' } });
    const session = await open();
    expect(await codeOf(() => session.list(CALM))).toBe('permanent no-ids');
  });

  test('each listing is a look of its own: new mail is seen with a new log-in, and only then', async () => {
    const { server, open } = await start({ letters: three });
    const session = await open();
    const [before] = await session.list(CALM);
    await idsOf(session);
    expect(server.talks).toHaveLength(1);
    server.letters = [...three, letter('d')];
    expect(await idsOf(session)).toEqual(['d', 'c', 'b', 'a']);
    const [after] = await session.list(CALM);
    expect(after?.state).not.toBe(before?.state);
    expect(server.talks).toHaveLength(2);
  });

  test('the state of other messages of the same number and size is another one', async () => {
    const { server, open } = await start({ letters: three });
    const session = await open();
    const [before] = await session.list(CALM);
    server.letters = [...three.slice(1), letter('d')];
    const [after] = await session.list(CALM);
    expect(after?.state).not.toBe(before?.state);
  });

  test('a server that wants time between two log-ins is given it', async () => {
    const { server, open } = await start({ letters: three, offers: [...POP3_OFFERS, 'LOGIN-DELAY 300'] });
    const session = await open();
    await session.list(CALM);
    expect(await codeOf(() => session.list(CALM))).toBe('transient busy');
    expect(server.talks).toHaveLength(1);
    expect(Object.keys(await fetchAll(session, ['a']))).toEqual(['a']);
  });

  test('another mailbox is not there', async () => {
    const { open } = await start({ letters: three });
    const session = await open();
    expect(await codeOf(() => session.changes(asId.remoteMailbox('Sent'), SINCE, CALM))).toBe('permanent mailbox-missing');
  });
});
