import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeDeliveryProgram } from '../../lab/delivery-program.ts';
import { DoorForDialogs, LETTERS } from './door-for-dialogs.ts';

const run = promisify(execFile);
const isThere = (program: string, ...args: readonly string[]): Promise<boolean> =>
  run(program, args).then(
    () => true,
    () => false,
  );
const has = {
  curl: await isThere('curl', '--version'),
  python: await isThere('python3', '-c', 'import poplib'),
  fetchmail: await isThere('fetchmail', '--version'),
  getmail: await isThere('getmail', '--version'),
};

/** As POP3 sends it: every line with CRLF. */
const SENT = LETTERS.map((bytes) =>
  bytes
    .toString()
    .replaceAll(/\r?\n/g, '\r\n')
    .replace(/(?<!\n)$/, '\r\n'),
);
const withoutCr = (text: string): string => text.replaceAll('\r\n', '\n');

describe('mail programs fetch by POP3', () => {
  let open: DoorForDialogs;
  let home: string;
  let caFile: string;
  beforeEach(async () => {
    open = await DoorForDialogs.open({ plaintextAuth: 'never' });
    home = await mkdtemp(join(tmpdir(), 'stopgap-pop3-clients-'));
    caFile = join(home, 'ca.pem');
    await writeFile(caFile, open.certificate);
  });
  afterEach(async () => {
    await open[Symbol.asyncDispose]();
    await rm(home, { recursive: true, force: true });
  });

  test.runIf(has.python)("Python's poplib: by TLS and STLS, looks, fetches, deletes, and finds the same UIDLs", async () => {
    const script = join(home, 'fetch.py');
    await writeFile(
      script,
      `
import json, poplib, ssl, sys
pop3, pop3s, ca = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
context = ssl.create_default_context(cafile=ca)
one = poplib.POP3('localhost', pop3)
capa = one.capa()
one.stls(context)
one.utf8()
one.user('alice@a.test'); one.pass_('wonder land')
count = one.stat()[0]
uidls = [line.decode().split()[1] for line in one.uidl()[1]]
mails = [b'\\r\\n'.join(one.retr(n + 1)[1]).decode() + '\\r\\n' for n in range(count)]
top = b'\\n'.join(one.top(1, 1)[1]).decode()
one.dele(1); one.noop(); one.dele(3); one.quit()
two = poplib.POP3_SSL('localhost', pop3s, context=context)
two.user('alice@a.test'); two.pass_('wonder land')
left = [line.decode().split()[1] for line in two.uidl()[1]]
two.quit()
try:
    three = poplib.POP3_SSL('localhost', pop3s, context=context)
    three.user('alice@a.test'); three.pass_('wrong')
    error = ''
except poplib.error_proto as e:
    error = e.args[0].decode()
print(json.dumps({'stls': 'STLS' in capa, 'uidls': uidls, 'mails': mails, 'top': top, 'left': left, 'error': error}))
`,
    );
    const { stdout } = await run('python3', [script, String(open.port('pop3')), String(open.port('pop3s')), caFile]);
    const found = JSON.parse(stdout) as { readonly uidls: readonly string[] };
    expect(found).toEqual({
      stls: true,
      uidls: found.uidls,
      mails: SENT,
      top: 'From: bob@b.test\nSubject: plain\n\nHello',
      left: found.uidls.filter((_, index) => index !== 0 && index !== 2),
      error: '-ERR [AUTH] Address or password is wrong',
    });
    expect([open.countIn('alice@a.test', 'INBOX'), open.countIn('alice@a.test', 'Trash')]).toEqual([5, 2]);
  });

  test.runIf(has.curl)('curl: a list and each message, by TLS and STLS', async () => {
    const login = ['-sS', '--cacert', caFile, '--user', 'alice@a.test:wonder land'];
    const list = await run('curl', [...login, `pop3s://localhost:${open.port('pop3s')}/`]);
    expect(list.stdout.trim().split('\r\n')).toHaveLength(LETTERS.length);
    for (const [index, wanted] of SENT.entries()) {
      const { stdout } = await run('curl', [...login, '--ssl-reqd', `pop3://localhost:${open.port('pop3')}/${index + 1}`]);
      expect(stdout).toBe(wanted);
    }
    await run('curl', [...login, '-X', 'DELE', '--list-only', `pop3s://localhost:${open.port('pop3s')}/2`]);
    expect(open.countIn('alice@a.test', 'Trash')).toBe(1);
  });

  test.runIf(has.fetchmail)('fetchmail: everything once, and then nothing until something comes', async () => {
    const rc = join(home, 'fetchmailrc');
    const out = join(home, 'out');
    const poll = `poll localhost protocol pop3 port ${open.port('pop3')} uidl user "alice@a.test" password "wonder land" keep sslcertfile "${caFile}" mda "cat >> ${out}; echo ===END >> ${out}"`;
    await writeFile(rc, `set invisible\nset no bouncemail\n${poll}\n`, { mode: 0o600 });
    const fetch = (): Promise<number> =>
      run('fetchmail', ['-f', rc, '--pidfile', join(home, 'pid'), '--idfile', join(home, 'ids'), '--nosyslog'], {
        env: { ...process.env, FETCHMAILHOME: home },
      }).then(
        () => 0,
        (error: { readonly code: number }) => error.code,
      );
    const fetched = async (): Promise<string[]> => (await readFile(out, 'utf8')).split('===END\n').slice(0, -1);
    expect(await fetch()).toBe(0);
    const first = await fetched();
    expect(first).toHaveLength(LETTERS.length);
    for (const [index, mail] of first.entries()) expect(mail).toContain(bodyOf(SENT[index] ?? ''));
    // 1: there was no mail.
    expect(await fetch()).toBe(1);
    await open.fill('alice@a.test', [Buffer.from('Subject: another\r\n\r\nnew\r\n')]);
    expect(await fetch()).toBe(0);
    expect((await fetched()).slice(LETTERS.length)).toEqual([expect.stringContaining('Subject: another')]);
  });

  test.runIf(has.getmail)('getmail: everything, and deletes what it has', async () => {
    const { mail, deliver } = await makeDeliveryProgram(home, { forGetmail: true });
    await writeFile(
      join(home, 'getmailrc'),
      `[retriever]
type = SimplePOP3SSLRetriever
server = localhost
port = ${open.port('pop3s')}
username = alice@a.test
password = wonder land
ca_certs = ${caFile}
[destination]
type = MDA_external
path = ${deliver}
allow_root_commands = true
unixfrom = false
[options]
delete = true
delivered_to = false
received = false
`,
      { mode: 0o600 },
    );
    await run('getmail', ['--getmaildir', home]);
    const names = await readdir(mail);
    const mails = await Promise.all(names.map((name) => readFile(join(mail, name), 'utf8')));
    expect(mails.map(withoutCr).map(bodyOf).sort()).toEqual(SENT.map(bodyOf).sort());
    expect([open.countIn('alice@a.test', 'INBOX'), open.countIn('alice@a.test', 'Trash')]).toEqual([1, LETTERS.length]);
  });
});

/** Programs put fields of their own before it. */
function bodyOf(mail: string): string {
  const text = withoutCr(mail);
  const end = text.indexOf('\n\n');
  return end < 0 ? '' : text.slice(end + 2).trimEnd();
}
