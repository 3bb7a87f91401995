import { asId, Secret, type IncomingSession } from '@stopgap/core';
import { startHostileImap, type HostileImap, type HostileImapOptions } from '@stopgap/testkit';
import { afterEach, expect, test } from 'vitest';
import { createGuard } from '../net/guard.ts';
import { createImapUpstream } from './upstream.ts';

const CALM = new AbortController().signal;

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function start(options: HostileImapOptions): Promise<{ readonly session: IncomingSession; readonly server: HostileImap }> {
  const server = await startHostileImap(options);
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
  if (session === undefined) throw new Error('this path can not be read');
  open.push(session, { close: async () => server[Symbol.asyncDispose]() });
  return { session, server };
}

const said = (server: HostileImap): readonly string[] =>
  server.talks.flatMap((talk) => talk.commands.map((line) => line.replace(/^\S+ /, '')));
const lines = (...of: readonly string[]): string => `${of.map((line) => `* ${line}\r\n`).join('')}$tag OK done`;

test('with LIST-STATUS all mailboxes and their states are one answer', async () => {
  const { session, server } = await start({
    capabilities: ['LIST-EXTENDED', 'LIST-STATUS', 'SPECIAL-USE', 'CONDSTORE'],
    script: {
      LIST: lines(
        'LIST (\\Subscribed) "/" INBOX',
        'STATUS INBOX (MESSAGES 3 UIDNEXT 4 UIDVALIDITY 7 HIGHESTMODSEQ 9)',
        'LIST (\\Sent) "/" Zeug',
        'STATUS Zeug (MESSAGES 0 UIDNEXT 1 UIDVALIDITY 8 HIGHESTMODSEQ 0)',
        'LIST (\\NonExistent \\HasChildren) "/" gone',
        'LIST (\\Noselect) "/" only-a-place',
      ),
    },
  });
  const before = said(server).length;
  expect(await session.list(CALM)).toEqual([
    { id: 'INBOX', path: ['INBOX'], role: 'inbox', isSelectable: true, isSubscribed: true, validity: '7', messages: 3, state: '7:4:9:3' },
    { id: 'Zeug', path: ['Zeug'], role: 'sent', isSelectable: true, isSubscribed: false, validity: '8', messages: 0 },
    { id: 'only-a-place', path: ['only-a-place'], isSelectable: false, isSubscribed: false },
  ]);
  expect(said(server).slice(before)).toEqual([
    'LIST "" "*" RETURN (SUBSCRIBED SPECIAL-USE STATUS (MESSAGES UIDNEXT UIDVALIDITY HIGHESTMODSEQ))',
  ]);
});

test('without LIST-STATUS each is asked, and one that can not be looked at does not spoil the list', async () => {
  const { session } = await start({
    capabilities: ['CONDSTORE'],
    script: {
      LIST: lines('LIST () "/" INBOX', 'LIST () "/" broken'),
      LSUB: lines('LSUB () "/" broken', 'LSUB (\\Noselect) "/" INBOX'),
      STATUS: (_, { rest }) =>
        rest.includes('broken') ? '$tag NO [SERVERBUG] no' : lines('STATUS INBOX (MESSAGES 3 UIDNEXT 4 UIDVALIDITY 7 HIGHESTMODSEQ 9)'),
    },
  });
  expect(await session.list(CALM)).toEqual([
    { id: 'INBOX', path: ['INBOX'], role: 'inbox', isSelectable: true, isSubscribed: false, validity: '7', messages: 3, state: '7:4:9:3' },
    { id: 'broken', path: ['broken'], isSelectable: true, isSubscribed: true },
  ]);
});

test('a server that offers the extended LIST and refuses it is asked in the old way from then on', async () => {
  const { session, server } = await start({
    capabilities: ['LIST-EXTENDED', 'LIST-STATUS', 'CONDSTORE'],
    script: { LIST: (_, { rest }) => (rest.includes('RETURN') ? '$tag BAD what?' : lines('LIST () "/" INBOX')) },
  });
  const inbox = { id: 'INBOX', path: ['INBOX'], role: 'inbox', isSubscribed: true, state: '7:1:9:0' };
  for (let times = 0; times < 2; times += 1) expect(await session.list(CALM)).toMatchObject([inbox]);
  expect(said(server).filter((line) => line.includes('RETURN'))).toHaveLength(1);
});

test('a server without CONDSTORE has no state, and is asked for none', async () => {
  const { session, server } = await start({});
  expect(await session.list(CALM)).toEqual([{ id: 'INBOX', path: ['INBOX'], role: 'inbox', isSelectable: true, isSubscribed: true }]);
  expect(said(server).join('\n')).not.toMatch(/STATUS|CONDSTORE/);
});

test('names that look alike are told apart, and one that is listed twice is one', async () => {
  const { session } = await start({
    script: {
      LIST: lines(
        'LIST () "/" inbox',
        'LIST () "/" "a&AAE-"',
        'LIST () "/" "a&AAI-"',
        'LIST () "/" "a&AAE-"',
        'LIST () "." {3}\r\nb.c',
        'LIST () NIL "d/e"',
        'LIST',
      ),
    },
  });
  const listed = await session.list(CALM);
  expect(listed.map((mailbox) => [mailbox.id, mailbox.path])).toEqual([
    ['INBOX', ['INBOX']],
    ['a&AAE-', ['a\ufffd']],
    ['a&AAI-', ['a\ufffd [a&AAI-]']],
    ['b.c', ['b', 'c']],
    ['d/e', ['d\u2215e']],
  ]);
});

test('the personal prefix stands before what is made and not in what is shown', async () => {
  const { session, server } = await start({
    capabilities: ['NAMESPACE'],
    script: {
      NAMESPACE: '* NAMESPACE (("INBOX." ".")) NIL NIL\r\n$tag OK done',
      LIST: lines('LIST () "." INBOX', 'LIST () "." INBOX.Sent', 'LIST () "." "INBOX.Kunden.M&APw-ller"'),
    },
  });
  expect((await session.list(CALM)).map((mailbox) => [mailbox.path.join('/'), mailbox.role])).toEqual([
    ['INBOX', 'inbox'],
    ['Sent', 'sent'],
    ['Kunden/Müller', undefined],
  ]);
  await session.push?.createMailbox(['Kunden', 'Müller'], CALM);
  expect(said(server)).toContain('CREATE "INBOX.Kunden"');
});
