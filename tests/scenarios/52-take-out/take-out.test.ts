import { chownSync, cpSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RawImap, readImapValue, until, type ImapValue, type Lab } from '../../lab/index.ts';
import { systemUser } from '../../lab/system-users.ts';
import { startScene, type Scene } from '../../relay/index.ts';
import { letters, mirrorInto, RECEIVED_MS } from './mirrored-mail.ts';

let scene: Scene;
let lab: Lab;
let alice: string;
beforeAll(async () => {
  scene = await startScene({
    lab: { users: ['alice', 'bob'], parts: ['dovecot', 'postfix'] },
    outgoing: ['smtp'],
    config: { retry: { first: '1h', longest: '1h' } },
    // The mailbox is filled by the test itself.
    roles: 'intake,deliver,http',
  });
  ({ lab } = scene);
  alice = lab.address('alice');
  await scene.send('enrol', { to: ['bob'] });
  await scene.settle();
  const { dataDir } = scene.relay;
  await mirrorInto(
    dataDir,
    { address: alice, mailbox: 'INBOX' },
    letters.map((bytes) => ({ bytes, flags: ['$seen', '$flagged'] })),
  );
  await mirrorInto(dataDir, { address: alice, mailbox: 'Projekte/Köln' }, [
    { bytes: Buffer.from('From: carol@only-alice-knows.test\r\nSubject: one\r\n\r\none\r\n'), flags: ['$answered', 'wichtig'] },
  ]);
});

afterAll(async () => {
  await scene?.[Symbol.asyncDispose]();
});

/** Gives alice this Maildir at her provider. */
function moveIn(directory: string): void {
  const home = join(lab.dir, 'mail/alice/Maildir');
  rmSync(home, { recursive: true, force: true });
  cpSync(directory, home, { recursive: true, preserveTimestamps: true });
  const mail = systemUser('mail');
  for (const entry of ['.', ...readdirSync(home, { recursive: true, encoding: 'utf8' })]) chownSync(join(home, entry), mail.uid, mail.gid);
  chownSync(join(lab.dir, 'mail/alice'), mail.uid, mail.gid);
}

async function fetchAll(imap: RawImap, mailbox: string): Promise<readonly (readonly ImapValue[])[]> {
  await imap.command(`EXAMINE "${mailbox}"`);
  const answer = await imap.command('FETCH 1:* (FLAGS INTERNALDATE BODY.PEEK[])');
  const starts = [...answer.matchAll(/^\* \d+ FETCH /gm)].map((found) => found.index + found[0].length);
  return starts.map((start) => readImapValue(answer.slice(start)) as readonly ImapValue[]);
}

test('a take-out is a Maildir that a mail server serves as it is', async () => {
  const directory = join(scene.relay.dataDir, '../taken');
  const { code, stdout, stderr } = await scene.relay.cli(['export', alice, directory]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain(`${letters.length + 1} messages and`);
  expect(readFileSync(join(directory, 'contacts.vcf'), 'utf8')).toContain('EMAIL:carol@only-alice-knows.test\r\n');
  expect((await scene.relay.cli(['export', alice, directory])).stderr).toContain('is not empty');

  moveIn(directory);
  await using imap = new RawImap(lab.ports.imap);
  await imap.command(`LOGIN ${alice} ${lab.password('alice')}`);
  expect(await imap.command('LIST "" *')).toContain('Projekte.K&APY-ln');
  const inbox = await fetchAll(imap, 'INBOX');
  const bytes = inbox.map((one) => Buffer.from(String(one[5]), 'latin1').toString('base64'));
  // Dovecot serves CRLF, whatever the file has, and no NUL.
  const asServed = (one: Buffer) => Buffer.from(one.toString('latin1').replaceAll(/\r?\n/g, '\r\n').replaceAll('\0', '\x80'), 'latin1');
  expect(bytes.sort()).toEqual(letters.map((one) => asServed(one).toString('base64')).sort());
  expect(inbox.every((one) => (one[1] as string[]).includes('\\Seen') && (one[1] as string[]).includes('\\Flagged'))).toBe(true);
  expect(new Set(inbox.map((one) => Date.parse(String(one[3]))))).toEqual(new Set([RECEIVED_MS]));
  const [other] = await fetchAll(imap, 'Projekte.K&APY-ln');
  expect(other?.[1]).toEqual(expect.arrayContaining(['\\Answered', 'wichtig']));
});

/** Files of the data directory in which it stands, receipts apart. */
function filesWith(text: string): string[] {
  return readdirSync(scene.relay.dataDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.endsWith('receipts'))
    .filter((entry) => readFileSync(join(entry.parentPath, entry.name)).includes(text))
    .map((entry) => entry.name);
}

test('erase asks, waits for what waits, and leaves nothing but a receipt', async () => {
  const { relay } = scene;
  await lab.edge.set('submission', { mode: 'refuse' });
  const waiting = await scene.send('waits', { to: ['bob'] });
  await until('it rests', async () => (await scene.show(waiting)).recipients[0]?.state === 'queued');

  const refused = await relay.cli(['erase', alice, '--yes']);
  expect(refused).toMatchObject({ code: 1, stdout: '' });
  expect(refused.stderr).toContain('1 message of this account still waits in the queue');
  const unconfirmed = await relay.cli(['erase', alice, '--with-queue'], 'yes\n');
  expect(unconfirmed.code).toBe(1);
  expect(unconfirmed.stderr).toContain('Nothing was erased');
  expect(filesWith(alice)).not.toEqual([]);

  const { code, stdout } = await relay.cli(['erase', alice, '--with-queue'], `${alice}\n`);
  expect(code).toBe(0);
  expect(stdout).toContain(`${alice} was erased at`);
  const [name = ''] = readdirSync(join(relay.dataDir, 'receipts'));
  const receipt = JSON.parse(readFileSync(join(relay.dataDir, 'receipts', name), 'utf8')) as Record<string, unknown>;
  expect(receipt).toMatchObject({ address: alice, messages: letters.length + 1, submissions: 2, cancelled: 1, isOverwritten: true });

  expect(filesWith(alice)).toEqual([]);
  expect(filesWith('carol@only-alice-knows.test')).toEqual([]);
  expect(await relay.json(['account', 'list'])).toEqual([]);
  expect((await relay.cli(['erase', alice, '--yes'])).stderr).toContain('There is no account');
  expect((await fetch(`http://127.0.0.1:${relay.ports.http}/readyz`)).status).toBe(200);
});
