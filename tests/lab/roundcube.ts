import { randomBytes } from 'node:crypto';
import { chownSync, copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { daemonPart } from './daemon-part.ts';
import { run, startDaemon } from './daemon.ts';
import type { Home } from './home.ts';
import type { Part } from './part.ts';
import type { InternalPorts } from './ports.ts';
import { MESSAGE_LIMIT_BYTES } from './postfix-config.ts';
import { systemUser } from './system-users.ts';

/** One slow request must not hold up the others: php -S serves one at a time per worker. */
const WORKERS = 4;
const DOCUMENT_ROOT = '/var/lib/roundcube/public_html';
const DEFAULTS = ['defaults.inc.php', 'mimetypes.php'] as const;
const SCHEMA = '/usr/share/roundcube/SQL/sqlite.initial.sql';

export interface RoundcubeOptions {
  /** Roundcube makes at least 2 of it. */
  readonly sessionLifetimeMinutes?: number;
  readonly imapTimeoutSeconds?: number;
  readonly plugins?: readonly string[];
  /** PHP lines at the end of config.inc.php, e.g. `$config['message_show_email'] = true;` */
  readonly extraConfig?: string;
}

/** Roundcube talks to the internal ports: the webmail stays up while the public mail ports fail. */
export async function prepareRoundcube(home: Home, ports: InternalPorts, domain: string, options: RoundcubeOptions = {}): Promise<Part> {
  const web = systemUser('www-data');
  const folder = (name: string): string => {
    const path = home.folder(`roundcube/${name}`);
    chownSync(path, web.uid, web.gid);
    return path;
  };
  const [config, db, logs, temp] = [folder('config'), folder('db'), folder('logs'), folder('temp')];
  for (const name of DEFAULTS) copyFileSync(join('/etc/roundcube', name), join(config, name));
  const database = join(db, 'roundcube.sqlite');
  const fill = '$db = new SQLite3($argv[1]); exit($db->exec(file_get_contents($argv[2])) ? 0 : 1);';
  await run(home, 'php', ['-r', fill, '--', database, SCHEMA]);
  chownSync(database, web.uid, web.gid);
  const settings = {
    ...fixedSettings(ports, domain, options),
    db_dsnw: `sqlite:///${database}?mode=0640`,
    log_dir: `${logs}/`,
    temp_dir: `${temp}/`,
  };
  writeFileSync(join(config, 'config.inc.php'), phpConfig(settings, options.extraConfig ?? ''));
  return daemonPart(() =>
    startDaemon(home, {
      name: 'roundcube',
      command: 'php',
      args: [...phpSettings(temp, logs), '-S', `127.0.0.1:${ports.roundcube}`, '-t', DOCUMENT_ROOT],
      // Debian's Roundcube takes its configuration from here; /etc/roundcube stays unread.
      env: { ROUNDCUBE_CONFIG_DIR: config, PHP_CLI_SERVER_WORKERS: String(WORKERS) },
      ...web,
      ports: [ports.roundcube],
    }),
  );
}

function fixedSettings(ports: InternalPorts, domain: string, options: RoundcubeOptions): Record<string, unknown> {
  return {
    imap_host: `127.0.0.1:${ports.imap}`,
    smtp_host: `127.0.0.1:${ports.submission}`,
    smtp_user: '%u',
    smtp_pass: '%p',
    username_domain: domain,
    mail_domain: domain,
    des_key: randomBytes(12).toString('hex'),
    product_name: 'Lab Webmail',
    log_driver: 'file',
    smtp_log: true,
    log_logins: true,
    session_lifetime: options.sessionLifetimeMinutes ?? 10,
    imap_timeout: options.imapTimeoutSeconds ?? 15,
    enable_spellcheck: false,
    plugins: options.plugins ?? ['archive', 'zipdownload', 'markasjunk'],
    drafts_mbox: 'Drafts',
    sent_mbox: 'Sent',
    junk_mbox: 'Junk',
    trash_mbox: 'Trash',
    archive_mbox: 'Archive',
    max_message_size: MESSAGE_LIMIT_BYTES,
  };
}

/** A JSON value inside a PHP single-quoted string needs only quote and backslash escaped. */
function phpConfig(settings: Readonly<Record<string, unknown>>, extra: string): string {
  const json = JSON.stringify(settings).replaceAll('\\', '\\\\').replaceAll("'", "\\'");
  return `<?php\n$config = json_decode('${json}', true);\n${extra}\n`;
}

function phpSettings(temp: string, logs: string): string[] {
  const settings = {
    upload_max_filesize: MESSAGE_LIMIT_BYTES,
    post_max_size: MESSAGE_LIMIT_BYTES + 8_000_000,
    memory_limit: '1G',
    'session.save_path': temp,
    upload_tmp_dir: temp,
    error_log: join(logs, 'php.log'),
    display_errors: 0,
    log_errors: 1,
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-d', `${name}=${value}`]);
}
