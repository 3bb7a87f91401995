import { join } from 'node:path';
import type { InternalPorts } from './ports.ts';

export interface CyrusPlan {
  readonly dir: string;
  /** Where httpd, imapd and squatter are. */
  readonly binaries: string;
  readonly domain: string;
  readonly ports: InternalPorts;
  /** Where it hands over what its users send. */
  readonly smtpPort: number;
}

/** The realm of its log-ins. */
export function cyrusServername(domain: string): string {
  return `jmap.${domain}`;
}

export function cyrusImapdConf({ dir, domain, smtpPort }: CyrusPlan): string {
  const settings = {
    configdirectory: join(dir, 'conf'),
    defaultpartition: 'default',
    'partition-default': join(dir, 'spool'),
    sievedir: join(dir, 'sieve'),
    proc_path: join(dir, 'run/proc'),
    mboxname_lockpath: join(dir, 'run/lock'),
    lmtpsocket: join(dir, 'run/socket/lmtp'),
    // What idled is told of just before a client waits is lost to that client: then imapd looks by itself, else once a minute.
    imapidlepoll: '1',
    idlesocket: join(dir, 'run/socket/idle'),
    notifysocket: join(dir, 'run/socket/notify'),
    statuscache_db_path: join(dir, 'conf/statuscache.db'),
    cyrus_user: 'cyrus',
    cyrus_group: 'mail',
    servername: cyrusServername(domain),
    admins: 'cyrus',
    virtdomains: 'userid',
    defaultdomain: domain,
    altnamespace: 'yes',
    unixhierarchysep: 'yes',
    allowplaintext: 'yes',
    sasl_pwcheck_method: 'auxprop',
    sasl_auxprop_plugin: 'sasldb',
    sasl_sasldb_path: join(dir, 'sasldb2'),
    sasl_mech_list: 'PLAIN LOGIN',
    autocreate_quota: '0',
    autocreate_inbox_folders: 'Drafts|Sent|Trash|Junk|Archive',
    autocreate_subscribe_folders: 'Drafts|Sent|Trash|Junk|Archive',
    'xlist-drafts': 'Drafts',
    'xlist-sent': 'Sent',
    'xlist-trash': 'Trash',
    'xlist-junk': 'Junk',
    'xlist-archive': 'Archive',
    conversations: 'yes',
    conversations_db: 'twoskip',
    search_engine: 'xapian',
    defaultsearchtier: 't1',
    't1searchpartition-default': join(dir, 'search'),
    sync_log: 'yes',
    sync_log_channels: 'squatter',
    httpmodules: 'jmap admin',
    jmap_nonstandard_extensions: 'no',
    smtp_backend: 'host',
    smtp_host: `127.0.0.1:${smtpPort}`,
    duplicatesuppression: 'no',
    maxmessagesize: '0',
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name}: ${value}\n`)
    .join('');
}

export function cyrusMasterConf({ binaries, ports }: CyrusPlan, conf: string): string {
  const run = (program: string, rest = ''): string => `cmd="${join(binaries, program)} -C ${conf}${rest}"`;
  return `START {
  recover ${run('ctl_cyrusdb', ' -r')}
}
SERVICES {
  imap ${run('imapd', ' -t 0')} listen="127.0.0.1:${ports.cyrusImap}" prefork=1
  http ${run('httpd')} listen="127.0.0.1:${ports.jmap}" prefork=1
}
DAEMON {
  idled ${run('idled')}
  squatter ${run('squatter', ' -R')}
}
EVENTS {
}
`;
}
