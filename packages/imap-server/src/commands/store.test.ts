import { describe, expect, test } from 'vitest';
import { TestServer, type Talk } from '../test-server.ts';

async function opened(server: TestServer, messages = 3): Promise<Talk> {
  server.mail.make('Other');
  for (let n = 1; n <= messages; n += 1) server.mail.deliver('INBOX', `Subject: ${n}\n\n${n}\n`);
  return await server.logIn('INBOX');
}

describe('STORE', () => {
  test('changes flags and tells them of all it was asked for, changed or not', async () => {
    await using server = await TestServer.start();
    const talk = await opened(server);
    expect(await talk.command('STORE 1:2 +FLAGS (\\Seen work)')).toEqual([
      '* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft work)',
      '* OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft work \\*)] Flags that can be changed',
      '* 1 FETCH (UID 1 FLAGS (\\Seen work))',
      '* 2 FETCH (UID 2 FLAGS (\\Seen work))',
      'OK Done',
    ]);
    expect(await talk.command('UID STORE 2:3 -FLAGS work')).toEqual([
      '* 2 FETCH (UID 2 FLAGS (\\Seen))',
      '* 3 FETCH (UID 3 FLAGS ())',
      'OK Done',
    ]);
    expect(await talk.command('STORE 3 FLAGS \\Flagged \\Draft')).toEqual(['* 3 FETCH (UID 3 FLAGS (\\Draft \\Flagged))', 'OK Done']);
    expect(await talk.command('STORE 1 FLAGS ()')).toEqual(['* 1 FETCH (UID 1 FLAGS ())', 'OK Done']);
    expect(await talk.command('STORE 1:3 +FLAGS.SILENT (\\Seen)')).toEqual(['OK Done']);
  });

  test('tells of what it changed without looking again, and of the rest by a look', async () => {
    await using server = await TestServer.start();
    const talk = await opened(server);
    expect(await talk.command('STORE 1:2 +FLAGS (\\Seen)')).toHaveLength(3);
    expect(server.mail.fetches).toBe(0);
    expect(await talk.command('STORE 1:3 +FLAGS (\\Seen)')).toHaveLength(4);
    expect(server.mail.fetches).toBe(1);
  });

  test('is seen by the others, even if it was silent', async () => {
    await using server = await TestServer.start();
    const talk = await opened(server);
    const other = await server.logIn('INBOX');
    await talk.command('STORE 2 +FLAGS.SILENT (\\Seen)');
    expect(await other.command('NOOP')).toEqual(['* 2 FETCH (UID 2 FLAGS (\\Seen))', 'OK Done']);
    expect(await talk.command('NOOP')).toEqual(['OK Done']);
  });

  test('with UNCHANGEDSINCE leaves alone what somebody else has changed (RFC 7162 3.1.3)', async () => {
    await using server = await TestServer.start();
    const talk = await opened(server);
    const before = server.mail.modSeq;
    server.mail.setFlags('INBOX', 2, ['\\Flagged']);
    const changed = server.mail.modSeq;
    expect(await talk.command(`STORE 1:3 (UNCHANGEDSINCE ${before}) +FLAGS.SILENT (\\Seen)`)).toEqual([
      '* 2 FETCH (UID 2 FLAGS (\\Flagged))',
      `* OK [HIGHESTMODSEQ ${changed}] Highest`,
      `* 1 FETCH (UID 1 MODSEQ (${changed + 1}))`,
      `* 3 FETCH (UID 3 MODSEQ (${changed + 1}))`,
      'OK [MODIFIED 2] Some had changed meanwhile',
    ]);
    expect((await talk.command('UID STORE 1:3 (UNCHANGEDSINCE 0) FLAGS ()')).at(-1)).toBe('OK [MODIFIED 1:3] Some had changed meanwhile');
  });

  test('with UNCHANGEDSINCE says MODIFIED also where others are gone (RFC 7162 3.1.3)', async () => {
    await using server = await TestServer.start();
    const talk = await opened(server);
    const before = server.mail.modSeq;
    server.mail.setFlags('INBOX', 2, ['\\Flagged']);
    server.mail.expunge('INBOX', [3]);
    expect((await talk.command(`STORE 1:3 (UNCHANGEDSINCE ${before}) +FLAGS (\\Seen)`)).at(-1)).toBe(
      'NO [MODIFIED 2] Some had changed meanwhile, some are gone',
    );
  });

  test('with UNCHANGEDSINCE tells the number of each that passed, also where nothing was to do (RFC 7162 3.1.3)', async () => {
    await using server = await TestServer.start();
    const talk = await opened(server);
    server.mail.setFlags('INBOX', 2, ['\\Seen']);
    const { modSeq } = server.mail;
    expect((await talk.command(`UID STORE 1:2 (UNCHANGEDSINCE ${modSeq}) +FLAGS.SILENT (\\Seen)`)).slice(-3)).toEqual([
      `* 1 FETCH (UID 1 MODSEQ (${modSeq + 1}))`,
      `* 2 FETCH (UID 2 MODSEQ (${modSeq}))`,
      'OK Done',
    ]);
  });

  test('that turns CONDSTORE on tells no number beyond what went and could not be told yet (RFC 7162 3.2.10)', async () => {
    await using server = await TestServer.start();
    const [talk, other] = [await opened(server), await server.logIn('INBOX')];
    const known = server.mail.modSeq;
    await other.command('STORE 1 +FLAGS.SILENT (\\Deleted)');
    await other.command('EXPUNGE');
    expect((await talk.command(`STORE 2 (UNCHANGEDSINCE ${known}) +FLAGS.SILENT (\\Seen)`))[0]).toBe(
      `* OK [HIGHESTMODSEQ ${known}] Highest`,
    );
    expect(await talk.command('NOOP')).toEqual(['* 1 EXPUNGE', 'OK Done']);
  });

  test('of more keywords than are kept, or longer ones, is refused and changes nothing (RFC 5530 LIMIT)', async () => {
    await using server = await TestServer.start();
    const talk = await opened(server);
    const keywords = (count: number): string => Array.from({ length: count }, (_, number) => `k${number}`).join(' ');
    for (const action of ['FLAGS', '+FLAGS', '-FLAGS.SILENT']) {
      expect(await talk.command(`STORE 1 ${action} (\\Seen ${keywords(101)})`)).toEqual([
        'NO [LIMIT] A message can have 100 keywords of 100 characters',
      ]);
    }
    expect(await talk.command(`STORE 1 +FLAGS (${'k'.repeat(101)})`)).toEqual([
      'NO [LIMIT] A message can have 100 keywords of 100 characters',
    ]);
    expect(server.mail.folder('INBOX').messages[0]?.flags).toEqual([]);
    expect((await talk.command(`STORE 1 +FLAGS.SILENT (\\Seen \\Flagged ${keywords(100)})`)).at(-1)).toBe('OK Done');
    expect(server.mail.folder('INBOX').messages[0]?.flags).toHaveLength(102);
  });

  test.each([
    '',
    '1',
    '1 FLAGS',
    '1 FLAG (\\Seen)',
    '1 FLAGS (\\Seen',
    '1 (NONSENSE 1) FLAGS ()',
    '0 FLAGS ()',
    '4 FLAGS ()',
    '1 *FLAGS ()',
  ])('%j is a fault of the client', async (text) => {
    await using server = await TestServer.start();
    const talk = await opened(server);
    expect((await talk.command(`STORE ${text}`)).at(-1)).toMatch(/^BAD /);
  });
});

