/*
 * A self-signed X.509 certificate (RFC 5280) in DER, for TLS servers: it says names and addresses and nothing else. Written here, because the libraries
 * that make certificates bring 200 modules and 12 MB of memory along for these few octets.
 */
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';

const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OCTET_STRING = 0x04;
const OBJECT_IDENTIFIER = 0x06;
const UTF8_STRING = 0x0c;
const UTC_TIME = 0x17;
const GENERALIZED_TIME = 0x18;
const SEQUENCE = 0x30;
const SET = 0x31;
/** RFC 5280 4.1: `[0] version` and `[3] extensions`. */
const VERSION = 0xa0;
const EXTENSIONS = 0xa3;
/** RFC 5280 4.2.1.6: in a GeneralName. */
const DNS_NAME = 0x82;
const IP_ADDRESS = 0x87;

const ECDSA_WITH_SHA256 = sequence(oid('2a8648ce3d040302'));
const COMMON_NAME = oid('550403');
const SUBJECT_ALT_NAME = oid('551d11');
const VERSION_3 = der(VERSION, der(INTEGER, Buffer.of(2)));

/** PEM texts. @param names host names in ASCII, or addresses; the first is also the subject's @param notAfter before the year 10000 */
export function makeSelfSigned(
  names: readonly [string, ...string[]],
  notAfter: Date,
): { readonly certificate: string; readonly key: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const subject = sequence(der(SET, sequence(COMMON_NAME, der(UTF8_STRING, Buffer.from(names[0])))));
  const altNames = der(OCTET_STRING, sequence(...names.map(generalName)));
  const told = sequence(
    VERSION_3,
    der(INTEGER, serialNumber()),
    ECDSA_WITH_SHA256,
    subject,
    sequence(time(new Date()), time(notAfter)),
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(EXTENSIONS, sequence(sequence(SUBJECT_ALT_NAME, altNames))),
  );
  const certificate = sequence(told, ECDSA_WITH_SHA256, bitString(sign('sha256', told, privateKey)));
  return { certificate: pem(certificate), key: privateKey.export({ type: 'pkcs8', format: 'pem' }) };
}

/** RFC 5280 4.1.2.2: positive, and not longer than 20 octets. */
function serialNumber(): Buffer {
  return Buffer.concat([Buffer.of(1), randomBytes(15)]);
}

/** RFC 5280 4.1.2.5: two digits for the year until 2049. */
function time(date: Date): Buffer {
  const text = date.toISOString().replace(/\.\d+/, '').replaceAll(/[-:T]/g, '');
  return date.getUTCFullYear() < 2050 ? der(UTC_TIME, Buffer.from(text.slice(2))) : der(GENERALIZED_TIME, Buffer.from(text));
}

function generalName(name: string): Buffer {
  switch (isIP(name)) {
    case 4:
      return der(IP_ADDRESS, Buffer.from(name.split('.').map(Number)));
    case 6:
      return der(IP_ADDRESS, ipv6Octets(name));
    default:
      return der(DNS_NAME, Buffer.from(name));
  }
}

function ipv6Octets(address: string): Buffer {
  // URL writes an IPv4 address at the end in groups, too.
  const [before = '', after] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const groupsOf = (text = ''): string[] => (text === '' ? [] : text.split(':'));
  const [first, last] = [groupsOf(before), groupsOf(after)];
  const zeros = Array.from({ length: 8 - first.length - last.length }, () => '0');
  return Buffer.from([...first, ...zeros, ...last].map((group) => group.padStart(4, '0')).join(''), 'hex');
}

function pem(bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(SEQUENCE, ...parts);
}

function oid(hex: string): Buffer {
  return der(OBJECT_IDENTIFIER, Buffer.from(hex, 'hex'));
}

function bitString(bytes: Buffer): Buffer {
  return der(BIT_STRING, Buffer.of(0), bytes);
}

/** Tag, length, content. */
function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.of(tag), derLength(content.length), content]);
}

function derLength(length: number): Buffer {
  if (length < 0x80) return Buffer.of(length);
  return length < 0x100 ? Buffer.of(0x81, length) : Buffer.of(0x82, length >> 8, length & 0xff);
}
