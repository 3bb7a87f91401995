import { copyFileSync, existsSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Home } from './home.ts';
import { unpackOnce } from './unpacked-package.ts';

const SYSTEM = '/usr/lib/dovecot';
const MISSING = { base: 'dovecot-core', packages: ['dovecot-imapd', 'dovecot-pop3d'] };

/** The directory to be Dovecot's libexec_dir. */
export async function dovecotBinaries(home: Home): Promise<string> {
  if (existsSync(join(SYSTEM, 'imap-login')) && existsSync(join(SYSTEM, 'pop3-login'))) return SYSTEM;
  const unpacked = join(await unpackOnce(home, MISSING), 'usr/lib/dovecot');
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
