import { chownSync, existsSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { daemonPart } from './daemon-part.ts';
import { run, startDaemon } from './daemon.ts';
import type { Home } from './home.ts';
import type { Part } from './part.ts';
import { mainSettings, masterConfig } from './postfix-config.ts';
import type { PostfixPlan } from './postfix-config.ts';
import { systemUser } from './system-users.ts';

/** What Postfix answers at RCPT to these recipients, unless a lab says otherwise. */
export const REFUSALS: Readonly<Record<string, string>> = {
  'nosuchuser@outside.test': '550 5.1.1 No such user here',
  'later@outside.test': '451 4.3.2 Please try again later',
  'greylisted@outside.test': '450 4.2.0 Greylisted',
};

const MASTER = '/usr/lib/postfix/sbin/master';

/** Every Postfix program waits while its configuration is younger than two seconds, so ours is always a minute old. */
const BACKDATED_S = 60;

export interface PostfixSpec extends Omit<PostfixPlan, 'dir' | 'logs' | 'root'> {
  readonly users: readonly string[];
}

export interface Postfix extends Part {
  /** Adds main.cf settings and restarts; only a restart makes sure that no idle smtpd answers by the old ones. */
  configure(settings: Readonly<Record<string, string>>): Promise<void>;
  /** Adds answers at RCPT by recipient. */
  refuse(replies: Readonly<Record<string, string>>): Promise<void>;
  flush(): Promise<void>;
}

export function preparePostfix(home: Home, spec: PostfixSpec): Postfix {
  const dir = home.folder('postfix');
  const etc = home.folder('postfix/etc');
  const spool = home.folder('postfix/spool');
  const owner = systemUser('postfix');
  chownSync(home.folder('postfix/data'), owner.uid, owner.gid);
  const settings = mainSettings({ ...spec, dir, logs: home.logs, root: home.dir });
  const refusals: Record<string, string> = { ...REFUSALS };
  const write = (name: string, text: string): void => writeBackdated(join(etc, name), text);
  const writeAll = (): void => {
    write('main.cf', lines(settings, ' = '));
    write('master.cf', masterConfig(spec.ports));
    write('mailboxes', spec.users.map((user) => `${user}@${spec.domain} x\n`).join(''));
    write('refusals', lines(refusals, ' '));
  };
  const part = daemonPart(async () => {
    writeAll();
    // Makes the queue's directories.
    if (!existsSync(join(spool, 'pid'))) await run(home, 'postfix', ['-c', etc, 'check']);
    const { smtp, submission, smtps, trusted } = spec.ports;
    return startDaemon(home, {
      name: 'postfix',
      // Not `postfix start-fg`: below its shell the master would move into a group of its own, out of our sight.
      command: MASTER,
      args: ['-c', etc, '-s'],
      ports: [smtp, submission, smtps, trusted],
    });
  });
  const restart = async (): Promise<void> => {
    await part.stop();
    await part.start();
  };
  return {
    ...part,
    async configure(changes) {
      Object.assign(settings, changes);
      await restart();
    },
    async refuse(replies) {
      Object.assign(refusals, replies);
      await restart();
    },
    flush: () => run(home, 'postqueue', ['-c', etc, '-f']),
  };
}

function lines(entries: Readonly<Record<string, string>>, separator: string): string {
  return Object.entries(entries)
    .map(([name, value]) => `${name}${separator}${value}\n`)
    .join('');
}

function writeBackdated(path: string, text: string): void {
  writeFileSync(path, text);
  const then = Date.now() / 1000 - BACKDATED_S;
  utimesSync(path, then, then);
}
