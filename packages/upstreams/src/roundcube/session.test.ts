import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { asId, Secret, systemClock, type LoginCredential, type UrlPath } from '@stopgap/core';
import { startFakeRoundcube, type FakeRoundcube, type FakeRoundcubeOptions } from '@stopgap/testkit';
import type { Dispatcher } from 'undici';
import { guardedDispatcher } from '../net/dispatcher.ts';
import { createGuard } from '../net/guard.ts';
import { hasCode, reasonOf } from './errors.ts';
import { importMessage } from './import.ts';
import { ensureFolder } from './messages.ts';
import { messageIdCriterion, searchMailbox } from './search.ts';
import { canResend } from './resend.ts';
import { RoundcubeSession } from './session.ts';
import { readHead, readSource } from './source.ts';
import { createRoundcubeUpstream } from './upstream.ts';

const me = { address: 'alice@provider.test', password: 'secret-alice' };
const guard = createGuard({ allowPrivate: true });
const signal = new AbortController().signal;
const upstream = createRoundcubeUpstream({ guard, clock: systemClock });

let dispatcher: Dispatcher;
let undo: (() => Promise<void>)[] = [];
beforeEach(() => {
  dispatcher = guardedDispatcher({ guard });
});
afterEach(async () => {
  for (const step of undo.splice(0)) await step();
  await dispatcher.destroy();
});

async function start(options: Partial<FakeRoundcubeOptions> = {}): Promise<FakeRoundcube> {
  const webmail = await startFakeRoundcube({ accounts: [me], onSend: () => {}, ...options });
  undo.push(() => webmail.close());
  return webmail;
}

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  undo.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

async function open(url: string, nowMs = () => Date.now()): Promise<RoundcubeSession> {
  const session = new RoundcubeSession({ base: new URL(url), dispatcher, nowMs });
  await session.open(async () => credential(), signal);
  return session;
}

function credential(password = me.password): LoginCredential {
  return { username: me.address, password: new Secret(password) };
}

function pathTo(url: string): UrlPath {
  return { id: asId.path('p'), provider: asId.provider('p'), direction: 'outgoing', connections: 2, kind: 'roundcube', url };
}

async function put(session: RoundcubeSession, text: string): Promise<void> {
  await importMessage(session, {
    mbox: 'INBOX',
    async *open() {
      yield Buffer.from(text);
    },
    signal,
  });
}

async function code(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'none';
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'other';
  }
}

describe('finding the webmail', () => {
  test.for<[string, Partial<FakeRoundcubeOptions>]>([
    ['at the root', {}],
    ['below a path', { basePath: '/mail/rc/' }],
    ['with redirects relative to the page', { hasRelativeRedirects: true, basePath: '/rc/' }],
    ['with cookies of other names', { cookieNames: { session: 'sid', auth: 'sau' } }],
  ])('%s it is probed, and a password is accepted', async ([, options]) => {
    const webmail = await start(options);
    expect(await upstream.probe(pathTo(webmail.url), signal)).toMatchObject({ kind: 'answered' });
    expect(await upstream.verify(pathTo(webmail.url), credential(), signal)).toEqual({ kind: 'accepted' });
    expect(webmail.sessionCount()).toBe(0);
  });

  test.for<[string, RequestListener]>([
    ['a page of something else', (_request, response) => response.end('<h1>It works!</h1>')],
    ['an error of a proxy', (_request, response) => response.writeHead(503).end('down')],
    ['an endless redirect', (_request, response) => response.writeHead(302, { location: '/again' }).end()],
    ['a redirect to nowhere', (_request, response) => response.writeHead(302, { location: 'http://' }).end()],
    ['a page without an end', (_request, response) => sendForEver(response)],
    ['nothing', (request) => request.socket.destroy()],
  ])('%s is a failed probe', async ([, listener]) => {
    const url = await serve(listener);
    expect(await upstream.probe(pathTo(url), signal)).toMatchObject({ kind: 'failed' });
    expect(await upstream.verify(pathTo(url), credential(), signal)).toMatchObject({ kind: 'undecided' });
  });

  test('a redirect to another host is refused, and the password stays here', async () => {
    let seen = '';
    const thief = await serve((request, response) => {
      request.on('data', (chunk: Buffer) => (seen += chunk.toString()));
      response.end('<form action="/"><input name=_token><input name=_user><input name=_pass></form>');
    });
    const url = await serve((_request, response) => response.writeHead(302, { location: thief }).end());
    expect(await upstream.verify(pathTo(url), credential(), signal)).toMatchObject({ kind: 'undecided', reason: { class: 'policy' } });
    const posting = await serve((_request, response) =>
      response.end(`<form action="${thief}"><input name=_token><input name=_user><input name=_pass></form>`),
    );
    expect(await upstream.verify(pathTo(posting), credential(), signal)).toMatchObject({ kind: 'undecided', reason: { class: 'policy' } });
    expect(seen).toBe('');
  });
});

