import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { Home } from './home.ts';
import { run } from './daemon.ts';

/**
 * dovecot-imapd and cyrus-imapd exclude each other in Debian (installing one silently removes the other), so a machine
 * that serves both parts of a lab can not have dovecot-imapd installed. What is missing is unpacked into `.pkg` instead.
 */
const SYSTEM = '/usr/lib/dovecot';
const CACHE = join(import.meta.dirname, '.pkg');
const PACKAGES = ['dovecot-imapd', 'dovecot-pop3d'] as const;

/** The directory to be Dovecot's libexec_dir. */
export async function dovecotBinaries(home: Home): Promise<string> {
  if (existsSync(join(SYSTEM, 'imap-login')) && existsSync(join(SYSTEM, 'pop3-login'))) return SYSTEM;
  const unpacked = join(await unpackOnce(home), 'usr/lib/dovecot');
  // The master checks even the helpers that are never used (imap-hibernate, ...): a whole directory is needed, not single
  // `executable` settings. Copied, because the dropped-privilege logins may not be able to walk to this checkout.
  const farm = home.folder('libexec');
  for (const name of readdirSync(SYSTEM)) symlinkSync(join(SYSTEM, name), join(farm, name));
  for (const name of readdirSync(unpacked).filter((entry) => /^(imap|pop3)/.test(entry))) {
    rmSync(join(farm, name), { force: true });
    copyFileSync(join(unpacked, name), join(farm, name));
  }
  return farm;
}

/** The copies are kept by version: those of another Dovecot than the installed one are not to be trusted. */
async function unpackOnce(home: Home): Promise<string> {
  const version = execFileSync('dpkg-query', ['-W', '-f=${Version}', 'dovecot-core'], { encoding: 'utf8' });
  const wanted = join(CACHE, `dovecot-${version.replaceAll(/[^\w.+-]/g, '_')}`);
  if (existsSync(wanted)) return wanted;
  const work = `${wanted}.${process.pid}`;
  mkdirSync(work, { recursive: true });
  await download(home, version, work);
  for (const deb of readdirSync(work).filter((name) => name.endsWith('.deb'))) {
    await run(home, 'dpkg', ['-x', join(work, deb), work]);
    rmSync(join(work, deb));
  }
  moveInto(work, wanted);
  return wanted;
}

/** The archive keeps only the newest version; one that no longer matches exactly still runs (version_ignore). */
async function download(home: Home, version: string, work: string): Promise<void> {
  const exact = ['download', ...PACKAGES.map((name) => `${name}=${version}`)];
  try {
    await run(home, 'apt-get', exact, work);
  } catch {
    await run(home, 'apt-get', ['update', '-q']);
    await run(home, 'apt-get', exact, work).catch(() => run(home, 'apt-get', ['download', ...PACKAGES], work));
  }
}

/** Two labs may unpack at the same moment: the first one wins, both copies are equal. */
function moveInto(work: string, wanted: string): void {
  try {
    renameSync(work, wanted);
  } catch (error) {
    if (!existsSync(wanted)) throw error;
    rmSync(work, { recursive: true, force: true });
  }
}
