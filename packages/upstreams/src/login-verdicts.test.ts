/* What a log-in check makes of each answer, and that no password leaves when it could be read: rows 26 and 27, for every kind of path. */
import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { asId, Secret, systemClock, type HostPath, type LoginVerdict, type Security, type UrlPath } from '@stopgap/core';
import { makeCertificate, startHostileSmtp, type Script } from '@stopgap/testkit';
import { afterEach, describe, expect, test } from 'vitest';
import { createGuard, createUpstreams } from './index.ts';

const HOST = 'mail.provider.test';
const LIMIT_MS = 400;
const guard = createGuard({ allowPrivate: true, resolve: async () => [{ address: '127.0.0.1', family: 4 }] });
const upstreams = createUpstreams({ guard, clock: systemClock, heloName: 'relay.test' });
const credential = { username: 'alice', password: new Secret('hunter2') };
const never = new AbortController().signal;
const certificate = makeCertificate({ name: HOST });

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
});

const base = { provider: asId.provider('test'), direction: 'incoming', connections: 5, id: asId.path('test') } as const;
const hostPath = (kind: HostPath['kind'], port: number, security: Security = 'none', ca?: string): HostPath => ({
  ...base,
  kind,
  host: HOST,
  port,
  security,
  ...(ca === undefined ? {} : { ca }),
});
const short = (verdict: LoginVerdict) => (verdict.kind === 'accepted' ? 'accepted' : `${verdict.kind} ${verdict.reason.class}`);

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  open.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** A server of lines: says its banner, then for each line of the client what `answer` makes of it. Undefined: nothing. */
async function lineServer(banner: string, answer: (line: string) => string | undefined) {
  const heard: string[] = [];
  const port = await listen(
    createServer({ noDelay: true }, (socket: Socket) => {
      open.push(() => socket.destroy());
      if (banner !== '') socket.write(`${banner}\r\n`);
      let rest = '';
      socket
        .on('error', () => undefined)
        .on('data', (chunk) => {
          const lines = (rest + chunk.toString('latin1')).split('\r\n');
          rest = lines.pop() ?? '';
          for (const line of lines) {
            heard.push(line);
            const text = answer(line);
            if (text !== undefined) socket.write(`${text}\r\n`);
          }
        });
    }),
  );
  return { port, heard };
}

describe('SMTP', () => {
  test.each<readonly [string, Script, string]>([
    ['235 is accepted', {}, 'accepted'],
    ['535 5.7.8 is refused', { auth: '535 5.7.8 wrong' }, 'refused auth'],
    ['535 without a status is refused', { auth: '535 wrong' }, 'refused auth'],
    ['535 5.7.3, as Exchange says it, is refused', { auth: '535 5.7.3 Authentication unsuccessful' }, 'refused auth'],
    ['535 that speaks of trouble for now is undecided', { auth: '535 5.7.0 Temporary authentication failure' }, 'undecided auth'],
    ['535 that asks to come back is undecided', { auth: '535 authentication failed, please try again later' }, 'undecided auth'],
    ['535 about something else is undecided', { auth: '535 5.7.139 basic authentication is disabled' }, 'undecided auth'],
    ['454 is undecided', { auth: '454 4.7.0 user store down' }, 'undecided auth'],
    ['421 is undecided', { auth: '421 4.3.2 bye' }, 'undecided throttled'],
    ['534 is undecided', { auth: '534 5.7.9 mechanism too weak' }, 'undecided auth'],
    ['nonsense is undecided', { auth: 'come in' }, 'undecided protocol'],
    ['a busy banner is undecided', { banner: '421 4.3.2 busy' }, 'undecided connect'],
    ['a cut is undecided', { auth: (talk) => (talk.reset(), undefined) }, 'undecided connect'],
  ])('%s', async (_, script, expected) => {
    await using server = await startHostileSmtp({ script });
    expect(short(await upstreams.smtp.verify(hostPath('smtp', server.port), credential, never))).toBe(expected);
  });

  test('silence is undecided when the signal ends it, and a probe fails', async () => {
    await using server = await startHostileSmtp({ script: { banner: () => undefined } });
    const path = hostPath('smtp', server.port);
    expect(short(await upstreams.smtp.verify(path, credential, AbortSignal.timeout(LIMIT_MS)))).toBe('undecided cancelled');
    expect((await upstreams.smtp.probe(path, AbortSignal.timeout(LIMIT_MS))).kind).toBe('failed');
  });

  test('a probe says nothing of a log-in', async () => {
    await using server = await startHostileSmtp();
    expect((await upstreams.smtp.probe(hostPath('smtp', server.port), never)).kind).toBe('answered');
    expect(server.talks[0]?.received).not.toContain('AUTH');
  });
});

