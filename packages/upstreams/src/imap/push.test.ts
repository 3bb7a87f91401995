/* What is said to a server that changes things, and what is not. */
import { asId, MailError, Secret, type IncomingSession, type RemoteAppend, type RemotePush } from '@stopgap/core';
import { startHostileImap, type HostileImap, type HostileImapOptions } from '@stopgap/testkit';
import { afterEach, expect, test } from 'vitest';
import { createGuard } from '../net/guard.ts';
import { createImapUpstream } from './upstream.ts';

const CALM = new AbortController().signal;
const inbox = asId.remoteMailbox('INBOX');
const target = asId.remoteMailbox('Archive');
const ids = (...uids: readonly number[]) => uids.map((uid) => asId.remoteMessage(String(uid)));
const THREE = [1, 2, 3].map((uid) => ({ uid, bytes: Buffer.from(`Subject: ${uid}\r\n\r\n`) }));
const COPIED = '$tag OK [COPYUID 7 1:2 11:12] done';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function start(
  options: HostileImapOptions,
): Promise<{ readonly push: RemotePush; readonly session: IncomingSession; readonly server: HostileImap }> {
  const server = await startHostileImap({ messages: THREE, ...options });
  const upstream = createImapUpstream({ guard: createGuard({ allowPrivate: true }) });
  const path = {
    id: asId.path('test'),
    provider: asId.provider('test'),
    direction: 'incoming',
    connections: 1,
    kind: 'imap',
    host: '127.0.0.1',
    port: server.port,
    security: 'none',
  } as const;
  const session = await upstream.open?.(path, async () => ({ username: 'alice', password: new Secret('hunter2') }), CALM);
  if (session?.push === undefined) throw new Error('this path can only read');
  open.push(session, { close: async () => server[Symbol.asyncDispose]() });
  return { push: session.push, session, server };
}

const said = (server: HostileImap): string =>
  server.talks.flatMap((talk) => talk.commands.map((line) => line.replace(/^\S+ /, ''))).join('\n');

async function errorOf(call: Promise<unknown>): Promise<MailError> {
  const error: unknown = await call.then(
    () => new Error('it did not fail'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof MailError)) throw error;
  return error;
}

const letter: RemoteAppend = {
  sizeBytes: 15,
  flags: ['$seen', 'holiday'],
  receivedAtMs: Date.UTC(2021, 4, 6, 7, 8, 9),
  async *open() {
    yield Buffer.from('Subject: x\r\n\r\nx');
  },
};

test('what was copied and is not there is not deleted', async () => {
  const { push, server } = await start({ capabilities: ['UIDPLUS'] });
  expect(await errorOf(push.move(inbox, ids(1, 2), target, CALM))).toMatchObject({ code: 'void' });
  expect(said(server)).toContain('UID COPY 1:2 "Archive"');
  expect(said(server)).not.toMatch(/STORE|EXPUNGE/);
});

test('a copy that was refused deletes nothing', async () => {
  const { push, server } = await start({ capabilities: ['UIDPLUS'], script: { 'UID COPY': '$tag NO [OVERQUOTA] full' } });
  expect(await errorOf(push.move(inbox, ids(1), target, CALM))).toMatchObject({ code: 'quota', reason: { class: 'quota' } });
  expect(said(server)).not.toMatch(/STORE|EXPUNGE/);
});

test('originals are removed by their UIDs', async () => {
  const { push, server } = await start({ capabilities: ['UIDPLUS'], script: { 'UID COPY': COPIED } });
  expect([...(await push.move(inbox, ids(1, 2), target, CALM))]).toEqual([ids(1, 11), ids(2, 12)]);
  expect(said(server)).toContain('UID STORE 1:2 +FLAGS.SILENT (\\Deleted)\nUID EXPUNGE 1:2');
});

test('without UIDPLUS nothing is copied or expunged while others are marked as deleted', async () => {
  const script = {
    'UID SEARCH': (_: unknown, { rest }: { rest: string }) => (rest === 'DELETED' ? '* SEARCH 1 3\r\n$tag OK' : '* SEARCH 1\r\n$tag OK'),
  };
  const { push, server } = await start({ script });
  expect(await errorOf(push.move(inbox, ids(1), target, CALM))).toMatchObject({ code: 'others-marked' });
  expect(await errorOf(push.expunge(inbox, ids(1), CALM))).toMatchObject({ code: 'others-marked' });
  expect(said(server)).not.toMatch(/COPY|EXPUNGE/);
});

test('without UIDPLUS an EXPUNGE is said when nobody else has marked anything', async () => {
  const { push, server } = await start({ script: { 'UID SEARCH': '* SEARCH 1\r\n$tag OK' } });
  await push.expunge(inbox, ids(1), CALM);
  expect(said(server)).toMatch(/\nEXPUNGE$/);
});

