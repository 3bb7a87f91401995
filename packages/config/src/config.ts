import type { Backoff, Provider, Secret } from '@stopgap/core';
import type { HostPort } from './host-port.ts';
import type { LogFormat, LogLevel } from './schema.ts';

/** The whole configuration: checked, defaults filled in, files that it names read. All paths are absolute. */
export interface Config {
  /** Our name in greetings, `Received`, Message-IDs and DSNs. */
  readonly hostname: string;
  readonly dataDir: string;
  readonly listen: ListenConfig;
  /** What mail programs are told to use. */
  readonly clients: ClientsConfig;
  /** Undefined: a self-signed certificate, made once and kept in `dataDir`. */
  readonly tls?: { readonly certificateFile: string; readonly keyFile: string };
  /** May a client log in over an unencrypted connection? */
  readonly plaintextAuth: 'never' | 'loopback' | 'always';
  readonly limits: LimitsConfig;
  readonly retry: RetryConfig;
  readonly unsure: UnsureConfig;
  readonly mirror: MirrorConfig;
  /** What becomes of a message that a POP3 program deletes. */
  readonly pop3: { readonly deletion: 'trash' | 'expunge' };
  readonly providers: readonly Provider[];
  /** May an unknown address of a known provider simply log in? */
  readonly enrolment: 'open' | 'closed';
  /** May an upstream be on a loopback or private address? */
  readonly allowPrivateUpstreams: boolean;
  /** As `dns.Resolver.setServers` takes them; empty: the system's resolver. */
  readonly dnsServers: readonly string[];
  /** `proxies`: whose X-Forwarded-For is believed. */
  readonly http: { readonly proxies: readonly string[] };
  readonly log: { readonly level: LogLevel; readonly format: LogFormat };
  /** Seals credentials; undefined: the store makes one and keeps it in `dataDir`. */
  readonly vaultKey?: Secret;
  /** The file it came from; undefined: there was none, all is default. */
  readonly file?: string;
  /** Sentences for the operator: valid, but probably not what is wanted. */
  readonly warnings: readonly string[];
}

/** false: this door stays shut. */
export interface ListenConfig {
  readonly submission: HostPort | false;
  readonly submissions: HostPort | false;
  readonly imap: HostPort | false;
  readonly imaps: HostPort | false;
  readonly pop3: HostPort | false;
  readonly pop3s: HostPort | false;
  readonly http: HostPort | false;
}

export type MailDoor = Exclude<keyof ListenConfig, 'http'>;

export interface ClientsConfig {
  readonly hostname: string;
  /** Where another port leads to this door than the one it listens on; false: it is not told. */
  readonly ports: Readonly<Partial<Record<MailDoor, number | false>>>;
}

export interface LimitsConfig {
  readonly messageBytes: number;
  /** Of one message. */
  readonly recipients: number;
  /** At once, each door by itself. */
  readonly connections: number;
  /** At once from one IP address, each door by itself. */
  readonly connectionsPerAddress: number;
  /** At once of one account, through the IMAP door. */
  readonly connectionsPerAccount: number;
  /** Recipients that one account may send to in an hour; false: no limit of ours. */
  readonly recipientsPerHour: number | false;
  /** `Received` fields; more is a loop. */
  readonly hops: number;
  readonly loginFailures: LoginFailuresConfig;
}

/** So many wrong log-ins within the time, over all doors together, and the next are refused unseen. */
export interface LoginFailuresConfig {
  readonly perAccount: number;
  /** From one IP address (an IPv6 /64 counts as one). */
  readonly perAddress: number;
  readonly withinMs: number;
}

export interface RetryConfig {
  readonly backoff: Backoff;
  /** On the outage clock. */
  readonly expireAfterMs: number;
  /** When the sender is told that the mail still waits; false: never. */
  readonly delayNoticeAfterMs: number | false;
}

export interface UnsureConfig {
  readonly settleMs: number;
  /** How often a route without a witness is tried again before a person decides; 0: never. */
  readonly retries: number;
}

export interface MirrorConfig {
  readonly pollEveryMs: number;
  readonly keepExpungedMs: number;
  /** Of all mailboxes of one account; false: no limit. */
  readonly quotaBytes: number | false;
  /** Deletions upstream beyond both are held. */
  readonly brake: { readonly messages: number; readonly share: number };
}
