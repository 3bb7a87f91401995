/* Mail programs that see an account as a whole: what each of them makes of it, and what it does there, in the same words for all. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { normalFlags } from '@stopgap/core';
import { ImapFlow } from 'imapflow';
import { hashOf } from '../../relay/index.ts';
import { curlProgram } from './curl-program.ts';
import { OfflineImap } from './offlineimap.ts';

const run = promisify(execFile);
/** Of what a program prints. */
const MOST_BYTES = 64 * 1024 * 1024;

export interface ImapAccount {
  /** With TLS from the first byte. */
  readonly port: number;
  readonly caFile: string;
  readonly user: string;
  readonly password: string;
}

/** Messages are named by their subjects. */
export interface Work {
  readonly flag: string;
  readonly move: string;
  readonly remove: string;
  /** What is moved and `letter` go there. */
  readonly to: string;
  readonly letter: string;
}

export interface MailProgram extends AsyncDisposable {
  /** All that it sees now, sorted: `mailbox`, or `mailbox hash flags`. */
  look(): Promise<readonly string[]>;
  /** Flags one, moves one, removes one, stores one. */
  work(work: Work): Promise<void>;
}

export const PROGRAMS: Readonly<Record<string, (account: ImapAccount) => Promise<MailProgram>>> = {
  offlineimap: offlineImapProgram,
  "Python's imaplib": async (account) => scriptProgram(['python3', 'imaplib-program.py'], account),
  "Perl's Mail::IMAPClient": async (account) => scriptProgram(['perl', 'mail-imapclient-program.pl'], account),
  imapflow: async (account) => imapflowProgram(account),
  curl: curlProgram,
};

async function offlineImapProgram(account: ImapAccount): Promise<MailProgram> {
  const program = await OfflineImap.start({ ...account, mailboxes: ['INBOX', 'Archiv'] });
  return {
    async look() {
      await program.sync();
      const copies = await program.mail.copies();
      return copies.map(({ mailbox, hash, flags }) => `${mailbox} ${hash} ${flags}`).toSorted();
    },
    async work({ flag, move, remove, to, letter }) {
      await program.mail.mark(flag, 'F');
      await program.mail.move(move, to);
      await program.mail.remove(remove);
      await program.mail.deliver(to, Buffer.from(letter));
      await program.sync();
    },
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
}

function scriptProgram([interpreter, script]: readonly [string, string], account: ImapAccount): MailProgram {
  const args = [join(import.meta.dirname, script), String(account.port), account.caFile, account.user, account.password];
  return {
    async look() {
      const { stdout } = await run(interpreter, [...args, 'look'], { maxBuffer: MOST_BYTES });
      const found = JSON.parse(stdout) as { readonly mailbox: string; readonly hash?: string; readonly flags?: readonly string[] }[];
      return found
        .map(({ mailbox, hash, flags = [] }) => (hash === undefined ? mailbox : `${mailbox} ${hash} ${wordsOf(flags)}`))
        .toSorted();
    },
    async work(work) {
      const child = spawn(interpreter, [...args, 'work'], { stdio: ['pipe', 'ignore', 'inherit'] });
      child.stdin.end(JSON.stringify(work));
      const [code] = (await once(child, 'close')) as [number | null];
      if (code !== 0) throw new Error(`${script} ended with ${code}`);
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
}

function imapflowProgram({ port, user, password }: ImapAccount): MailProgram {
  const connected = async <T>(job: (client: ImapFlow) => Promise<T>): Promise<T> => {
    const auth = { user, pass: password };
    const client = new ImapFlow({ host: '127.0.0.1', port, secure: true, auth, logger: false, tls: { rejectUnauthorized: false } });
    await client.connect();
    try {
      return await job(client);
    } finally {
      await client.logout();
    }
  };
  return {
    look: () =>
      connected(async (client) => {
        const lines: string[] = [];
        for (const { path, delimiter, flags } of await client.list()) {
          if (flags.has('\\Noselect')) continue;
          const name = path.replaceAll(delimiter, '/');
          lines.push(name);
          const { exists } = await client.mailboxOpen(path, { readOnly: true });
          const messages = exists === 0 ? [] : await client.fetchAll('1:*', { source: true, flags: true });
          for (const message of messages)
            lines.push(`${name} ${hashOf(message.source ?? Buffer.alloc(0))} ${wordsOf([...(message.flags ?? [])])}`);
        }
        return lines.toSorted();
      }),
    work: ({ flag, move, remove, to, letter }) =>
      connected(async (client) => {
        await client.mailboxOpen('INBOX');
        const uid = async (subject: string): Promise<string> => ((await client.search({ subject }, { uid: true })) || []).join(',');
        await client.messageFlagsAdd(await uid(flag), ['\\Flagged', 'todo'], { uid: true });
        await client.messageMove(await uid(move), to, { uid: true });
        await client.messageDelete(await uid(remove), { uid: true });
        await client.append(to, letter, ['\\Seen']);
      }),
    [Symbol.asyncDispose]: async () => undefined,
  };
}

/** `\Recent` is no flag of a message but of a session. */
function wordsOf(flags: readonly string[]): string {
  return normalFlags(flags.filter((flag) => flag.toLowerCase() !== '\\recent')).join(' ');
}
