import { asId } from '@stopgap/core';
import { describe, expect, test } from 'vitest';
import { TestServer, type Talk } from '../test-server.ts';

async function opened(server: TestServer, ...enabled: string[]): Promise<Talk> {
  for (let n = 1; n <= 6; n += 1) server.mail.deliver('INBOX', `Subject: ${n}\n\n${n}\n`);
  const talk = await server.logIn();
  for (const name of enabled) await talk.command(`ENABLE ${name}`);
  return talk;
}

const untagged = (lines: readonly string[]): string[] => lines.filter((line) => /VANISHED|FETCH|EXPUNGE/.test(line));

describe('CONDSTORE (RFC 7162)', () => {
  test('once enabled every change comes with its number', async () => {
    await using server = await TestServer.start();
    const talk = await opened(server, 'CONDSTORE');
    await talk.command('SELECT INBOX');
    server.mail.setFlags('INBOX', 2, ['\\Seen']);
    const { modSeq } = server.mail;
    expect(await talk.command('NOOP')).toEqual([`* 2 FETCH (UID 2 FLAGS (\\Seen) MODSEQ (${modSeq}))`, 'OK Done']);
    expect(await talk.command('STORE 1 +FLAGS.SILENT (\\Seen)')).toEqual([`* 1 FETCH (UID 1 MODSEQ (${modSeq + 1}))`, 'OK Done']);
    expect(await talk.command(`FETCH 1:* (FLAGS) (CHANGEDSINCE ${modSeq})`)).toEqual([
      `* 1 FETCH (FLAGS (\\Seen) MODSEQ (${modSeq + 1}))`,
      'OK Done',
    ]);
    expect(await talk.command(`UID FETCH 1:* (FLAGS) (CHANGEDSINCE ${modSeq + 1})`)).toEqual(['OK Done']);
  });

  test.each(['SELECT INBOX (CONDSTORE)', 'STATUS INBOX (HIGHESTMODSEQ)'])('%s turns it on', async (command) => {
    await using server = await TestServer.start();
    const talk = await opened(server);
    await talk.command(command);
    await talk.command('SELECT INBOX');
    server.mail.setFlags('INBOX', 2, ['\\Seen']);
    expect((await talk.command('NOOP'))[0]).toContain('MODSEQ');
  });
});

