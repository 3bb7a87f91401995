import { describe, expect, test } from 'vitest';
import { TestServer, type Talk } from '../test-server.ts';

async function opened(server: TestServer): Promise<Talk> {
  server.mail.make('Sent', 'Sent');
  server.mail.make('Projects');
  server.mail.make('Projects/Köln');
  server.mail.make('Lost/Child');
  server.mail.folder('Projects').isSubscribed = false;
  server.mail.deliver('Sent', 'Subject: x\n\nx\n', { flags: ['\\Seen', '\\Deleted'] });
  return await server.logIn();
}

const listed = async (talk: Talk, command: string): Promise<string[]> => (await talk.command(command)).slice(0, -1);

describe('LIST', () => {
  test.each([
    [
      '"" *',
      [
        '(\\HasNoChildren) INBOX',
        '(\\Noselect \\HasChildren) Lost',
        '(\\HasNoChildren) Lost/Child',
        '(\\HasChildren) Projects',
        '(\\HasNoChildren) Projects/K&APY-ln',
        '(\\HasNoChildren \\Sent) Sent',
      ],
    ],
    ['"" %', ['(\\HasNoChildren) INBOX', '(\\Noselect \\HasChildren) Lost', '(\\HasChildren) Projects', '(\\HasNoChildren \\Sent) Sent']],
    ['"" in%', ['(\\HasNoChildren) INBOX']],
    ['Projects/ %', ['(\\HasNoChildren) Projects/K&APY-ln']],
    ['"" "Projects/K&APY-*"', ['(\\HasNoChildren) Projects/K&APY-ln']],
    ['"" (Sent INBOX)', ['(\\HasNoChildren) INBOX', '(\\HasNoChildren \\Sent) Sent']],
    ['(SUBSCRIBED) "" P*', ['(\\HasNoChildren \\Subscribed) Projects/K&APY-ln']],
    ['(SUBSCRIBED RECURSIVEMATCH) "" P%', ['(\\HasChildren) Projects ("CHILDINFO" ("SUBSCRIBED"))']],
    ['(SUBSCRIBED RECURSIVEMATCH) "" P*', ['(\\HasNoChildren \\Subscribed) Projects/K&APY-ln']],
    ['(SPECIAL-USE) "" *', ['(\\HasNoChildren \\Sent) Sent']],
    ['"" S* RETURN (SUBSCRIBED CHILDREN)', ['(\\HasNoChildren \\Subscribed \\Sent) Sent']],
    ['"" nothing', []],
  ])('%s', async (text, expected) => {
    await using server = await TestServer.start();
    const talk = await opened(server);
    const lines = await listed(talk, `LIST ${text}`);
    expect(lines.map((line) => line.replace('* LIST ', '').replace(/ "\/" "([^"]*)"/, ' $1'))).toEqual(expected);
  });

  test('says by what those below were selected (RFC 5258 4)', async () => {
    await using server = await TestServer.start();
    const talk = await opened(server);
    server.mail.make('Lost/Bin', 'Trash');
    for (const [options, info] of [
      ['SPECIAL-USE RECURSIVEMATCH', '"SPECIAL-USE"'],
      ['RECURSIVEMATCH SPECIAL-USE SUBSCRIBED', '"SUBSCRIBED" "SPECIAL-USE"'],
    ]) {
      expect(await listed(talk, `LIST (${options}) "" Lost`)).toEqual([
        String.raw`* LIST (\Noselect \HasChildren) "/" "Lost" ("CHILDINFO" (${info}))`,
      ]);
    }
  });

  test('of nothing asks for the separator', async () => {
    await using server = await TestServer.start();
    const talk = await opened(server);
    expect(await listed(talk, 'LIST "" ""')).toEqual([String.raw`* LIST (\Noselect) "/" ""`]);
  });

  test('brings the counts along (RFC 5819)', async () => {
    await using server = await TestServer.start();
    const talk = await opened(server);
    expect(await listed(talk, 'LIST "" Sent RETURN (STATUS (MESSAGES UNSEEN SIZE DELETED))')).toEqual([
      String.raw`* LIST (\HasNoChildren \Sent) "/" "Sent"`,
      '* STATUS "Sent" (MESSAGES 1 UNSEEN 0 SIZE 17 DELETED 1)',
    ]);
  });

  test('speaks UTF-8 and says NonExistent after ENABLE IMAP4rev2', async () => {
    await using server = await TestServer.start();
    const talk = await opened(server);
    expect((await talk.command('ENABLE')).at(-1)).toMatch(/^BAD /);
    expect(await talk.command('ENABLE IMAP4rev2 NONSENSE')).toEqual(['* ENABLED IMAP4rev2', 'OK Done']);
    expect(await listed(talk, 'LIST "" (Lost Projects/*)')).toEqual([
      String.raw`* LIST (\NonExistent \HasChildren) "/" "Lost"`,
      `* LIST (\\HasNoChildren) "/" "Projects/${Buffer.from('Köln').toString('latin1')}"`,
    ]);
  });

  test.each(['', '""', '"" * RETURN', '(NONSENSE) "" *', '(RECURSIVEMATCH) "" *', '"" * RETURN (STATUS)', '"" "a&b"'])(
    '%j is a fault of the client',
    async (text) => {
      await using server = await TestServer.start();
      const talk = await opened(server);
      expect((await talk.command(`LIST ${text}`)).at(-1)).toMatch(/^BAD /);
    },
  );
});

describe('mailboxes', () => {
  test('LSUB tells what is subscribed, and where to look for it (RFC 3501 6.3.9)', async () => {
    await using server = await TestServer.start();
    const talk = await opened(server);
    expect(await listed(talk, 'LSUB "" %')).toEqual([
      '* LSUB () "/" "INBOX"',
      String.raw`* LSUB (\Noselect) "/" "Lost"`,
      String.raw`* LSUB (\Noselect) "/" "Projects"`,
      '* LSUB () "/" "Sent"',
    ]);
    expect(await listed(talk, 'LSUB "" *')).toEqual([
      '* LSUB () "/" "INBOX"',
      '* LSUB () "/" "Lost/Child"',
      '* LSUB () "/" "Projects/K&APY-ln"',
      '* LSUB () "/" "Sent"',
    ]);
    await talk.command('UNSUBSCRIBE Sent');
    expect(await listed(talk, 'LSUB "" S*')).toEqual([]);
    await talk.command('SUBSCRIBE Sent');
    expect(await listed(talk, 'LSUB "" S*')).toEqual(['* LSUB () "/" "Sent"']);
    expect((await talk.command('SUBSCRIBE nothing')).at(-1)).toMatch(/^NO \[NONEXISTENT\]/);
  });

  test('that were deleted stay on the list of subscriptions until they are taken from it (RFC 9051 6.3.7, RFC 5258 3)', async () => {
    await using server = await TestServer.start();
    const talk = await opened(server);
    await talk.command('DELETE Projects/K&APY-ln');
    await talk.command('DELETE Lost/Child');
    expect(await listed(talk, 'LSUB "" *')).toEqual([
      '* LSUB () "/" "INBOX"',
      String.raw`* LSUB (\NonExistent) "/" "Lost/Child"`,
      String.raw`* LSUB (\NonExistent) "/" "Projects/K&APY-ln"`,
      '* LSUB () "/" "Sent"',
    ]);
    expect(await listed(talk, 'LIST (SUBSCRIBED) "" (Lost* P*)')).toEqual([
      String.raw`* LIST (\NonExistent \HasNoChildren \Subscribed) "/" "Lost/Child"`,
      String.raw`* LIST (\NonExistent \HasNoChildren \Subscribed) "/" "Projects/K&APY-ln"`,
    ]);
    expect(await listed(talk, 'LIST (SUBSCRIBED RECURSIVEMATCH) "" (Lost P%)')).toEqual([
      String.raw`* LIST (\Noselect \HasNoChildren) "/" "Lost" ("CHILDINFO" ("SUBSCRIBED"))`,
      String.raw`* LIST (\HasNoChildren) "/" "Projects" ("CHILDINFO" ("SUBSCRIBED"))`,
    ]);
    for (const plain of ['LIST "" (Lost* P*)', 'LIST "" (Lost* P*) RETURN (SUBSCRIBED CHILDREN)', 'LIST (REMOTE) "" (Lost* P*)']) {
      expect(await listed(talk, plain)).toEqual([String.raw`* LIST (\HasNoChildren) "/" "Projects"`]);
    }
    expect(await talk.command('UNSUBSCRIBE Lost/Child')).toEqual(['OK Done']);
    expect(await listed(talk, 'LSUB "" Lost*')).toEqual([]);
    // RFC 9051 6.3.8.
    expect(await talk.command('UNSUBSCRIBE Lost/Child')).toEqual(['OK Done']);
  });

  test('STATUS', async () => {
    await using server = await TestServer.start();
    const talk = await opened(server);
    expect(
      await talk.command('STATUS Sent (MESSAGES UIDNEXT UIDVALIDITY UNSEEN RECENT SIZE MAILBOXID APPENDLIMIT DELETED DELETED-STORAGE)'),
    ).toEqual([
      '* STATUS "Sent" (MESSAGES 1 UIDNEXT 2 UIDVALIDITY 102 UNSEEN 0 RECENT 0 SIZE 17 MAILBOXID (M102) APPENDLIMIT 1000000 DELETED 1 DELETED-STORAGE 1)',
      'OK Done',
    ]);
    expect(await talk.command('STATUS nothing (MESSAGES)')).toEqual(['NO [NONEXISTENT] No such mailbox']);
    expect((await talk.command('STATUS Sent (NONSENSE)')).at(-1)).toMatch(/^BAD /);
  });

  test('are made, renamed and deleted', async () => {
    await using server = await TestServer.start();
    const talk = await opened(server);
    expect(await talk.command('CREATE "New/"')).toEqual(['OK [MAILBOXID (M106)] Created']);
    expect(await talk.command('CREATE New')).toEqual(['NO [ALREADYEXISTS] There is a mailbox of this name already']);
    expect(await talk.command('CREATE inbox')).toEqual(['NO [ALREADYEXISTS] There is a mailbox of this name already']);
    expect(await talk.command('CREATE Bin (USE (\\Trash))')).toEqual(['OK [MAILBOXID (M107)] Created']);
    expect((await talk.command('CREATE Bin2 (USE (\\Trash))')).at(-1)).toMatch(/^NO \[USEATTR\]/);
    expect((await talk.command('CREATE Bin2 (USE (\\Nonsense))')).at(-1)).toMatch(/^NO \[USEATTR\]/);
    expect(await talk.command('RENAME New "Gr&APYA3w-e"')).toEqual(['OK Renamed']);
    expect(await talk.command('RENAME New x')).toEqual(['NO [NONEXISTENT] There is no such mailbox']);
    expect(await talk.command('DELETE "Gr&APYA3w-e"')).toEqual(['OK Deleted']);
    expect(await talk.command('DELETE INBOX')).toEqual(['NO [CANNOT] INBOX can not be deleted']);
    expect(await talk.command('DELETE Projects')).toEqual(['NO [HASCHILDREN] There are mailboxes below it']);
    expect((await talk.command('CREATE "../../x"')).at(-1)).toMatch(/^(?:OK|NO) /);
    expect((await talk.command(`CREATE ${'x'.repeat(5000)}`)).at(-1)).toMatch(/^BAD /);
    expect(server.mail.folders.map(({ name }) => name)).toContain('Bin');
  });

  test('that are deleted end the connection of others who have them open, and are closed for who does it, whatever is enabled', async () => {
    await using server = await TestServer.start();
    const talk = await opened(server);
    const other = await server.logIn('Lost/Child');
    await talk.command('SELECT Lost/Child');
    expect(await talk.command('DELETE Lost/Child')).toEqual(['* OK [CLOSED] Closed', 'OK Deleted']);
    expect(await talk.command('FETCH 1 FLAGS')).toEqual(['BAD Select a mailbox first']);
    other.send('x NOOP\r\n');
    expect(await other.rest()).toBe('* BYE [UNAVAILABLE] The mailbox changed under your hands, open it again\r\n');
    expect(server.failures).toEqual([]);
  });

  test('NAMESPACE, ID and quota', async () => {
    await using server = await TestServer.start();
    const talk = await opened(server);
    expect(await talk.command('NAMESPACE')).toEqual(['* NAMESPACE (("" "/")) NIL NIL', 'OK Done']);
    expect(await talk.command('ID ("name" "x" "version" NIL)')).toEqual(['* ID ("name" "Stopgap")', 'OK Done']);
    expect(await talk.command('ID NIL')).toEqual(['* ID ("name" "Stopgap")', 'OK Done']);
    expect(await talk.command('GETQUOTAROOT inbox')).toEqual(['* QUOTAROOT "INBOX" ""', '* QUOTA "" (STORAGE 1 9766)', 'OK Done']);
    expect(await talk.command('GETQUOTA ""')).toEqual(['* QUOTA "" (STORAGE 1 9766)', 'OK Done']);
    expect(await talk.command('GETQUOTA other')).toEqual(['NO [NONEXISTENT] No such quota root']);
  });

  test('without a quota there is no such command, and it is not advertised', async () => {
    await using server = await TestServer.start();
    server.mail.quotaBytes = undefined;
    const talk = await server.logIn();
    expect((await talk.command('CAPABILITY'))[0]).not.toContain('QUOTA');
    expect(await talk.command('GETQUOTA ""')).toEqual(['BAD Unknown command']);
  });

  test('CLOSE removes what is marked without a word, UNSELECT and an examined mailbox nothing', async () => {
    await using server = await TestServer.start();
    const talk = await opened(server);
    await talk.command('EXAMINE Sent');
    await talk.command('CLOSE');
    await talk.command('SELECT Sent');
    expect(await talk.command('UNSELECT')).toEqual(['OK Closed']);
    expect(server.mail.folder('Sent').messages).toHaveLength(1);
    await talk.command('SELECT Sent');
    expect(await talk.command('CLOSE')).toEqual(['OK Closed']);
    expect(server.mail.folder('Sent').messages).toHaveLength(0);
    expect(await talk.command('CLOSE')).toEqual(['BAD Select a mailbox first']);
  });

  test('a SELECT that fails leaves none selected (RFC 9051 6.3.2)', async () => {
    await using server = await TestServer.start();
    const talk = await opened(server);
    await talk.command('SELECT Sent');
    expect(await talk.command('SELECT nothing')).toEqual(['* OK [CLOSED] Closed', 'NO [NONEXISTENT] There is no such mailbox']);
    expect(await talk.command('FETCH 1 FLAGS')).toEqual(['BAD Select a mailbox first']);
  });

  test('are told with all their attributes by SELECT and RENAME of IMAP4rev2 (RFC 9051 6.3.2, 6.3.6)', async () => {
    await using server = await TestServer.start();
    const talk = await opened(server);
    await talk.command('ENABLE IMAP4rev2');
    server.mail.folder('Sent').isSubscribed = true;
    expect(await talk.command('SELECT Sent')).toContain(String.raw`* LIST (\HasNoChildren \Subscribed \Sent) "/" "Sent"`);
    expect(await talk.command('RENAME Sent Gone')).toContain(
      String.raw`* LIST (\HasNoChildren \Subscribed \Sent) "/" "Gone" ("OLDNAME" ("Sent"))`,
    );
  });
});