describe('logging in', () => {
  test('a wrong password is refused, a storage that is down decides nothing', async () => {
    const webmail = await start();
    expect(await upstream.verify(pathTo(webmail.url), credential('wrong'), signal)).toMatchObject({
      kind: 'refused',
      reason: { class: 'auth' },
    });
    webmail.switches.imapDown = true;
    expect(await upstream.verify(pathTo(webmail.url), credential(), signal)).toMatchObject({ kind: 'undecided' });
  });

  test.for(['Too many failed login attempts. Try again later.', 'Die Anmeldung ist fehlgeschlagen.', 'Something new!', ''])(
    '"%s" decides nothing',
    async (text) => {
      const form = '<form action="/?_task=login"><input name=_token value=t><input name=_user><input name=_pass></form>';
      const url = await serve((request, response) => {
        if (request.method === 'GET') return void response.end(form);
        response.writeHead(401).end(`${form}<script>rcmail.display_message(${JSON.stringify(text)},"warning",0);</script>`);
      });
      expect(await upstream.verify(pathTo(url), credential(), signal)).toMatchObject({ kind: 'undecided' });
    },
  );

  test('after two failures in a minute the next one waits', async () => {
    const webmail = await start();
    let nowMs = 0;
    const session = new RoundcubeSession({ base: new URL(webmail.url), dispatcher, nowMs: () => nowMs });
    const tryIt = (password: string) => code(session.open(async () => credential(password), signal));
    expect([await tryIt('wrong'), await tryIt('wrong'), await tryIt(me.password)]).toEqual([
      'roundcube-login-refused',
      'roundcube-login-refused',
      'roundcube-login-paused',
    ]);
    nowMs = 61_000;
    expect(await tryIt(me.password)).toBe('none');
  });

  test.each([
    { name: 'a wrong password', wrong: true, imapDown: false, wanted: 'auth' },
    { name: 'a broken storage', wrong: false, imapDown: true, wanted: 'connect' },
  ])(
    'while it waits after $name it says why, and never that the whole webmail asked us to slow down',
    async ({ wrong, imapDown, wanted }) => {
      const webmail = await start();
      webmail.switches.imapDown = imapDown;
      const session = new RoundcubeSession({ base: new URL(webmail.url), dispatcher, nowMs: () => 0 });
      const tryIt = () => session.open(async () => credential(wrong ? 'wrong' : me.password), signal).catch(reasonOf);
      await tryIt();
      await tryIt();
      expect(await tryIt()).toMatchObject({ class: wanted, text: expect.stringMatching(/waits a minute/) });
    },
  );
});

