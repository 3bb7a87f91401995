/*
 * More programs at the IMAP door: Python's imaplib, curl, imapflow. The provider is dead for as long as they work; when it is back it has what they did.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { normalFlags } from '@stopgap/core';
import { ImapFlow } from 'imapflow';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../../lab/index.ts';
import { letterTo, startMirrorScene, type MirrorScene } from '../../relay/index.ts';

const run = promisify(execFile);
const PATHS = ['imap', 'imaps', 'roundcube'] as const;
const isThere = (program: string, ...args: readonly string[]): Promise<boolean> =>
  run(program, args).then(
    () => true,
    () => false,
  );
const has = { curl: await isThere('curl', '--version'), python: await isThere('python3', '-c', 'import imaplib') };

let scene: MirrorScene;
let alice: string;
let home: string;
let login: { readonly user: string; readonly pass: string };
const letter = (id: string): Buffer => letterTo(id, { from: 'bob@provider.test', to: [alice] });
const places = async (mailbox: string, id: string): Promise<number[]> =>
  (await (await scene.door('alice')).messages(mailbox.split('/'))).flatMap(({ bytes }, index) =>
    bytes.includes(`Subject: about ${id}\r\n`) ? [index] : [],
  );

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'stopgap-imap-programs-'));
  // Not by the webmail, which trims the white space at the end of what it stores: on a busy machine it may be the best path for a moment.
  scene = await startMirrorScene({ incoming: ['imap'], lab: { users: ['alice', 'bob'] } });
  alice = scene.lab.address('alice');
  login = { user: alice, pass: scene.lab.password('alice') };
  const door = await scene.door('alice');
  for (const id of ['one', 'two', 'three', 'four', 'five']) await door.append(['INBOX'], { bytes: letter(id) });
  await scene.add('alice');
  await scene.untilEqual('alice');
  await scene.lab.edge.set([...PATHS], { mode: 'refuse' });
});

afterAll(async () => {
  await scene?.[Symbol.asyncDispose]();
  await rm(home, { recursive: true, force: true });
});

test.runIf(has.python)("Python's imaplib reads, marks, copies, moves, expunges, searches and appends", async () => {
  const script = join(home, 'work.py');
  await writeFile(
    script,
    `
import imaplib, json, ssl, sys
imap, imaps, ca, user, password = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4], sys.argv[5]
context = ssl.create_default_context(cafile=ca)
m = imaplib.IMAP4('localhost', imap)
m.starttls(context)
m.login(user, password)
def find(*criteria):
    return m.uid('SEARCH', None, *criteria)[1][0].decode()
out = {}
out['select'] = m.select('INBOX')[1][0].decode()
one, two, three, four = [find('SUBJECT', '"about %s"' % name) for name in ('one', 'two', 'three', 'four')]
out['body'] = find('BODY', '"empty line"')
out['fetch'] = m.uid('FETCH', one, '(BODY.PEEK[])')[1][0][1].decode('latin1')
out['header'] = m.uid('FETCH', two, '(BODY.PEEK[HEADER.FIELDS (SUBJECT)])')[1][0][1].decode().strip()
m.uid('STORE', one, '+FLAGS', '(\\\\Seen \\\\Flagged todo)')
m.create('Python')
m.uid('COPY', two, 'Python')
m.uid('MOVE', three, 'Python')
m.uid('STORE', four, '+FLAGS', '(\\\\Deleted)')
m.expunge()
m.append('Python', '(\\\\Seen)', imaplib.Time2Internaldate(1700000000), b'Subject: about appended\\r\\n\\r\\nby Python\\r\\n')
out['left'] = len(find('ALL').split())
out['python'] = m.status('Python', '(MESSAGES UNSEEN)')[1][0].decode()
m.close(); m.logout()
try:
    imaplib.IMAP4_SSL('localhost', imaps, ssl_context=context).login(user, 'wrong')
except imaplib.IMAP4.error as e:
    out['error'] = str(e)
print(json.dumps(out))
`,
  );
  const { imap, imaps } = scene.relay.ports;
  const { stdout } = await run('python3', [script, String(imap), String(imaps), scene.relay.caFile, login.user, login.pass]);
  expect(JSON.parse(stdout)).toMatchObject({
    select: '5',
    body: '1 2 3 4 5',
    fetch: letter('one').toString('latin1'),
    header: 'Subject: about two',
    left: 3,
    python: expect.stringMatching(/MESSAGES 3/),
    error: expect.stringContaining('AUTHENTICATIONFAILED'),
  });
});

test.runIf(has.curl)('curl lists, fetches, marks and stores', async () => {
  const { imap, imaps } = scene.relay.ports;
  const options = ['-sS', '--cacert', scene.relay.caFile, '--user', `${login.user}:${login.pass}`];
  const { stdout: listed } = await run('curl', [...options, `imaps://localhost:${imaps}/`]);
  expect(listed).toMatch(/^\* LIST .* "?INBOX"?\r$/m);
  const { stdout: searched } = await run('curl', [...options, '-X', 'UID SEARCH SUBJECT "about five"', `imaps://localhost:${imaps}/INBOX`]);
  const uid = /^\* SEARCH (\d+)\r$/m.exec(searched)?.[1] ?? '';
  const { stdout: mail } = await run('curl', [...options, '--ssl-reqd', `imap://localhost:${imap}/INBOX;UID=${uid}`]);
  expect(mail).toBe(letter('five').toString());
  await run('curl', [...options, '-X', `UID STORE ${uid} +Flags \\Answered`, `imaps://localhost:${imaps}/INBOX`]);
  const file = join(home, 'letter.eml');
  await writeFile(file, letter('by-curl'));
  await run('curl', [...options, '-T', file, `imaps://localhost:${imaps}/INBOX`]);
});

test('imapflow watches, marks, moves and reads, and is told of what another program does', async () => {
  const { imaps } = scene.relay.ports;
  const open = async (): Promise<ImapFlow> => {
    const client = new ImapFlow({
      host: '127.0.0.1',
      port: imaps,
      secure: true,
      auth: login,
      logger: false,
      tls: { rejectUnauthorized: false },
    });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  };
  const [watching, working] = [await open(), await open()];
  try {
    await watching.mailboxOpen('INBOX');
    const counts: number[] = [];
    const gone: number[] = [];
    watching.on('exists', ({ count }: { readonly count: number }) => counts.push(count));
    watching.on('expunge', ({ uid }: { readonly uid?: number }) => gone.push(uid ?? 0));
    const idle = watching.idle();
    const before = (await working.status('INBOX', { messages: true })) || { messages: 0 };
    await working.append('INBOX', letter('by-imapflow'), ['\\Seen']);
    await until('the other one hears of it', () => counts.includes((before.messages ?? 0) + 1));
    await working.mailboxOpen('INBOX');
    const found = await working.search({ subject: 'by-imapflow' }, { uid: true });
    expect(found).toHaveLength(1);
    const range = (found || []).join(',');
    const one = await working.fetchOne(range, { source: true, envelope: true, bodyStructure: true, flags: true }, { uid: true });
    expect(one && one.source?.toString()).toBe(letter('by-imapflow').toString());
    expect(one && one.envelope?.subject).toBe('about by-imapflow');
    await working.messageFlagsAdd(range, ['\\Flagged'], { uid: true });
    await working.mailboxCreate(['Flow', 'Done']);
    await working.messageMove(range, 'Flow/Done', { uid: true });
    await until('the other one hears that it went', () => gone.length > 0);
    await watching.noop();
    await idle;
    expect((await working.getQuota('INBOX')) || undefined).toBeDefined();
  } finally {
    await working.logout();
    watching.close();
  }
});

test('when the provider is back it has everything that was done meanwhile', async () => {
  await scene.lab.edge.set([...PATHS], { mode: 'pass' });
  await until('the last of it is there', async () => (await places('Flow/Done', 'by-imapflow')).length === 1, 90_000);
  await until(
    'all of it is there',
    async () => (await places('INBOX', 'by-curl')).length === 1 && (await places('Python', 'appended')).length === 1,
    60_000,
  );
  await scene.untilEqual('alice');
  const inbox = await (await scene.door('alice')).messages(['INBOX']);
  const flagsOf = new Map(
    inbox.map(({ bytes, flags }) => [/Subject: about (\S+)/.exec(bytes.toString('latin1'))?.[1], normalFlags(flags).join(' ')]),
  );
  expect(Object.fromEntries(flagsOf)).toEqual({
    one: '$flagged $seen todo',
    two: '',
    five: '$answered $seen',
    'by-curl': '$seen',
  });
  expect(await places('Python', 'two')).toHaveLength(1);
  expect(await places('Python', 'three')).toHaveLength(1);
});
