import { chownSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Certificates } from './certificates.ts';
import { daemonPart } from './daemon-part.ts';
import { startDaemon } from './daemon.ts';
import { dovecotBinaries } from './dovecot-binaries.ts';
import { dovecotConfig, type DovecotOptions } from './dovecot-config.ts';
import type { Home } from './home.ts';
import type { Part } from './part.ts';
import { PasswdFile } from './passwd-file.ts';
import type { InternalPorts } from './ports.ts';
import { systemUser } from './system-users.ts';

export interface DovecotSpec {
  readonly ports: InternalPorts;
  readonly domain: string;
  readonly users: readonly string[];
  readonly certificates: Certificates;
  readonly options?: DovecotOptions | undefined;
}

export interface Dovecot extends Part {
  readonly passwords: PasswdFile;
  /** `<mailRoot>/<user>/Maildir` */
  readonly mailRoot: string;
}

/** Where Postfix asks about passwords; here because both parts must agree on it. */
export function saslSocket(home: Home): string {
  return join(home.dir, 'dovecot/run/auth-postfix');
}

export async function prepareDovecot(home: Home, spec: DovecotSpec): Promise<Dovecot> {
  const dir = home.folder('dovecot');
  const mailRoot = home.folder('mail');
  const mail = systemUser('mail');
  chownSync(mailRoot, mail.uid, mail.gid);
  const usersFile = join(dir, 'users');
  const passwords = new PasswdFile(usersFile, spec.domain, spec.users);
  const run = join(dir, 'run');
  const conf = join(dir, 'dovecot.conf');
  const paths = {
    run,
    state: home.folder('dovecot/state'),
    libexec: await dovecotBinaries(home),
    log: join(home.logs, 'dovecot.log'),
    users: usersFile,
    mail: mailRoot,
    certFile: spec.certificates.certFile,
    keyFile: spec.certificates.keyFile,
  };
  writeFileSync(conf, dovecotConfig(paths, spec.ports, { ...spec.options, domain: spec.domain }));
  const part = daemonPart(() => {
    // Sockets of a killed predecessor would be taken for a running Dovecot.
    rmSync(run, { recursive: true, force: true });
    home.folder('dovecot/run');
    const { imap, imaps, pop3, pop3s, lmtp } = spec.ports;
    return startDaemon(home, {
      name: 'dovecot',
      command: '/usr/sbin/dovecot',
      args: ['-F', '-c', conf],
      ports: [imap, imaps, pop3, pop3s, lmtp],
    });
  });
  return { ...part, passwords, mailRoot };
}
