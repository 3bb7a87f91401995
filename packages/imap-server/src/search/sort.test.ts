import { describe, expect, test } from 'vitest';
import { TestServer, type Talk } from '../test-server.ts';

async function opened(server: TestServer): Promise<Talk> {
  const letter = (from: string, subject: string, day: number, more = ''): string =>
    `From: ${from}\nSubject: ${subject}\nDate: ${day} Nov 2026 00:00:00 +0000\n\n${more}x\n`;
  // By what is shown it is Zed, and then zoe.
  server.mail.deliver('INBOX', letter('zoe@a.test', 'Beta', 3), { receivedAtMs: 3000 });
  server.mail.deliver('INBOX', letter('"Zed" <ann@a.test>', 're: alpha', 2, 'long '), { receivedAtMs: 1000 });
  server.mail.deliver('INBOX', letter('Bob@a.test', 'Alpha', 1), { receivedAtMs: 2000 });
  server.mail.deliver('INBOX', 'Subject: no date\n\nx\n', { receivedAtMs: 500 });
  return await server.logIn('INBOX');
}

describe('SORT (RFC 5256)', () => {
  test.each([
    ['(ARRIVAL)', '4 2 3 1'],
    ['(REVERSE ARRIVAL)', '1 3 2 4'],
    ['(DATE)', '4 3 2 1'],
    ['(FROM)', '4 2 3 1'],
    ['(SUBJECT DATE)', '3 2 1 4'],
    ['(SUBJECT REVERSE DATE)', '2 3 1 4'],
    ['(SIZE)', '4 1 3 2'],
    ['(DISPLAYFROM)', '4 3 2 1'],
    ['(REVERSE DISPLAYFROM)', '1 2 3 4'],
    ['(DISPLAYTO DATE)', '4 3 2 1'],
  ])('%s', async (by, expected) => {
    await using server = await TestServer.start();
    const talk = await opened(server);
    expect(await talk.command(`SORT ${by} UTF-8 ALL`)).toEqual([`* SORT ${expected}`, 'OK Done']);
  });

  test('by UID, of those that are looked for', async () => {
    await using server = await TestServer.start();
    const talk = await opened(server);
    server.mail.expunge('INBOX', [1]);
    await talk.command('NOOP');
    expect(await talk.command('UID SORT (SUBJECT) US-ASCII SUBJECT alpha')).toEqual(['* SORT 2 3', 'OK Done']);
    expect(await talk.command('SORT (SUBJECT) UTF-8 SUBJECT nothing')).toEqual(['* SORT', 'OK Done']);
    expect((await talk.command('SORT (NONSENSE) UTF-8 ALL')).at(-1)).toMatch(/^BAD /);
    expect((await talk.command('SORT (DATE) X-NONE ALL')).at(-1)).toMatch(/^NO \[BADCHARSET/);
  });
});
