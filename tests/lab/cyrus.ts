import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { cyrusImapdConf, cyrusMasterConf, cyrusServername } from './cyrus-config.ts';
import { daemonPart } from './daemon-part.ts';
import { run, startDaemon } from './daemon.ts';
import type { Home } from './home.ts';
import type { Part } from './part.ts';
import type { InternalPorts } from './ports.ts';
import { unpackOnce } from './unpacked-package.ts';

const SYSTEM = '/usr/lib/cyrus/bin';
const MASTER = '/usr/sbin/cyrmaster';
const MISSING = { base: 'cyrus-common', packages: ['cyrus-imapd'] };
/** In the package that can not be installed beside dovecot-imapd. */
const PRIVATE = ['imapd', 'squatter', 'idled'] as const;

export interface CyrusSpec {
  readonly ports: InternalPorts;
  readonly domain: string;
  readonly users: readonly string[];
  readonly smtpPort: number;
}

export interface Cyrus extends Part {
  setPassword(user: string, password: string): void;
}

/** Cyrus 3.6: one store, spoken to by JMAP and by IMAP. The users' mailboxes are there when it has started. */
export async function prepareCyrus(home: Home, spec: CyrusSpec): Promise<Cyrus> {
  const dir = home.folder('cyrus');
  for (const name of ['conf', 'spool', 'search', 'sieve', 'run/proc', 'run/lock', 'run/socket']) home.folder(`cyrus/${name}`);
  const conf = join(dir, 'imapd.conf');
  const masterConf = join(dir, 'cyrus.conf');
  const plan = { dir, binaries: await cyrusBinaries(home), domain: spec.domain, ports: spec.ports, smtpPort: spec.smtpPort };
  writeFileSync(conf, cyrusImapdConf(plan));
  writeFileSync(masterConf, cyrusMasterConf(plan, conf));
  const passwords = join(dir, 'sasldb2');
  const given = new Map<string, string>();
  const setPassword = (user: string, password: string): void => {
    given.set(user, password);
    const args = ['-p', '-c', '-f', passwords, '-u', cyrusServername(spec.domain), user];
    const { status, stderr } = spawnSync('/usr/sbin/saslpasswd2', args, { input: password, encoding: 'utf8' });
    if (status !== 0) throw new Error(`saslpasswd2 failed: ${stderr}`);
  };
  for (const user of spec.users) setPassword(user, `secret-${user}`);
  await run(home, 'chown', ['-R', 'cyrus:mail', dir]);
  const pidFile = join(dir, 'run/master.pid');
  const part = daemonPart(async () => {
    // Of a killed predecessor, which would be taken for a running one.
    rmSync(pidFile, { force: true });
    const daemon = await startDaemon(home, {
      name: 'cyrus',
      command: MASTER,
      args: ['-C', conf, '-M', masterConf, '-p', pidFile],
      cwd: dir,
      ports: [spec.ports.jmap, spec.ports.cyrusImap],
    });
    for (const user of spec.users) await logInOnce(spec.ports.cyrusImap, `${user}@${spec.domain}`, given.get(user) ?? '');
    return daemon;
  });
  return { ...part, setPassword };
}

/** Mailboxes are made at the first log-in by IMAP, and not by JMAP, which has no account to show before. */
async function logInOnce(port: number, login: string, password: string): Promise<void> {
  const socket = net.connect(port, '127.0.0.1');
  socket.resume();
  socket.write(`a LOGIN ${login} ${password}\r\nb LOGOUT\r\n`);
  await once(socket, 'close');
}

/** A directory with all of Cyrus' programs. */
async function cyrusBinaries(home: Home): Promise<string> {
  if (PRIVATE.every((name) => existsSync(join(SYSTEM, name)))) return SYSTEM;
  const unpacked = join(await unpackOnce(home, MISSING), 'usr/lib/cyrus/bin');
  const farm = home.folder('cyrus-bin');
  for (const name of readdirSync(SYSTEM)) symlinkSync(join(SYSTEM, name), join(farm, name));
  // Copied, because the user cyrus may not be able to walk to this checkout.
  for (const name of PRIVATE) {
    rmSync(join(farm, name), { force: true });
    copyFileSync(join(unpacked, name), join(farm, name));
  }
  return farm;
}
