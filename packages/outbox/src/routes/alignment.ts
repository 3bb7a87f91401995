/*
 * May mail of this author domain leave by somebody else's server? Receivers of a domain with a DMARC policy of quarantine or reject (RFC 9989) throw away
 * what neither SPF nor DKIM aligns. We hold no DKIM key of the domain, so it has to be SPF: every address of the smarthost must pass for the envelope
 * sender's domain, and that domain must align with the author's.
 */
import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { messageOf, type Clock } from '@stopgap/core';

/** As `dns.promises.resolve`. */
export type DnsResolver = (name: string, type: string) => Promise<string[][] | string[]>;

export type AlignmentVerdict =
  | { readonly kind: 'may-leave' }
  | { readonly kind: 'would-be-refused'; readonly why: string }
  /** Our DNS did not answer: that says nothing about the domain. */
  | { readonly kind: 'unknown'; readonly why: string };

export interface AlignmentQuestion {
  /** Of the author, in the From header. */
  readonly authorDomain: string;
  /** Envelope sender. */
  readonly sender: string;
  readonly smarthost: string;
}

export interface Alignment {
  check(question: AlignmentQuestion): Promise<AlignmentVerdict>;
}

/** A verdict holds so long; policies change by the day. */
const KEPT_MS = 60 * 60 * 1000;
/** One domain for each provider and sender: more is somebody trying names. */
const KEPT_VERDICTS = 1000;
const DNS_TIMEOUT_MS = 5000;
const DNS_TRIES = 2;
/** DMARC and SPF are a chain of look-ups, each with its own time-out; mail waits no longer than this for the end of it. */
const LONGEST_CHECK_MS = 30_000;

export function createAlignment(options: {
  readonly clock: Clock;
  readonly dnsServers: readonly string[];
  readonly resolve?: DnsResolver;
}): Alignment {
  const resolve = options.resolve ?? resolverOf(options.dnsServers);
  const kept = new Map<string, { readonly untilMs: number; readonly verdict: AlignmentVerdict }>();
  return {
    async check(question) {
      const key = [question.authorDomain, question.sender.slice(question.sender.lastIndexOf('@')), question.smarthost]
        .join(' ')
        .toLowerCase();
      const nowMs = options.clock.nowMs();
      const known = kept.get(key);
      if (known && known.untilMs > nowMs) return known.verdict;
      const verdict = await withinLimit(judge(question, resolve), options.clock);
      if (kept.size >= KEPT_VERDICTS) kept.clear();
      // What the DNS could not say is asked again next time.
      if (verdict.kind !== 'unknown') kept.set(key, { untilMs: nowMs + KEPT_MS, verdict });
      return verdict;
    },
  };
}

/** `verdict` must not reject. */
async function withinLimit(verdict: Promise<AlignmentVerdict>, clock: Clock): Promise<AlignmentVerdict> {
  const done = new AbortController();
  const late = clock
    .wait(LONGEST_CHECK_MS, done.signal)
    .then((): AlignmentVerdict => ({ kind: 'unknown', why: 'the DNS did not answer in time' }));
  try {
    return await Promise.race([verdict, late]);
  } finally {
    done.abort();
  }
}

/** Never rejects. */
async function judge(question: AlignmentQuestion, resolver: DnsResolver): Promise<AlignmentVerdict> {
  const { authorDomain, smarthost } = question;
  try {
    // Loaded when it is used: it brings a hundred files along, and few relays have a smarthost.
    const { dmarc } = await import('mailauth/lib/dmarc/index.js');
    const plain = await dmarc({ headerFrom: authorDomain, resolver });
    if (plain === false) return { kind: 'would-be-refused', why: `${authorDomain} is no domain that could have a policy` };
    if (plain.status.result === 'temperror') return { kind: 'unknown', why: `the DMARC record of ${authorDomain} could not be looked up` };
    if (plain.policy !== 'quarantine' && plain.policy !== 'reject') return { kind: 'may-leave' };
    const passed = await spfPassed(question, resolver);
    if (passed === undefined) return { kind: 'unknown', why: `the SPF record for ${question.sender} could not be looked up` };
    const aligned = passed ? await dmarc({ headerFrom: authorDomain, spfDomains: [domainOf(question.sender)], resolver }) : false;
    if (aligned && aligned.status.result === 'pass') return { kind: 'may-leave' };
    return {
      kind: 'would-be-refused',
      why: `${authorDomain} tells receivers to ${plain.policy} mail that does not come from its own servers (DMARC), and ${smarthost} is none of them`,
    };
  } catch (error) {
    return { kind: 'unknown', why: `the DNS failed: ${messageOf(error)}` };
  }
}

/** Every address: which of them the smarthost will send from, nobody can know. Undefined: the DNS failed. */
async function spfPassed({ sender, smarthost }: AlignmentQuestion, resolver: DnsResolver): Promise<boolean | undefined> {
  const addresses = [...(await addressesOf(smarthost, 'A', resolver)), ...(await addressesOf(smarthost, 'AAAA', resolver))];
  if (addresses.length === 0) return false;
  const { spf } = await import('mailauth/lib/spf/index.js');
  for (const ip of addresses) {
    const { status } = await spf({ sender, ip, helo: smarthost, mta: smarthost, resolver });
    if (status.result === 'temperror') return undefined;
    if (status.result !== 'pass') return false;
  }
  return true;
}

async function addressesOf(host: string, type: 'A' | 'AAAA', resolver: DnsResolver): Promise<string[]> {
  if (isIP(host) !== 0) return isIP(host) === (type === 'A' ? 4 : 6) ? [host] : [];
  try {
    return (await resolver(host, type)).flat();
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOTFOUND' || error.code === 'ENODATA')) return [];
    throw error;
  }
}

function resolverOf(servers: readonly string[]): DnsResolver {
  const resolver = new Resolver({ timeout: DNS_TIMEOUT_MS, tries: DNS_TRIES });
  if (servers.length > 0) resolver.setServers(servers);
  return async (name, type) => {
    switch (type) {
      case 'TXT':
        return resolver.resolveTxt(name);
      case 'A':
        return resolver.resolve4(name);
      case 'AAAA':
        return resolver.resolve6(name);
      case 'MX':
        return (await resolver.resolve(name, 'MX')) as unknown as string[];
      case 'PTR':
        return resolver.resolvePtr(name);
      case 'CNAME':
        return resolver.resolveCname(name);
      default:
        return (await resolver.resolve(name, type)) as string[];
    }
  };
}

export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1).toLowerCase();
}