describe('a session', () => {
  test('that ended is opened again, for a listing, a change, a download and a form alike', async () => {
    const webmail = await start();
    const session = await open(webmail.url);
    await put(session, 'Subject: a\r\nMessage-ID: <one-two@x.test>\r\n\r\nbody');
    webmail.expireSessions();
    expect(await searchMailbox(session, 'INBOX', 'ALL', signal)).toEqual([1]);
    webmail.expireSessions();
    expect(await readHead(session, { mbox: 'INBOX', uid: 1 }, signal)).toContain('Subject: a');
    webmail.expireSessions();
    await session.keepAlive(signal);
    webmail.expireSessions();
    expect(await ensureFolder(session, 'Ours', signal)).toBe('Ours');
    webmail.expireSessions();
    await put(session, 'Subject: b\r\n\r\nbody');
    expect(await searchMailbox(session, 'INBOX', 'ALL', signal)).toEqual([1, 2]);
  });

  test('that is over says nothing about what the webmail can do, in a framed page either', async () => {
    const webmail = await start();
    const session = await open(webmail.url);
    await put(session, 'Subject: x\r\n\r\nx');
    webmail.expireSessions();
    expect(await canResend(session, { mbox: 'INBOX', uid: 1 }, signal)).toBe(true);
  });

  test('lives on by the cookie that is issued anew every half lifetime', async () => {
    let nowMs = Date.now();
    const webmail = await start({ nowMs: () => nowMs, sessionLifetimeMs: 120_000 });
    const session = await open(webmail.url);
    let opened = 0;
    await session.open(async () => (opened++, credential()), signal);
    for (let minute = 0; minute < 10; minute++) {
      nowMs += 61_000;
      await session.keepAlive(signal);
    }
    expect(opened).toBe(0);
    expect(webmail.sessionCount()).toBe(1);
  });

  test('never takes an empty body, a login page or an empty listing for the truth', async () => {
    const webmail = await start();
    const session = await open(webmail.url);
    await put(session, 'Subject: a\r\n\r\nbody');
    const read = async (uid: number) => {
      for await (const chunk of readSource(session, { mbox: 'INBOX', uid }, signal)) expect(chunk.toString()).toContain('Subject');
    };
    expect(await code(read(1))).toBe('none');
    expect(await code(read(9))).toBe('roundcube-void');
    webmail.switches.imapDown = true;
    expect(await code(read(1))).toBe('roundcube-void');
    expect(await code(searchMailbox(session, 'INBOX', 'ALL', signal))).toBe('roundcube-void');
    webmail.switches.imapDown = false;
    expect(await code(searchMailbox(session, 'Nowhere', 'ALL', signal))).toBe('roundcube-void');
    expect(await searchMailbox(session, 'Drafts', 'ALL', signal)).toEqual([]);
  });

  test('lists all that was found, page after page', async () => {
    const session = await open((await start()).url);
    const many = Array.from({ length: 120 }, (_, i) => `From x\r\nSubject: m${i}\r\n\r\nbody\r\n\r\n`);
    const webmailFile = many.join('');
    // As one mbox of 120: what our quoting would prevent, so it goes up by hand.
    const bytes = Buffer.from(
      `--b\r\nContent-Disposition: form-data; name="_file[]"; filename="a.mbox"\r\n\r\n${webmailFile}\r\n--b--\r\n`,
    );
    const { Readable } = await import('node:stream');
    await session.upload({
      action: 'import',
      parameters: { _mbox: 'INBOX' },
      type: 'multipart/form-data; boundary=b',
      length: bytes.length,
      open: () => Readable.from([bytes]),
      signal,
    });
    expect(await searchMailbox(session, 'INBOX', 'ALL', signal)).toHaveLength(120);
  });

  test('ends when the webmail stays silent, by the signal', async () => {
    const webmail = await start();
    const session = await open(webmail.url);
    webmail.hang('search', true);
    const abort = new AbortController();
    const search = searchMailbox(session, 'INBOX', 'ALL', abort.signal);
    abort.abort();
    await expect(search).rejects.toSatisfy((error) => hasCode(error, 'lost'));
  });
});

test.for<[string, string | undefined]>([
  ['<abc.def@host.test>', 'HEADER MESSAGE-ID abc.def@host.test'],
  ['<a b"longest-part@x">', 'HEADER MESSAGE-ID longest-part@x'],
  ['<x(y)z>', undefined],
  ['', undefined],
])('the Message-ID %s is searched for by %s', ([id, criterion]) => {
  expect(messageIdCriterion(id)).toBe(criterion);
});

function sendForEver(response: {
  write: (text: string) => boolean;
  once: (event: 'drain', then: () => void) => unknown;
  destroyed: boolean;
}): void {
  while (!response.destroyed && response.write('x'.repeat(64 * 1024)));
  if (!response.destroyed) response.once('drain', () => sendForEver(response));
}