test('a mailbox that is open to be changed is never closed in the way that expunges', async () => {
  const { push, session, server } = await start({});
  await push.changeFlags(inbox, ids(1), { add: ['$seen'], remove: [] }, CALM);
  await session.list(CALM);
  expect(said(server)).not.toMatch(/CLOSE/);
});

test('only flags that the mailbox keeps are said', async () => {
  const select =
    '* 3 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [PERMANENTFLAGS (\\Seen \\Deleted $Forwarded)] x\r\n$tag OK [READ-WRITE] done';
  const { push, server } = await start({ script: { SELECT: select } });
  await push.changeFlags(inbox, ids(1), { add: ['$seen', '$flagged', '$forwarded', 'holiday'], remove: ['holiday'] }, CALM);
  expect(said(server)).toContain('UID STORE 1 +FLAGS.SILENT ($forwarded \\Seen)');
  expect(said(server)).not.toMatch(/holiday|Flagged\b/);
});

test.each(['list', 'changes'] as const)(
  'UIDs that were told (%s) in an earlier life of the mailbox are touched in no later one',
  async (how) => {
    const { push, session, server } = await start({ capabilities: ['UIDPLUS', 'CONDSTORE'] });
    if (how === 'list') await session.list(CALM);
    else await session.changes(inbox, { known: new Set() }, CALM);
    server.script = { SELECT: '* 3 EXISTS\r\n* OK [UIDVALIDITY 8] x\r\n* OK [UIDNEXT 4] x\r\n$tag OK [READ-WRITE] done' };
    const changed = { code: 'ids-changed', reason: { class: 'cancelled' } };
    expect(await errorOf(push.expunge(inbox, ids(1), CALM))).toMatchObject(changed);
    expect(await errorOf(push.move(inbox, ids(1), target, CALM))).toMatchObject(changed);
    expect(await errorOf(push.changeFlags(inbox, ids(1), { add: ['$seen'], remove: [] }, CALM))).toMatchObject(changed);
    expect(said(server)).not.toMatch(/UID (?:STORE|COPY|EXPUNGE)/);
    server.script = { ...server.script, EXAMINE: server.script['SELECT'] ?? '' };
    await session.changes(inbox, { known: new Set() }, CALM);
    await push.expunge(inbox, ids(1), CALM);
    expect(said(server)).toContain('UID EXPUNGE 1');
  },
);

test.each(['create', 'rename', 'delete'] as const)('to %s one mailbox begins a new life of that one alone', async (what) => {
  const names = new Set(['INBOX', 'Old', 'Old/Below']);
  const made = (): string => {
    names.add('New').add('New/Below');
    return '$tag OK done';
  };
  const list = (): string => [...names].map((name) => `* LIST () "/" ${name}\r\n`).join('') + '$tag OK done';
  const script = { LIST: list, CREATE: made, RENAME: made };
  const { push, session, server } = await start({ capabilities: ['UIDPLUS', 'NAMESPACE'], script });
  const [old, below, next, belowNext] = ['Old', 'Old/Below', 'New', 'New/Below'].map(asId.remoteMailbox);
  if (!old || !below || !next || !belowNext) throw new Error('there are four');
  for (const mailbox of [inbox, old, below, next, belowNext]) await session.changes(mailbox, { known: new Set() }, CALM);
  server.script = { ...script, SELECT: '* 3 EXISTS\r\n* OK [UIDVALIDITY 8] x\r\n* OK [UIDNEXT 4] x\r\n$tag OK [READ-WRITE] done' };
  if (what === 'create') await push.createMailbox(['New'], CALM);
  else if (what === 'rename') await push.renameMailbox(old, ['New'], CALM);
  else await push.deleteMailbox(old, CALM);
  const anew = { create: [next], rename: [old, below, next, belowNext], delete: [old] }[what];
  for (const mailbox of [inbox, old, below, next, belowNext]) {
    const expunged = push.expunge(mailbox, ids(1), CALM);
    if (anew.includes(mailbox)) await expunged;
    else expect(await errorOf(expunged)).toMatchObject({ code: 'ids-changed' });
  }
});

test('a mailbox that can only be read is not changed', async () => {
  const { push, server } = await start({ script: { SELECT: '* 3 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n$tag OK [READ-ONLY] done' } });
  expect(await errorOf(push.changeFlags(inbox, ids(1), { add: ['$seen'], remove: [] }, CALM))).toMatchObject({ code: 'read-only' });
  expect(said(server)).not.toMatch(/STORE/);
});

const takes = (answer: string | undefined) => ({
  APPEND: async (talk: HostileImap['talks'][number]) => {
    talk.write('+ go\r\n');
    while ((await talk.nextLine()) !== 'x');
    if (answer === undefined) talk.reset();
    return answer;
  },
});