describe('a mailbox that keeps few flags', () => {
  test('says which, changes these alone, and is not marked as seen', async () => {
    await using server = await TestServer.start();
    server.mail.folder('INBOX').permanentFlags = ['$deleted'];
    const talk = await opened(server);
    expect(await talk.command('SELECT INBOX')).toContain('* OK [PERMANENTFLAGS (\\Deleted)] Flags that can be changed');
    expect(await talk.command('STORE 1 +FLAGS (\\Seen)')).toEqual(['NO [NOPERM] These flags can not be changed here']);
    expect(await talk.command('STORE 1 +FLAGS (\\Seen \\Deleted)')).toEqual(['* 1 FETCH (UID 1 FLAGS (\\Deleted))', 'OK Done']);
    await talk.command('FETCH 2 BODY[]');
    expect(server.mail.folder('INBOX').messages[1]?.flags).toEqual([]);
    expect(await talk.command('EXPUNGE')).toEqual(['* 1 EXPUNGE', 'OK Expunged']);
  });
});

describe('COPY and MOVE', () => {
  test('tell the new UIDs (RFC 4315)', async () => {
    await using server = await TestServer.start();
    const talk = await opened(server);
    expect(await talk.command('COPY 1,3 Other')).toEqual(['OK [COPYUID 102 1,3 1:2] Copied']);
    expect(await talk.command('UID COPY 2 Other')).toEqual(['OK [COPYUID 102 2 3] Copied']);
    expect(await talk.command('UID COPY 99 Other')).toEqual(['OK There was nothing to do']);
    expect(await talk.command('MOVE 1:2 Other')).toEqual(['* OK [COPYUID 102 1:2 4:5] Moved', '* 1 EXPUNGE', '* 1 EXPUNGE', 'OK Moved']);
    expect(await talk.command('FETCH 1 UID')).toEqual(['* 1 FETCH (UID 3)', 'OK Done']);
  });

  test('MOVE tells the number of the change to who has enabled QRESYNC (RFC 6851 4.4)', async () => {
    await using server = await TestServer.start();
    const talk = await opened(server);
    await talk.command('ENABLE QRESYNC');
    expect((await talk.command('UID MOVE 1:2 Other')).slice(1)).toEqual([
      '* VANISHED 1:2',
      `OK [HIGHESTMODSEQ ${server.mail.modSeq}] Moved`,
    ]);
  });

  test('to a mailbox that is not there say TRYCREATE and do nothing', async () => {
    await using server = await TestServer.start();
    const talk = await opened(server);
    expect(await talk.command('COPY 1 nothing')).toEqual(['NO [TRYCREATE] There is no such mailbox']);
    expect(await talk.command('UID MOVE 1 nothing')).toEqual(['NO [TRYCREATE] There is no such mailbox']);
    expect(server.mail.folder('INBOX').messages).toHaveLength(3);
  });
});

describe('EXPUNGE', () => {
  test('removes what is marked; UID EXPUNGE only of those that are named', async () => {
    await using server = await TestServer.start();
    const talk = await opened(server, 5);
    await talk.command('STORE 1,3,5 +FLAGS.SILENT (\\Deleted)');
    expect(await talk.command('UID EXPUNGE 1:4')).toEqual(['* 1 EXPUNGE', '* 2 EXPUNGE', 'OK Expunged']);
    expect(await talk.command('EXPUNGE')).toEqual(['* 3 EXPUNGE', 'OK Expunged']);
    expect(await talk.command('EXPUNGE')).toEqual(['OK Expunged']);
    expect(await talk.command('UID FETCH 1:* UID')).toEqual(['* 1 FETCH (UID 2)', '* 2 FETCH (UID 4)', 'OK Done']);
  });
});
