import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Home } from './home.ts';
import { run } from './daemon.ts';

/**
 * dovecot-imapd and cyrus-imapd exclude each other in Debian (installing one silently removes the other), so a machine that serves both parts of a lab
 * can have neither installed. What is missing is unpacked here instead.
 */
const CACHE = join(import.meta.dirname, '.pkg');

export interface Unpacking {
  /** Of the installed package that the copies belong to. */
  readonly base: string;
  readonly packages: readonly string[];
}

/** The root directory of the unpacked packages. Kept by version: copies of another version than the installed base's are not to be trusted. */
export async function unpackOnce(home: Home, { base, packages }: Unpacking): Promise<string> {
  const version = execFileSync('dpkg-query', ['-W', '-f=${Version}', base], { encoding: 'utf8' });
  const name = base.slice(0, base.indexOf('-'));
  const wanted = join(CACHE, `${name}-${version.replaceAll(/[^\w.+-]/g, '_')}`);
  if (existsSync(wanted)) return wanted;
  const work = `${wanted}.${process.pid}`;
  mkdirSync(work, { recursive: true });
  await download(home, packages, version, work);
  for (const deb of readdirSync(work).filter((file) => file.endsWith('.deb'))) {
    await run(home, 'dpkg', ['-x', join(work, deb), work]);
    rmSync(join(work, deb));
  }
  moveInto(work, wanted);
  return wanted;
}

/** The archive keeps only the newest version; one that no longer matches exactly still runs. */
async function download(home: Home, packages: readonly string[], version: string, work: string): Promise<void> {
  const exact = ['download', ...packages.map((name) => `${name}=${version}`)];
  try {
    await run(home, 'apt-get', exact, work);
  } catch {
    await run(home, 'apt-get', ['update', '-q']);
    await run(home, 'apt-get', exact, work).catch(() => run(home, 'apt-get', ['download', ...packages], work));
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
