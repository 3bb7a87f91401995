import { chownSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { daemonPart } from './daemon-part.ts';
import type { Daemon } from './daemon.ts';
import { startDaemon } from './daemon.ts';
import type { Home } from './home.ts';
import { withCrlf } from './maildir.ts';
import type { Part } from './part.ts';
import { systemUser } from './system-users.ts';

/** smtp-sink's listen backlog. */
const BACKLOG = '100';

/** One transaction that reached the outside world. */
export interface Departed {
  readonly raw: Buffer;
  readonly from: string;
  readonly to: readonly string[];
}

export interface Sink extends Part {
  messages(): Departed[];
}

/** The rest of the world: Postfix's own smtp-sink takes whatever is not for the provider and files it. */
export function prepareSink(home: Home, port: number): Sink {
  const dir = home.folder('sink');
  chownSync(dir, systemUser('nobody').uid, systemUser('nobody').gid);
  let daemon: Daemon | undefined;
  const part = daemonPart(async () => {
    daemon = await startDaemon(home, {
      name: 'sink',
      command: '/usr/sbin/smtp-sink',
      args: ['-u', 'nobody', '-R', dir, '-d', '%Y%m%d%H%M%S.', `127.0.0.1:${port}`, BACKLOG],
      cwd: dir,
      ports: [port],
    });
    return daemon;
  });
  return { ...part, messages: () => readSink(dir, daemon?.pid) };
}

/** A file that smtp-sink still holds open is a message on its way in. Listed before the check: a later one may be unfinished. */
function readSink(dir: string, pid: number | undefined): Departed[] {
  const files = readdirSync(dir).map((name) => ({ name, path: join(dir, name), madeAt: changedAt(join(dir, name)) }));
  const unfinished = new Set(pid === undefined ? [] : openFiles(pid));
  return files
    .filter(({ name }) => !unfinished.has(name))
    .sort((a, b) => a.madeAt - b.madeAt)
    .flatMap(({ path }) => {
      const text = readIfThere(path);
      return text ? [parse(text)] : [];
    });
}

function openFiles(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((fd) => basename(linkTarget(`/proc/${pid}/fd/${fd}`)));
  } catch {
    return [];
  }
}

function linkTarget(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

function changedAt(path: string): number {
  try {
    return statSync(path).mtimeMs;
  } catch {
    return 0;
  }
}

/** smtp-sink deletes the file of a transaction that was cut off. */
function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

/** Around the message: X-Client-*, X-Helo-Args, X-Mail-Args, X-Rcpt-Args, one folded Received field, and an empty line at the end. */
function parse(file: Buffer): Departed {
  const text = file.toString('latin1');
  const head = /^(?:X-[\w-]+: .*\n)+Received: .*\n(?:[ \t].*\n)*/.exec(text)?.[0];
  if (head === undefined) throw new Error('smtp-sink wrote a file of another form than known');
  const args = (name: string): string[] => [...head.matchAll(new RegExp(`^X-${name}-Args: <(.*?)>`, 'gm'))].map((match) => match[1] ?? '');
  return { raw: withCrlf(file.subarray(head.length, -1)), from: args('Mail')[0] ?? '', to: args('Rcpt') };
}
