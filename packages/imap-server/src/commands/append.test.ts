import { describe, expect, test } from 'vitest';
import { TestServer } from '../test-server.ts';

const LETTER = 'Subject: x\r\n\r\nbody\r\n';

describe('APPEND', () => {
  test('takes a message with flags and date, octet for octet, when the client has been asked for it', async () => {
    await using server = await TestServer.start();
    const talk = await server.logIn();
    const octets = Buffer.concat([Buffer.from(LETTER), Buffer.from([0, 0xff, 0x0a, 0x0d, 0x80])]);
    const tag = talk.begin(`APPEND "INBOX" (\\Seen $Forwarded) " 2-Jan-2026 03:04:05 +0100" {${octets.length}}`);
    expect(await talk.line()).toBe('+ OK');
    talk.send(octets);
    talk.send('\r\n');
    expect(await talk.answer(tag)).toEqual(['OK [APPENDUID 101 1] Appended']);
    expect(server.mail.folder('INBOX').messages[0]).toMatchObject({
      bytes: octets,
      flags: ['$forwarded', '$seen'],
      receivedAtMs: Date.UTC(2026, 0, 2, 2, 4, 5),
    });
  });

  test('takes a name as a literal, and the message as literal8 or wrapped in UTF8', async () => {
    await using server = await TestServer.start();
    const talk = await server.logIn();
    expect(await talk.command(`APPEND {5+}\r\nINBOX {${LETTER.length}+}\r\n${LETTER}`)).toEqual(['OK [APPENDUID 101 1] Appended']);
    expect(await talk.command(`APPEND INBOX ~{${LETTER.length}+}\r\n${LETTER}`)).toEqual(['OK [APPENDUID 101 2] Appended']);
    expect(await talk.command(`APPEND INBOX (\\Seen) UTF8 (~{${LETTER.length}+}\r\n${LETTER})`)).toEqual(['OK [APPENDUID 101 3] Appended']);
    expect(server.mail.folder('INBOX').messages.map(({ bytes }) => bytes.toString())).toEqual([LETTER, LETTER, LETTER]);
  });

  test('takes many at once (RFC 3502), and all of them or none', async () => {
    await using server = await TestServer.start();
    const talk = await server.logIn();
    const literal = `{${LETTER.length}+}\r\n${LETTER}`;
    expect(await talk.command(`APPEND INBOX ${literal} (\\Seen) ${literal} " 1-Jan-2026 00:00:00 +0000" ${literal}`)).toEqual([
      'OK [APPENDUID 101 1:3] Appended',
    ]);
    expect(await talk.command(`APPEND INBOX ${literal} (\\Seen) {0+}\r\n`)).toEqual(['NO [CANNOT] Nothing was appended']);
    server.mail.appendLimitBytes = 10;
    expect(await talk.command(`APPEND INBOX {5+}\r\nSub:x ${literal}`)).toEqual(['NO [TOOBIG] Message too big, the limit is 10 bytes']);
    expect(server.mail.folder('INBOX').messages).toHaveLength(3);
  });

  test('with more keywords than are kept is refused before the octets, and so are those with it', async () => {
    await using server = await TestServer.start();
    const talk = await server.logIn();
    const flags = Array.from({ length: 101 }, (_, number) => `k${number}`).join(' ');
    const refusal = 'NO [LIMIT] A message can have 100 keywords of 100 characters';
    expect(await talk.command(`APPEND INBOX (${flags}) {10}`)).toEqual([refusal]);
    const literal = `{${LETTER.length}+}\r\n${LETTER}`;
    expect(await talk.command(`APPEND INBOX ${literal} (${flags}) ${literal}`)).toEqual([refusal]);
    expect(server.mail.folder('INBOX').messages).toEqual([]);
  });

  test('into a mailbox that is not there says TRYCREATE before the octets', async () => {
    await using server = await TestServer.start();
    const talk = await server.logIn();
    expect(await talk.command('APPEND nothing {10}')).toEqual(['NO [TRYCREATE] There is no such mailbox']);
    expect(await talk.command(`APPEND nothing {${LETTER.length}+}\r\n${LETTER}`)).toEqual(['NO [TRYCREATE] There is no such mailbox']);
    expect(await talk.command('NOOP')).toEqual(['OK Done']);
  });

  test('past the quota is OVERQUOTA, and the connection goes on', async () => {
    await using server = await TestServer.start();
    server.mail.quotaBytes = 30;
    const talk = await server.logIn();
    expect((await talk.command(`APPEND INBOX {${LETTER.length}+}\r\n${LETTER}`)).at(-1)).toMatch(/^OK /);
    expect(await talk.command(`APPEND INBOX {${LETTER.length}+}\r\n${LETTER}`)).toEqual(['NO [OVERQUOTA] The mailbox is over its quota']);
    expect(await talk.command('NOOP')).toEqual(['OK Done']);
  });

  test('into the open mailbox is told at once', async () => {
    await using server = await TestServer.start();
    const talk = await server.logIn('INBOX');
    expect(await talk.command(`APPEND INBOX {${LETTER.length}+}\r\n${LETTER}`)).toEqual(['* 1 EXISTS', 'OK [APPENDUID 101 1] Appended']);
  });

  test('wakes who waits', async () => {
    await using server = await TestServer.start();
    const [talk, other] = [await server.logIn('INBOX'), await server.logIn('INBOX')];
    const tag = other.begin('IDLE');
    expect(await other.line()).toBe('+ idling');
    await talk.command(`APPEND INBOX {${LETTER.length}+}\r\n${LETTER}`);
    expect(await other.line()).toBe('* 1 EXISTS');
    await talk.command('STORE 1 +FLAGS (\\Flagged)');
    expect(await other.line()).toBe('* 1 FETCH (UID 1 FLAGS (\\Flagged))');
    await talk.command('UID MOVE 1 INBOX');
    expect(await other.line()).toBe('* 1 EXPUNGE');
    expect(await other.line()).toBe('* 1 EXISTS');
    other.send('DONE\r\n');
    expect(await other.answer(tag)).toEqual(['OK Done']);
    expect(await other.command('NOOP')).toEqual(['OK Done']);
  });

  test('IDLE begins with what went while numbers had to stay', async () => {
    await using server = await TestServer.start();
    for (let n = 1; n <= 2; n += 1) server.mail.deliver('INBOX', LETTER);
    const [talk, other] = [await server.logIn('INBOX'), await server.logIn('INBOX')];
    await talk.command('STORE 1 +FLAGS.SILENT (\\Deleted)');
    await talk.command('EXPUNGE');
    expect(await other.command('FETCH 2 UID')).toEqual(['* 2 FETCH (UID 2)', 'OK Done']);
    const tag = other.begin('IDLE');
    expect(await other.line()).toBe('+ idling');
    expect(await other.line()).toBe('* 1 EXPUNGE');
    other.send('DONE\r\n');
    expect(await other.answer(tag)).toEqual(['OK Done']);
  });

  test.each([
    '',
    ' INBOX',
    ' INBOX x {3+}\r\nabc',
    ' INBOX (\\Seen {3+}\r\nabc',
    ' INBOX "no date" {3+}\r\nabc',
    ' INBOX {3+}\r\nabc x',
    ' INBOX {3+}\r\nabc (\\Seen)',
  ])('%j is a fault of the client', async (text) => {
    await using server = await TestServer.start();
    const talk = await server.logIn();
    expect((await talk.command(`APPEND${text}`)).at(-1)).toMatch(/^BAD /);
    expect(await talk.command('NOOP')).toEqual(['OK Done']);
    expect(server.mail.folder('INBOX').messages).toEqual([]);
  });
});
