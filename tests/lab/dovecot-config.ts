import type { InternalPorts } from './ports.ts';

export interface DovecotPaths {
  readonly run: string;
  readonly state: string;
  readonly libexec: string;
  readonly log: string;
  readonly users: string;
  readonly mail: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/**
 * Log-ins share a process, sessions come one after another in one, as at large providers. By default each has a process of its own: Roundcube logs in for every
 * request, and that was three quarters of all that a delivery through it cost the processor.
 */
const FOR_LOG_INS = ['service_count = 0', 'process_min_avail = 1'];
const FOR_SESSIONS = ['service_count = 200'];

/** Debian's mail user; below Dovecot's usual first_valid_uid. */
const MAIL_UID = 8;

export interface DovecotOptions {
  /** What the IMAP server says it can, instead of all it can: `IMAP4rev1 IDLE UIDPLUS`. */
  readonly imapCapability?: string;
}

export function dovecotConfig(
  paths: DovecotPaths,
  ports: InternalPorts,
  { domain, imapCapability }: DovecotOptions & { readonly domain: string },
): string {
  return `instance_name = lab
${imapCapability === undefined ? '' : `imap_capability = ${imapCapability}`}
base_dir = ${paths.run}
state_dir = ${paths.state}
libexec_dir = ${paths.libexec}
# The unpacked imap and pop3 may be a patch release away from the installed core.
version_ignore = yes
log_path = ${paths.log}
log_timestamp = "%Y-%m-%d %H:%M:%S "
protocols = imap pop3 lmtp
listen = 127.0.0.1
hostname = mail.${domain}
postmaster_address = postmaster@${domain}
ssl = yes
ssl_cert = <${paths.certFile}
ssl_key = <${paths.keyFile}
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_username_format = %Lu
auth_default_realm = ${domain}
auth_failure_delay = 0
first_valid_uid = ${MAIL_UID}
last_valid_uid = ${MAIL_UID}
first_valid_gid = ${MAIL_UID}
mail_uid = ${MAIL_UID}
mail_gid = ${MAIL_UID}
mail_home = ${paths.mail}/%n
mail_location = maildir:~/Maildir
mail_max_userip_connections = 200
passdb {
  driver = passwd-file
  args = scheme=PLAIN username_format=%u ${paths.users}
}
userdb {
  driver = passwd-file
  args = username_format=%u ${paths.users}
}
namespace inbox {
  inbox = yes
${['Drafts', 'Sent', 'Junk', 'Trash', 'Archive'].map(specialMailbox).join('\n')}
}
default_client_limit = 1000
default_process_limit = 100
service anvil {
  client_limit = 1200
  # Without this one wrong password from 127.0.0.1 slows down every log-in of the whole lab, by 2, 4, 8, 15 seconds.
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service auth {
  client_limit = 3000
  unix_listener auth-postfix {
    mode = 0660
    user = postfix
    group = postfix
  }
}
service stats {
  unix_listener stats-writer {
    mode = 0666
  }
}
${service('imap', FOR_SESSIONS)}
${service('pop3', FOR_SESSIONS)}
${service('imap-login', [...FOR_LOG_INS, ...listeners({ imap: ports.imap, imaps: ports.imaps })])}
${service('pop3-login', [...FOR_LOG_INS, ...listeners({ pop3: ports.pop3, pop3s: ports.pop3s })])}
${service('lmtp', listeners({ lmtp: ports.lmtp }))}
`;
}

function specialMailbox(name: string): string {
  return `  mailbox ${name} {
    special_use = \\${name}
    auto = subscribe
  }`;
}

function service(name: string, settings: readonly string[]): string {
  return `service ${name} {\n${settings.join('\n')}\n}`;
}

function listeners(ports: Readonly<Record<string, number>>): string[] {
  return Object.entries(ports).map(
    ([name, port]) => `  inet_listener ${name} {
    address = 127.0.0.1
    port = ${port}${name === 'imaps' || name === 'pop3s' ? '\n    ssl = yes' : ''}
  }`,
  );
}
