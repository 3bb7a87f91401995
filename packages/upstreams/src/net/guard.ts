import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { MailError } from '@stopgap/core';
import { isPublicAddress } from './address-class.ts';

/** A name with more addresses than this is not a mail server. */
const MOST_ADDRESSES = 32;

/**
 * The rules every outgoing connection obeys: which addresses may be reached, which certificate authorities count.
 * Made once at the start. The address that was checked is the address that is connected to: there is no second look-up that could
 * answer something else (DNS rebinding).
 */
export interface Guard {
  readonly allowPrivate: boolean;
  /** For `net.connect` and whatever takes its options: fails with a MailError when an address is not allowed. */
  readonly lookup: LookupFunction;
  /** Throws a MailError when the host is an IP literal that is not allowed; for literals Node never calls `lookup`. */
  checkLiteral(host: string): void;
  /** The system's certificate authorities and those in `ca` (PEM). */
  trust(ca: string | undefined): SecureContext;
}

export interface GuardOptions {
  /** Upstreams on loopback and private networks: for a lab, or a provider in one's own network. */
  readonly allowPrivate: boolean;
  /** Undefined: the system's resolver. */
  readonly resolve?: (host: string) => Promise<readonly LookupAddress[]>;
}

export function createGuard(options: GuardOptions): Guard {
  const resolve = options.resolve ?? resolveBySystem;
  const contexts = new Map<string, SecureContext>();

  async function checkedAddresses(host: string, family: number): Promise<LookupAddress[]> {
    const all = (await resolve(host)).slice(0, MOST_ADDRESSES);
    // One forbidden address condemns the name: public A with a private AAAA is how a check of the first one is passed by.
    if (!options.allowPrivate && !all.every(({ address }) => isPublicAddress(address))) throw notAllowed(host);
    const usable = all.filter((address) => family === 0 || address.family === family);
    if (usable.length === 0) throw Object.assign(new Error(`${host} has no address`), { code: 'ENOTFOUND' });
    return usable;
  }

  return {
    allowPrivate: options.allowPrivate,
    checkLiteral(host) {
      const bare = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
      if (!options.allowPrivate && isIP(bare) !== 0 && !isPublicAddress(bare)) throw notAllowed(host);
    },
    lookup(host, lookupOptions, done) {
      checkedAddresses(host, familyOf(lookupOptions.family)).then(
        (addresses) => (lookupOptions.all === true ? done(null, addresses) : done(null, addresses[0]?.address ?? '', addresses[0]?.family)),
        (error: unknown) => done(error instanceof Error ? error : new Error(String(error)), []),
      );
    },
    trust(ca) {
      const known = contexts.get(ca ?? '');
      if (known !== undefined) return known;
      // Setting `ca` would replace the system's authorities, so both are given.
      const made = createSecureContext(ca === undefined ? {} : { ca: [...getCACertificates('default'), ca] });
      contexts.set(ca ?? '', made);
      return made;
    },
  };
}

function notAllowed(host: string): MailError {
  // Nothing in it depends on what listens there: no port scan through our error messages.
  const text = `${host} is in a private or reserved network; the operator has not allowed that`;
  return new MailError('transient', text, { code: 'address-not-allowed', reason: { class: 'connect', text } });
}

function familyOf(family: number | 'IPv4' | 'IPv6' | undefined): number {
  if (family === 'IPv4') return 4;
  return family === 'IPv6' ? 6 : (family ?? 0);
}

function resolveBySystem(host: string): Promise<readonly LookupAddress[]> {
  return new Promise((resolve, reject) => {
    systemLookup(host, { all: true }, (error, addresses) => (error === null ? resolve(addresses) : reject(error)));
  });
}