describe('IMAP', () => {
  const imap = (login: string, capability = 'IMAP4rev1') =>
    lineServer(`* OK [CAPABILITY ${capability}] hi`, (line) => {
      const [tag = '', verb = ''] = line.split(' ');
      if (/^(?:LOGIN|AUTHENTICATE)$/i.test(verb)) return `${tag} ${login}`;
      if (/^CAPABILITY$/i.test(verb)) return `* CAPABILITY ${capability}\r\n${tag} OK done`;
      return /^LOGOUT$/i.test(verb) ? `* BYE bye\r\n${tag} OK done` : `${tag} BAD what?`;
    });

  test.each([
    ['OK', 'OK [CAPABILITY IMAP4rev1] in', 'accepted'],
    ['NO with AUTHENTICATIONFAILED', 'NO [AUTHENTICATIONFAILED] Authentication failed.', 'refused auth'],
    ['NO with UNAVAILABLE', 'NO [UNAVAILABLE] user store down', 'undecided auth'],
    ['NO with LIMIT', 'NO [LIMIT] too many connections', 'undecided auth'],
    ['NO with CONTACTADMIN', 'NO [CONTACTADMIN] blocked', 'undecided auth'],
    ['NO without a code that says it clearly', 'NO invalid credentials', 'refused auth'],
    ['NO without a code that does not', 'NO try again later', 'undecided auth'],
    ['BAD', 'BAD what?', 'undecided auth'],
  ])('%s', async (_, login, expected) => {
    const server = await imap(login);
    expect(short(await upstreams.imap.verify(hostPath('imap', server.port), credential, never))).toBe(expected);
  });

  test.each([
    ['STARTTLS is not offered', '* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hi'],
    ['the greeting is PREAUTH', '* PREAUTH [CAPABILITY IMAP4rev1] hi'],
    ['the server says BYE', '* BYE too busy'],
    ['the greeting is garbage', 'SSH-2.0-x'],
  ])('no password leaves when %s', async (_, banner) => {
    const server = await lineServer(banner, (line) => {
      const [tag = '', verb = ''] = line.split(' ');
      return /^CAPABILITY$/i.test(verb) ? `* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n${tag} OK done` : `${tag} NO`;
    });
    const { cert } = await certificate;
    const verdict = await upstreams.imap.verify(hostPath('imap', server.port, 'starttls', cert), credential, AbortSignal.timeout(LIMIT_MS));
    expect(verdict.kind).toBe('undecided');
    expect(server.heard.join('\n')).not.toMatch(/LOGIN|AUTHENTICATE|hunter2/i);
  });

  test('the next address of a name is tried when nobody listens at the first', async () => {
    const server = await imap('OK in');
    const addresses = ['127.0.0.2', '127.0.0.1'].map((address) => ({ address, family: 4 }));
    const twoAddresses = createGuard({ allowPrivate: true, resolve: async () => addresses });
    const { imap: upstream } = createUpstreams({ guard: twoAddresses, clock: systemClock, heloName: 'relay.test' });
    expect(short(await upstream.verify(hostPath('imap', server.port), credential, never))).toBe('accepted');
  });

  test('a server that greets with BYE fails its probe', async () => {
    const server = await lineServer('* BYE too busy', () => undefined);
    expect(await upstreams.imap.probe(hostPath('imap', server.port), never)).toMatchObject({
      kind: 'failed',
      reason: { class: 'connect' },
    });
  });

  test('silence is undecided when the signal ends it', async () => {
    const server = await lineServer('', () => undefined);
    const path = hostPath('imap', server.port);
    expect((await upstreams.imap.verify(path, credential, AbortSignal.timeout(LIMIT_MS))).kind).toBe('undecided');
    expect((await upstreams.imap.probe(path, AbortSignal.timeout(LIMIT_MS))).kind).toBe('failed');
  });
});