test('the id of a stored message is told when it belongs to this life of the mailbox', async () => {
  const { push, server } = await start({ script: takes('$tag OK [APPENDUID 7 44] done') });
  expect(await push.append(inbox, letter, CALM)).toBe('44');
  expect(said(server)).toContain('APPEND "INBOX" (\\Seen holiday) "06-May-2021 07:08:09 +0000" {15}');
  server.script = takes('$tag OK [APPENDUID 8 44] done');
  expect(await push.append(inbox, letter, CALM)).toBeUndefined();
});

test('a message whose end nobody knows is not said to be lost', async () => {
  const { push } = await start({ script: takes(undefined) });
  expect(await errorOf(push.append(inbox, letter, CALM))).toMatchObject({ code: 'lost-answer', reason: { class: 'lost-answer' } });
});

test.each([
  ['NO [OVERQUOTA] full', 'quota', 'quota'],
  ['NO [TRYCREATE] where?', 'mailbox-missing', 'content'],
  ['NO [TOOBIG] no', 'too-big', 'too-big'],
  // About this message, not about the server: it must not look like a path that fails.
  ['NO Message contains bare newlines', 'refused', 'content'],
  ['NO [SERVERBUG] Internal error', 'refused', 'protocol'],
  ['BAD what?', 'refused', 'protocol'],
])('%s means that nothing was stored', async (answer, code, reason) => {
  const { push } = await start({ script: { APPEND: `$tag ${answer}` } });
  expect(await errorOf(push.append(inbox, letter, CALM))).toMatchObject({ code, reason: { class: reason } });
});

test.each<readonly [string, (push: RemotePush) => Promise<unknown> | undefined]>([
  ['UID STORE', (push) => push.changeFlags(inbox, ids(1), { add: ['$seen'], remove: [] }, CALM)],
  ['UID COPY', (push) => push.move(inbox, ids(1), target, CALM)],
  ['UID EXPUNGE', (push) => push.expunge(inbox, ids(1), CALM)],
  ['CREATE', (push) => push.createMailbox(['Neu'], CALM)],
  ['RENAME', (push) => push.renameMailbox(target, ['Neu'], CALM)],
  ['DELETE', (push) => push.deleteMailbox(target, CALM)],
  ['SUBSCRIBE', (push) => push.subscribe?.(target, true, CALM)],
])('a NO to %s is about this one thing: it must not look like a path that fails', async (verb, change) => {
  const list = '* LIST () "/" INBOX\r\n* LIST () "/" Archive\r\n$tag OK';
  for (const answer of ['NO That can not be done', ...(verb === 'DELETE' ? ['NO [HASCHILDREN] First those below it'] : [])]) {
    const { push } = await start({ capabilities: ['UIDPLUS'], script: { LIST: list, [verb]: `$tag ${answer}` } });
    expect(await errorOf(change(push) ?? Promise.resolve())).toMatchObject({
      kind: 'transient',
      code: 'refused',
      reason: { class: 'content' },
    });
  }
});

test.each(['NO [ALREADYEXISTS] Mailbox already exists', 'NO Mailbox already exists'])(
  'a mailbox that somebody else was faster to make is made: %s',
  async (answer) => {
    let isMade = false;
    const { push } = await start({
      script: {
        LIST: () => `* LIST () "/" INBOX\r\n${isMade ? '* LIST () "/" INBOX/Neu\r\n' : ''}$tag OK`,
        CREATE: () => {
          isMade = true;
          return `$tag ${answer}`;
        },
      },
    });
    expect(await push.createMailbox(['Neu'], CALM)).toMatchObject({ id: 'INBOX/Neu', path: ['Neu'] });
  },
);

test('a mailbox that was refused and is not there is refused', async () => {
  const { push } = await start({ script: { LIST: '* LIST () "/" INBOX\r\n$tag OK', CREATE: '$tag NO Permission denied' } });
  expect(await errorOf(push.createMailbox(['Neu'], CALM))).toMatchObject({ code: 'refused' });
});

test('no line end of a name, a flag or an id comes to the wire', async () => {
  const { push, session, server } = await start({});
  const evil = 'x\r\nz9 DELETE INBOX\r\n';
  await errorOf(push.createMailbox([evil], CALM));
  await errorOf(push.renameMailbox(target, [evil], CALM));
  await push.changeFlags(inbox, [asId.remoteMessage(evil)], { add: [evil], remove: [evil] }, CALM);
  await push.changeFlags(inbox, ids(1), { add: [evil], remove: [evil] }, CALM);
  await session.find?.(inbox, `<${evil}@x>`, CALM);
  expect(said(server)).not.toMatch(/^(?:z9 )?DELETE/m);
});

test('a name from a list that holds a line end goes as octets', async () => {
  const { push, server } = await start({ script: { SUBSCRIBE: (talk) => (talk.write('+ go\r\n'), undefined) } });
  const giveUp = new AbortController();
  const subscribing = push.subscribe?.(asId.remoteMailbox('a\r\nb'), true, giveUp.signal);
  await expect.poll(() => said(server)).toContain('SUBSCRIBE {4}');
  giveUp.abort();
  await subscribing?.catch(() => undefined);
});
