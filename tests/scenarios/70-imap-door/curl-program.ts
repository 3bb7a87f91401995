import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { normalFlags } from '@stopgap/core';
import { hashOf } from '../../relay/index.ts';
import type { ImapAccount, MailProgram } from './mail-programs.ts';

const run = promisify(execFile);
const LISTED = /^\* LIST \(([^)]*)\) "(.)" (?:"((?:[^"\\]|\\.)*)"|(\S+))$/;

/** curl as a mail program. It knows no PEEK: whatever it has fetched is seen, so flags are asked for last. */
export async function curlProgram({ port, caFile, user, password }: ImapAccount): Promise<MailProgram> {
  const home = await mkdtemp(join(tmpdir(), 'stopgap-curl-'));
  const options = ['-sS', '--cacert', caFile, '--user', `${user}:${password}`];
  const urlOf = (mailbox: string): string =>
    `imaps://localhost:${port}/${encodeURIComponent(mailbox).replaceAll(/['()*!]/g, (one) => `%${one.charCodeAt(0).toString(16)}`)}`;
  const curl = async (...args: readonly string[]): Promise<string[]> =>
    (await run('curl', [...options, ...args], { encoding: 'latin1' })).stdout.split('\r\n').slice(0, -1);
  const command = (mailbox: string, text: string): Promise<string[]> => curl('-X', text, urlOf(mailbox));

  /** By one connection, as a file each. */
  const fetched = async (mailbox: string, uids: readonly string[]): Promise<Map<string, string>> => {
    const config = uids.map((uid) => `url = "${urlOf(mailbox)};UID=${uid}"\noutput = "${join(home, uid)}"\n`).join('');
    await writeFile(join(home, 'config'), config);
    if (uids.length > 0) await curl('--config', join(home, 'config'));
    return new Map(await Promise.all(uids.map(async (uid) => [uid, hashOf(await readFile(join(home, uid)))] as const)));
  };
  const flagsIn = async (mailbox: string): Promise<Map<string, string>> => {
    const lines = await command(mailbox, 'UID FETCH 1:* (UID FLAGS)');
    const words = lines.map((line) => [/UID (\d+)/.exec(line)?.[1] ?? '', /FLAGS \(([^)]*)\)/.exec(line)?.[1] ?? ''] as const);
    return new Map(
      words.map(([uid, flags]) => [uid, normalFlags(flags.split(' ').filter((flag) => !/^(?:\\Recent)?$/i.test(flag))).join(' ')]),
    );
  };
  const uidOf = async (subject: string): Promise<string> =>
    /^\* SEARCH (\d+)$/.exec((await command('INBOX', `UID SEARCH SUBJECT "${subject}"`)).join('\n'))?.[1] ?? '';

  return {
    async look() {
      const all: string[] = [];
      for (const line of await curl(urlOf(''))) {
        const [, attributes = '', separator = '', quoted, atom = ''] = LISTED.exec(line) ?? [];
        if (/\\(?:Noselect|NonExistent)/i.test(attributes)) continue;
        const name = quoted?.replaceAll(/\\(.)/g, '$1') ?? atom;
        const path = name.replaceAll(separator, '/');
        const hashes = await fetched(name, [...(await flagsIn(name)).keys()]);
        const flags = await flagsIn(name);
        all.push(path, ...[...hashes].map(([uid, hash]) => `${path} ${hash} ${flags.get(uid)}`));
      }
      return all.toSorted();
    },
    async work({ flag, move, remove, to, letter }) {
      await command('INBOX', `UID STORE ${await uidOf(flag)} +FLAGS (\\Flagged todo)`);
      await command('INBOX', `UID MOVE ${await uidOf(move)} "${to}"`);
      const gone = await uidOf(remove);
      await command('INBOX', `UID STORE ${gone} +FLAGS (\\Deleted)`);
      await command('INBOX', `UID EXPUNGE ${gone}`);
      await writeFile(join(home, 'letter'), letter);
      await curl('-T', join(home, 'letter'), urlOf(to));
    },
    [Symbol.asyncDispose]: () => rm(home, { recursive: true, force: true }),
  };
}
