/* Programs that fetch what is new and hand it on, once; by IMAP here. */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makeDeliveryProgram } from '../../lab/delivery-program.ts';
import type { ImapAccount } from './mail-programs.ts';

const run = promisify(execFile);
/** fetchmail(1): there was no mail. */
const NO_MAIL = 1;

export interface Fetcher extends AsyncDisposable {
  /** What it got and had not got before, with LF. `emptying`: it deletes all that it has. */
  fetch(options?: { readonly emptying?: boolean }): Promise<readonly string[]>;
}

export const FETCHERS: Readonly<Record<string, (account: ImapAccount, mailboxes: readonly string[]) => Promise<Fetcher>>> = {
  fetchmail: (account, mailboxes) =>
    fetcher({ forGetmail: false }, async ({ home, deliver, emptying }) => {
      const rc = join(home, 'fetchmailrc');
      const { port, user, password, caFile } = account;
      const how = emptying ? 'fetchall nokeep' : 'keep';
      const poll = `poll localhost protocol imap port ${port} user "${user}" password "${password}" ssl sslcertfile "${caFile}"`;
      const text = `set invisible\nset no bouncemail\n${poll} folder ${mailboxes.join(',')} ${how} no rewrite mda "${deliver}"\n`;
      await writeFile(rc, text, { mode: 0o600 });
      const args = ['-f', rc, '--pidfile', join(home, 'pid'), '--idfile', join(home, 'ids'), '--nosyslog'];
      await run('fetchmail', args, { env: { ...process.env, FETCHMAILHOME: home } }).catch((error: unknown) => {
        if ((error as { readonly code: unknown }).code !== NO_MAIL) throw error;
      });
    }),
  getmail: (account, mailboxes) =>
    fetcher({ forGetmail: true }, async ({ home, deliver, emptying }) => {
      const text = `[retriever]
type = SimpleIMAPSSLRetriever
server = localhost
port = ${account.port}
username = ${account.user}
password = ${account.password}
ca_certs = ${account.caFile}
mailboxes = (${mailboxes.map((name) => `'${name}', `).join('')})
[destination]
type = MDA_external
path = ${deliver}
allow_root_commands = true
unixfrom = false
[options]
read_all = false
delete = ${emptying}
delivered_to = false
received = false
`;
      await writeFile(join(home, 'getmailrc'), text, { mode: 0o600 });
      await run('getmail', ['--getmaildir', home]);
    }),
};

interface Fetching {
  readonly home: string;
  /** A program that takes a message on its standard input. */
  readonly deliver: string;
  readonly emptying: boolean;
}

async function fetcher(program: { readonly forGetmail: boolean }, fetch: (fetching: Fetching) => Promise<void>): Promise<Fetcher> {
  const home = await mkdtemp(join(tmpdir(), 'stopgap-fetching-'));
  const { mail, deliver } = await makeDeliveryProgram(home, program);
  const seen = new Set<string>();
  return {
    async fetch({ emptying = false } = {}) {
      await fetch({ home, deliver, emptying });
      const fresh = (await readdir(mail)).filter((name) => !seen.has(name));
      for (const name of fresh) seen.add(name);
      return await Promise.all(fresh.map(async (name) => asSent(await readFile(join(mail, name), 'latin1'))));
    },
    [Symbol.asyncDispose]: () => rm(home, { recursive: true, force: true }),
  };
}

/** Without the fields that these programs put in, and without the line end that may be added at the end. */
function asSent(text: string): string {
  return text
    .replace(/^Return-Path: .*\n/, '')
    .replace(/^X-getmail-retrieved-from-mailbox: .*\n/m, '')
    .trimEnd();
}
