import { asId, type AccountId, type PathId, type ProviderName } from './ids.ts';
import type { Secret } from './secret.ts';

export type Direction = 'incoming' | 'outgoing';
/** `tls` from the first byte, `starttls` required, `none` in clear (a lab, a trusted network). */
export type Security = 'tls' | 'starttls' | 'none';

interface PathBase {
  readonly id: PathId;
  readonly provider: ProviderName;
  readonly direction: Direction;
  /** PEM text of further certificate authorities to trust on this path; undefined: the system's. */
  readonly ca?: string;
  /** At most this many connections or sessions at once, all accounts together. */
  readonly connections: number;
}

export interface HostPath extends PathBase {
  readonly kind: 'imap' | 'pop3' | 'smtp';
  readonly host: string;
  readonly port: number;
  readonly security: Security;
}

export interface UrlPath extends PathBase {
  readonly kind: 'roundcube' | 'jmap';
  /** Ends with a slash for roundcube. */
  readonly url: string;
}

/** Somebody else's SMTP server that the operator may use with a log-in of its own. */
export interface SmarthostPath extends PathBase {
  readonly kind: 'smarthost';
  readonly direction: 'outgoing';
  readonly host: string;
  readonly port: number;
  readonly security: Security;
  /** Undefined: no AUTH. */
  readonly username?: string;
  readonly password?: Secret;
  /** Only for mail that has waited this long. */
  readonly afterMs: number;
  /** Where the sender's domain would not align (DMARC): send with this From, and the sender as Reply-To. Undefined: refuse. */
  readonly alternateFrom?: string;
}

export type Path = HostPath | UrlPath | SmarthostPath;
export type PathKind = Path['kind'];

export interface ProbeSettings {
  readonly everyMs: number;
  readonly timeoutMs: number;
  /** So many failures in a row until down, so many successes in a row until up. */
  readonly downAfter: number;
  readonly upAfter: number;
  /** The account that may be used to try a log-in now and then; undefined: probes log in as nobody. */
  readonly account?: AccountId;
}

export interface Provider {
  readonly name: ProviderName;
  /** Lower case. */
  readonly domains: readonly string[];
  /** The user name upstream: the whole address, or what stands before the @. */
  readonly login: 'address' | 'localpart';
  /** Best first. */
  readonly incoming: readonly Path[];
  readonly outgoing: readonly Path[];
  readonly probe: ProbeSettings;
}

/** `alice outgoing smtp smtp.alice.test:587`: stays the same when paths change places in the file. */
export function pathIdOf(provider: string, direction: Direction, kind: PathKind, place: string): PathId {
  return asId.path(`${provider} ${direction} ${kind} ${place}`);
}

/** The user name to log in with upstream. */
export function loginNameOf(provider: Provider, address: string): string {
  return provider.login === 'localpart' ? address.slice(0, address.lastIndexOf('@')) : address;
}