describe('POP3', () => {
  const pop3 = (pass: string) => lineServer('+OK hi', (line) => (line.startsWith('PASS') ? pass : '+OK'));

  test.each([
    ['+OK', '+OK in', 'accepted'],
    ['-ERR with AUTH', '-ERR [AUTH] Authentication failed.', 'refused auth'],
    ['-ERR with AUTH and no words', '-ERR [AUTH]', 'refused auth'],
    ['-ERR with AUTH and words about something else', '-ERR [AUTH] Maintenance', 'undecided auth'],
    ['-ERR with SYS/TEMP', '-ERR [SYS/TEMP] user store down', 'undecided auth'],
    ['-ERR with IN-USE', '-ERR [IN-USE] mailbox locked', 'undecided greylist'],
    ['-ERR with LOGIN-DELAY', '-ERR [LOGIN-DELAY] wait a little', 'undecided greylist'],
    ['-ERR that says it clearly', '-ERR invalid password', 'refused auth'],
    ['-ERR that does not', '-ERR not now', 'undecided auth'],
    ['nonsense', 'hm', 'undecided protocol'],
  ])('%s', async (_, pass, expected) => {
    const server = await pop3(pass);
    expect(short(await upstreams.pop3.verify(hostPath('pop3', server.port), credential, never))).toBe(expected);
  });

  test('a password that the server echoes is hidden', async () => {
    const server = await pop3('-ERR [AUTH] wrong: hunter2');
    expect(JSON.stringify(await upstreams.pop3.verify(hostPath('pop3', server.port), credential, never))).not.toContain('hunter2');
  });

  test.each([
    ['STLS is refused', '-ERR no TLS here'],
    ['STLS is answered with more than one line', '+OK go\r\n+OK in\r\n+OK in'],
    ['STLS is answered and no TLS comes', '+OK go'],
  ])('no password leaves when %s', async (_, stls) => {
    const server = await lineServer('+OK hi', (line) => (line === 'STLS' ? stls : '+OK'));
    const { cert } = await certificate;
    const verdict = await upstreams.pop3.verify(hostPath('pop3', server.port, 'starttls', cert), credential, AbortSignal.timeout(LIMIT_MS));
    expect(verdict.kind).toBe('undecided');
    expect(server.heard.join('\n')).not.toMatch(/USER|PASS|hunter2/);
  });

  test('a log-in that would begin a command of its own is not sent', async () => {
    const server = await pop3('+OK in');
    const evil = { username: 'alice\r\nDELE 1', password: new Secret('x') };
    expect((await upstreams.pop3.verify(hostPath('pop3', server.port), evil, never)).kind).toBe('undecided');
    expect(server.heard.join('\n')).not.toContain('DELE');
  });

  test('a line without end is undecided, and so is silence', async () => {
    const endless = await lineServer('+OK hi', () => `+OK ${'x'.repeat(1_000_000)}`);
    expect((await upstreams.pop3.verify(hostPath('pop3', endless.port), credential, never)).kind).toBe('undecided');
    const silent = await lineServer('', () => undefined);
    expect((await upstreams.pop3.verify(hostPath('pop3', silent.port), credential, AbortSignal.timeout(LIMIT_MS))).kind).toBe('undecided');
  });
});

