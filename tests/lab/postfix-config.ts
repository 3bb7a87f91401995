import { join } from 'node:path';
import type { Certificates } from './certificates.ts';
import type { InternalPorts } from './ports.ts';

/** The lab carries messages of 50 MB, which base64 and a webmail make larger. */
export const MESSAGE_LIMIT_BYTES = 80_000_000;

export interface PostfixPlan {
  readonly dir: string;
  readonly logs: string;
  readonly root: string;
  readonly domain: string;
  readonly ports: InternalPorts;
  readonly certificates: Certificates;
  readonly saslSocket: string;
}

export function mainSettings(plan: PostfixPlan): Record<string, string> {
  const { dir, domain, ports, certificates } = plan;
  const refusals = `check_recipient_access texthash:${join(dir, 'etc/refusals')}`;
  const mayRelay = 'permit_sasl_authenticated, reject_unauth_destination';
  return {
    compatibility_level: '3.6',
    queue_directory: join(dir, 'spool'),
    data_directory: join(dir, 'data'),
    maillog_file: join(plan.logs, 'postfix.log'),
    maillog_file_prefixes: `${plan.root}, /var, /dev/stdout`,
    syslog_name: 'lab',
    myhostname: `mail.${domain}`,
    mydomain: domain,
    myorigin: domain,
    inet_interfaces: '127.0.0.1',
    inet_protocols: 'ipv4',
    mydestination: '',
    local_recipient_maps: '',
    alias_maps: '',
    alias_database: '',
    mynetworks: '127.0.0.0/8',
    smtp_dns_support_level: 'disabled',
    smtp_host_lookup: 'native',
    smtpd_peername_lookup: 'no',
    relayhost: `[127.0.0.1]:${ports.sink}`,
    virtual_mailbox_domains: domain,
    virtual_mailbox_maps: `texthash:${join(dir, 'etc/mailboxes')}`,
    virtual_alias_maps: '',
    virtual_transport: `lmtp:inet:127.0.0.1:${ports.lmtp}`,
    smtpd_sasl_type: 'dovecot',
    smtpd_sasl_path: plan.saslSocket,
    smtpd_sasl_security_options: 'noanonymous',
    smtpd_tls_chain_files: `${certificates.keyFile}, ${certificates.certFile}`,
    smtpd_tls_security_level: 'may',
    smtpd_tls_auth_only: 'no',
    // The edge follows the dialog to find the final dot, which BDAT does not have.
    smtpd_discard_ehlo_keywords: 'chunking, silent-discard',
    smtpd_relay_restrictions: mayRelay,
    smtpd_recipient_restrictions: `${refusals}, ${mayRelay}`,
    lab_trusted_recipients: `${refusals}, permit_mynetworks, reject`,
    message_size_limit: String(MESSAGE_LIMIT_BYTES),
    mailbox_size_limit: '0',
    virtual_mailbox_limit: '0',
    // One address plays every client.
    smtpd_client_connection_count_limit: '0',
    smtpd_client_connection_rate_limit: '0',
    smtpd_error_sleep_time: '0',
    smtpd_soft_error_limit: '1000',
    smtpd_hard_error_limit: '1000',
    // An smtpd born while Dovecot is down dies at once; its master would then pause for a minute.
    service_throttle_time: '1s',
    minimal_backoff_time: '1s',
    maximal_backoff_time: '2s',
    queue_run_delay: '1s',
    bounce_queue_lifetime: '1h',
    maximal_queue_lifetime: '1h',
  };
}

/** Nothing is chrooted: the queue would need copies of resolv.conf, services and the SASL socket. */
export function masterConfig(ports: InternalPorts): string {
  const forUsers = [
    'smtpd_sasl_auth_enable=yes',
    'smtpd_client_restrictions=permit_sasl_authenticated,reject',
    'smtpd_relay_restrictions=permit_sasl_authenticated,reject',
    'cleanup_service_name=usercleanup',
  ];
  const rows = [
    smtpd(ports.smtp, []),
    // Cyrus hands over what its users submit, without a log-in of its own.
    smtpd(ports.trusted, [
      'syslog_name=lab/trusted',
      'smtpd_relay_restrictions=permit_mynetworks,reject',
      'smtpd_recipient_restrictions=$lab_trusted_recipients',
    ]),
    smtpd(ports.submission, ['syslog_name=lab/submission', ...forUsers]),
    smtpd(ports.smtps, ['syslog_name=lab/smtps', 'smtpd_tls_wrappermode=yes', ...forUsers]),
    'pickup unix n - n 60 1 pickup',
    'cleanup unix n - n - 0 cleanup',
    'usercleanup unix n - n - 0 cleanup\n  -o always_add_missing_headers=yes',
    'qmgr unix n - n 300 1 qmgr',
    'tlsmgr unix - - n 1000? 1 tlsmgr',
    'flush unix n - n 1000? 0 flush',
    'postlog unix-dgram n - n - 1 postlogd',
    ...['bounce', 'defer', 'trace'].map((name) => `${name} unix - - n - 0 bounce`),
    ...['verify', 'anvil', 'scache'].map((name) => `${name} unix - - n - 1 ${name}`),
    ...['proxymap', 'smtp', 'showq', 'error', 'discard', 'lmtp'].map((name) => `${name} unix - - n - - ${name}`),
    'rewrite unix - - n - - trivial-rewrite',
    'relay unix - - n - - smtp',
    'retry unix - - n - - error',
    'proxywrite unix - - n - 1 proxymap',
  ];
  return `${rows.join('\n')}\n`;
}

function smtpd(port: number, options: readonly string[]): string {
  return [`127.0.0.1:${port} inet n - n - - smtpd`, ...options.map((option) => `  -o ${option}`)].join('\n');
}
