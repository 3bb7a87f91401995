import ipaddr from 'ipaddr.js';

/** RFC 6052 2.1: the well-known NAT64 prefix. An IPv6-only network reaches the public IPv4 world through it. */
const NAT64_PREFIX: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse('64:ff9b::'), 96];

/**
 * May a host that somebody else named be reached at this address? Only what is plainly public: loopback, private, link-local,
 * shared (CGNAT), multicast, documentation, tunnelled and mapped forms all answer no, and so does text that is no address.
 */
export function isPublicAddress(text: string): boolean {
  if (!ipaddr.isValid(text)) return false;
  const address = ipaddr.parse(text);
  if (address.range() === 'unicast') return true;
  if (address instanceof ipaddr.IPv6 && address.match(NAT64_PREFIX)) return embeddedIpv4(address).range() === 'unicast';
  return false;
}

/** RFC 6052 2.2: with a /96 prefix the last 32 bits are the IPv4 address. */
function embeddedIpv4(address: ipaddr.IPv6): ipaddr.IPv4 {
  return new ipaddr.IPv4(address.toByteArray().slice(12));
}