describe('JMAP', () => {
  const addresses = { apiUrl: '/api', downloadUrl: '/download', uploadUrl: '/upload' };
  const SESSION = JSON.stringify({ capabilities: { 'urn:ietf:params:jmap:core': {} }, accounts: {}, username: 'alice', ...addresses });

  async function web(
    answer: (request: IncomingMessage) => { readonly status: number; readonly location?: string; readonly body?: string } | undefined,
  ) {
    const asked: IncomingMessage[] = [];
    const port = await listen(
      createHttpServer((request, response) => {
        asked.push(request);
        const made = answer(request);
        if (made) response.writeHead(made.status, made.location === undefined ? {} : { location: made.location }).end(made.body ?? SESSION);
        else open.push(() => response.destroy());
      }),
    );
    const path: UrlPath = { ...base, kind: 'jmap', url: `http://${HOST}:${port}/.well-known/jmap` };
    return { port, path, asked };
  }

  test.each([
    [200, 'accepted'],
    [401, 'refused auth'],
    [403, 'undecided connect'],
    [429, 'undecided throttled'],
    [500, 'undecided connect'],
    [503, 'undecided connect'],
  ])('%i', async (status, expected) => {
    const server = await web(() => ({ status }));
    expect(short(await upstreams.jmap.verify(server.path, credential, never))).toBe(expected);
  });

  test.each([
    ['a portal that takes everybody', '<html>Welcome</html>'],
    ['JSON of something else', '{"ok":true}'],
    ['no JSON object', 'null'],
    ['a session of nobody', JSON.stringify({ capabilities: { 'urn:ietf:params:jmap:core': {} }, username: '' })],
    ['a page without end', '{"username":"'.padEnd(3_000_000, 'x')],
  ])('200 with %s is no log-in', async (_, body) => {
    const server = await web(() => ({ status: 200, body }));
    expect(short(await upstreams.jmap.verify(server.path, credential, never))).toBe('undecided protocol');
  });

  test('a redirect on the same origin is followed, with the password', async () => {
    const server = await web(({ url }) => (url === '/session' ? { status: 200 } : { status: 301, location: '/session' }));
    expect(short(await upstreams.jmap.verify(server.path, credential, never))).toBe('accepted');
    expect(server.asked).toHaveLength(2);
  });

  test('a redirect to another host, port or scheme is not followed', async () => {
    const other = await web(() => ({ status: 200 }));
    for (const location of [
      `http://${HOST}:${other.port}/`,
      `http://127.0.0.1:${other.port}/`,
      `https://${HOST}/`,
      `//${HOST}:${other.port}/`,
    ]) {
      const server = await web(() => ({ status: 302, location }));
      expect(short(await upstreams.jmap.verify(server.path, credential, never))).toBe('undecided protocol');
    }
    expect(other.asked).toEqual([]);
  });

  test('a redirect to nowhere, or round and round, is undecided', async () => {
    for (const location of ['/again', 'http://[nonsense']) {
      const server = await web(() => ({ status: 302, location }));
      expect((await upstreams.jmap.verify(server.path, credential, never)).kind).toBe('undecided');
      expect(server.asked.length).toBeLessThan(5);
    }
  });

  test('a probe carries no password, takes 401 for a sign of life and 503 for none', async () => {
    const alive = await web(() => ({ status: 401 }));
    expect((await upstreams.jmap.probe(alive.path, never)).kind).toBe('answered');
    expect(alive.asked[0]?.headers.authorization).toBeUndefined();
    const dead = await web(() => ({ status: 503 }));
    expect((await upstreams.jmap.probe(dead.path, never)).kind).toBe('failed');
  });

  test('silence is undecided when the signal ends it', async () => {
    const server = await web(() => undefined);
    expect((await upstreams.jmap.verify(server.path, credential, AbortSignal.timeout(LIMIT_MS))).kind).toBe('undecided');
  });
});