describe('QRESYNC (RFC 7162)', () => {
  test('tells what vanished and what changed since the client was here', async () => {
    await using server = await TestServer.start();
    const talk = await opened(server, 'QRESYNC');
    const [before, validity] = [server.mail.modSeq, server.mail.folder('INBOX').uidValidity];
    server.mail.expunge('INBOX', [2, 3, 6]);
    server.mail.setFlags('INBOX', 4, ['\\Seen']);
    const { modSeq } = server.mail;
    const select = async (parameters: string): Promise<string[]> => untagged(await talk.command(`SELECT INBOX (QRESYNC (${parameters}))`));
    const changed = `* 2 FETCH (UID 4 FLAGS (\\Seen) MODSEQ (${modSeq}))`;
    expect(await select(`${validity} ${before}`)).toEqual(['* VANISHED (EARLIER) 2:3,6', changed]);
    expect(await select(`${validity} ${before} 1:5`)).toEqual(['* VANISHED (EARLIER) 2:3', changed]);
    expect(await select(`${validity} ${before} 1:5 (1:2 1:2)`)).toEqual(['* VANISHED (EARLIER) 2:3', changed]);
    expect(await select(`${validity} ${modSeq}`)).toEqual([]);
    // Another mailbox of that name: nothing of what the client knows holds.
    expect(await select(`${validity + 1} ${before}`)).toEqual([]);
    expect(await talk.command(`UID FETCH 1:* (FLAGS) (CHANGEDSINCE ${before} VANISHED)`)).toEqual([
      '* VANISHED (EARLIER) 2:3,6',
      `* 2 FETCH (UID 4 FLAGS (\\Seen) MODSEQ (${modSeq}))`,
      'OK Done',
    ]);
  });

  test('what is too long ago is answered with everything that is not there', async () => {
    await using server = await TestServer.start();
    const talk = await opened(server, 'QRESYNC');
    const { uidValidity } = server.mail.folder('INBOX');
    server.mail.expunge('INBOX', [1, 3, 4, 6]);
    server.mail.folder('INBOX').forgottenModSeq = asId.modSeq(2);
    expect(untagged(await talk.command(`SELECT INBOX (QRESYNC (${uidValidity} 1))`))).toContain('* VANISHED (EARLIER) 1,3:4,6');
    expect(untagged(await talk.command(`SELECT INBOX (QRESYNC (${uidValidity} 1 2:4))`))).toContain('* VANISHED (EARLIER) 3:4');
  });

  test('of UIDs that were never given nothing is said', async () => {
    await using server = await TestServer.start();
    const talk = await opened(server, 'QRESYNC');
    const { uidValidity } = server.mail.folder('INBOX');
    server.mail.folder('INBOX').forgottenModSeq = asId.modSeq(2);
    expect(untagged(await talk.command(`SELECT INBOX (QRESYNC (${uidValidity} 1 5:99))`)).join()).not.toContain('VANISHED');
  });

  test('says VANISHED instead of EXPUNGE', async () => {
    await using server = await TestServer.start();
    const talk = await opened(server, 'QRESYNC');
    await talk.command('SELECT INBOX');
    server.mail.expunge('INBOX', [2, 3]);
    expect(await talk.command('NOOP')).toEqual(['* VANISHED 2:3', 'OK Done']);
    await talk.command('STORE 1 +FLAGS.SILENT (\\Deleted)');
    const lines = await talk.command('EXPUNGE');
    expect(lines[0]).toBe('* VANISHED 1');
    expect(lines[1]).toMatch(/^OK \[HIGHESTMODSEQ \d+\] Expunged$/);
  });

  test('says which number to keep as long as VANISHED has to wait, and which one after it', async () => {
    await using server = await TestServer.start();
    const talk = await opened(server, 'QRESYNC');
    await talk.command('SELECT INBOX');
    const before = server.mail.modSeq;
    server.mail.expunge('INBOX', [2]);
    server.mail.setFlags('INBOX', 3, ['\\Seen']);
    const { modSeq } = server.mail;
    const flags = `* 3 FETCH (UID 3 FLAGS (\\Seen) MODSEQ (${modSeq}))`;
    const keep = `* OK [HIGHESTMODSEQ ${before}] Keep this one, something has vanished`;
    expect(await talk.command('FETCH 3 (MODSEQ)')).toEqual([flags, `* 3 FETCH (MODSEQ (${modSeq}))`, keep, 'OK Done']);
    expect(await talk.command('STORE 3 +FLAGS.SILENT (\\Seen)')).toEqual([keep, 'OK Done']);
    expect(await talk.command('NOOP')).toEqual(['* VANISHED 2', `* OK [HIGHESTMODSEQ ${modSeq}] Highest`, 'OK Done']);
    expect(await talk.command('FETCH 1 (UID)')).toEqual(['* 1 FETCH (UID 1)', 'OK Done']);
  });

  test('must be enabled first', async () => {
    await using server = await TestServer.start();
    const talk = await opened(server);
    expect(await talk.command('SELECT INBOX (QRESYNC (1 1))')).toEqual(['BAD QRESYNC must be enabled first']);
    await talk.command('SELECT INBOX');
    expect(await talk.command('UID FETCH 1 FLAGS (CHANGEDSINCE 1 VANISHED)')).toEqual(['BAD VANISHED needs UID FETCH and QRESYNC']);
  });
});

test('after ENABLE IMAP4rev2 a SELECT speaks as RFC 9051 says', async () => {
  await using server = await TestServer.start();
  server.mail.make('Größe');
  const talk = await opened(server, 'IMAP4rev2');
  await talk.command('SELECT INBOX');
  const lines = await talk.command(`SELECT "${Buffer.from('Größe').toString('latin1')}"`);
  expect(lines[0]).toBe('* OK [CLOSED] Closed');
  expect(lines).toContain(`* LIST (\\HasNoChildren \\Subscribed) "/" "${Buffer.from('Größe').toString('latin1')}"`);
  expect(lines.join()).not.toMatch(/RECENT|UNSEEN/);
});

test('a SELECT says where the mailbox before ends, whatever is enabled (RFC 7162 3.2.11)', async () => {
  await using server = await TestServer.start();
  const talk = await opened(server);
  expect(await talk.command('SELECT INBOX')).not.toContain('* OK [CLOSED] Closed');
  expect((await talk.command('EXAMINE INBOX'))[0]).toBe('* OK [CLOSED] Closed');
});
