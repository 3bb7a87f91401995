import { forgetChangesUpTo } from '@stopgap/store';
import { describe, expect, test } from 'vitest';
import { TestServer, type Talk } from '../test-server.ts';
import { openMailboxSession } from './mailbox-session.ts';
import { ALICE, TestSession } from './test-session.ts';

const LETTER = 'Subject: hello\r\n\r\nhello\r\n';

/** A mailbox of three that a client has open, and a second one. */
async function open(at: TestSession): Promise<{ readonly server: TestServer; readonly talk: Talk }> {
  await at.arrive([LETTER, LETTER, LETTER], { name: 'Quiet' });
  await at.arrive([LETTER], { name: 'Busy' });
  const server = await TestServer.start({ openSession: (who) => openMailboxSession(who, at.deps) });
  return { server, talk: await server.logIn('Quiet') };
}

/** Somebody else deletes it. */
async function remove(at: TestSession, name: string, uid: number): Promise<void> {
  const { mailbox } = await at.select(name);
  await mailbox.store([[uid, uid]], { kind: 'change', change: { add: ['$deleted'], remove: [] } }, {});
  await mailbox.expunge(undefined);
}

/** All that went is no longer told. */
async function forget(at: TestSession): Promise<void> {
  await at.temp.store.write((tx) => {
    tx.run('DELETE FROM expunged WHERE account_id = ?', ALICE);
    forgetChangesUpTo(tx, ALICE, at.mailboxes.lastChange(ALICE));
  });
}

describe('a connection older than what is remembered of the account', () => {
  test('goes on where nothing went in its mailbox', async () => {
    await using at = await TestSession.open();
    const { server, talk } = await open(at);
    await using _ = server;
    await remove(at, 'Busy', 1);
    await forget(at);
    const { mailbox } = await at.select('Quiet');
    await mailbox.store([[2, 2]], { kind: 'change', change: { add: ['$flagged'], remove: [] } }, {});
    await at.arrive([LETTER], { name: 'Quiet' });
    expect(await talk.command('NOOP')).toEqual(['* 4 EXISTS', String.raw`* 2 FETCH (UID 2 FLAGS (\Flagged))`, 'OK Done']);
  });

  test('is told what went in its mailbox all the same, once', async () => {
    await using at = await TestSession.open();
    const { server, talk } = await open(at);
    await using _ = server;
    await remove(at, 'Quiet', 1);
    await forget(at);
    expect(await talk.command('FETCH 3 UID')).toEqual(['* 3 FETCH (UID 3)', 'OK Done']);
    await remove(at, 'Quiet', 2);
    await at.arrive([LETTER], { name: 'Quiet' });
    await forget(at);
    const lines = await talk.command('NOOP');
    expect(lines.filter((line) => /EXPUNGE|EXISTS|OK/.test(line))).toEqual(['* 1 EXPUNGE', '* 1 EXPUNGE', '* 2 EXISTS', 'OK Done']);
    expect(await talk.command('FETCH 1:* UID')).toEqual(['* 1 FETCH (UID 3)', '* 2 FETCH (UID 4)', 'OK Done']);
  });
});

test('a client that knows all of a mailbox is told of nothing that went, whatever is forgotten of others', async () => {
  await using at = await TestSession.open();
  const { server, talk } = await open(at);
  await using _ = server;
  await talk.command('ENABLE QRESYNC');
  await remove(at, 'Quiet', 1);
  const known = await at.session.status('Quiet');
  await remove(at, 'Busy', 1);
  await forget(at);
  const reselect = async (since: number): Promise<readonly string[]> =>
    (await talk.command(`SELECT Quiet (QRESYNC (${known?.uidValidity} ${since}))`)).filter((line) => /VANISHED|FETCH/.test(line));
  expect(await reselect(known?.highestModSeq ?? 0)).toEqual([]);
  expect(await reselect((known?.highestModSeq ?? 0) - 1)).toEqual(['* VANISHED (EARLIER) 1']);
  expect(await talk.command(`UID FETCH 1:* (FLAGS) (CHANGEDSINCE ${known?.highestModSeq} VANISHED)`)).toEqual(['OK Done']);
});
