import { z } from 'zod';
import { key, optionalKey, requiredKey, section, type KeyDoc } from './key.ts';
import { anyText, count, domain, duration, host, label, mailAddress, oneOf, secretText, webAddress } from './value.ts';

const kindKey = <const Kind extends string>(kind: Kind, doc: string) =>
  requiredKey(z.literal(kind), { doc, unit: 'the word itself', example: kind });

const shared = {
  caFile: optionalKey(anyText, {
    doc: "PEM file with further certificate authorities to trust on this path, besides the system's.",
    unit: 'file',
    example: 'lab-ca.pem',
  }),
  connections: key(count(1, 1000), {
    doc: 'Connections or web sessions at once on this path, all accounts together. Providers ban an address that opens too many.',
    unit: 'count',
    default: 5,
    example: 2,
  }),
};

const security = (standard: 'tls' | 'starttls') =>
  key(oneOf('tls', 'starttls', 'none'), {
    doc: 'tls: from the first byte. starttls: switched on, and required. none: in clear, for a lab.',
    unit: 'tls, starttls or none',
    default: standard,
    example: 'tls',
  });

const hostShape = (port: number, standard: 'tls' | 'starttls', example: string) => ({
  host: requiredKey(host, { doc: "The server's name.", unit: 'host name or IP address', example }),
  port: key(count(1, 65_535), { doc: "The server's port.", unit: 'port', default: port, example: port }),
  security: security(standard),
  ...shared,
});

const urlShape = (doc: string, example: string) => ({
  url: requiredKey(webAddress, { doc, unit: 'web address', example }),
  ...shared,
});

const imap = z.strictObject({
  kind: kindKey('imap', "The provider's IMAP server."),
  ...hostShape(993, 'tls', 'imap.example.org'),
});

const pop3 = z.strictObject({
  kind: kindKey('pop3', "The provider's POP3 server."),
  ...hostShape(995, 'tls', 'pop.example.org'),
});

const smtp = z.strictObject({
  kind: kindKey('smtp', "The provider's submission server, with each account's own log-in."),
  ...hostShape(587, 'starttls', 'smtp.example.org'),
});

const roundcube = z.strictObject({
  kind: kindKey('roundcube', "The provider's webmail, where it is a Roundcube."),
  ...urlShape('The page on which one logs in.', 'https://webmail.example.org/'),
});

const jmap = z.strictObject({
  kind: kindKey('jmap', "The provider's JMAP server (RFC 8620)."),
  ...urlShape('Its session resource.', 'https://jmap.example.org/.well-known/jmap'),
});

const smarthost = z.strictObject({
  kind: kindKey(
    'smarthost',
    "Somebody else's SMTP server, with one log-in for all accounts: the way out when the provider takes no mail at all.",
  ),
  ...hostShape(587, 'starttls', 'smtp.example.net'),
  username: optionalKey(anyText, { doc: 'Its log-in. Without it: no log-in.', unit: 'text', example: 'relay-user' }),
  password: optionalKey(secretText, {
    doc: 'Its password in the file itself; passwordFile or passwordEnv keep it out of copies of this file.',
    unit: 'text',
    example: 'correct-horse',
  }),
  passwordFile: optionalKey(anyText, { doc: 'File with its password on the first line.', unit: 'file', example: '/run/secrets/smarthost' }),
  passwordEnv: optionalKey(anyText, {
    doc: 'Name of the environment variable with its password.',
    unit: 'name',
    example: 'SMARTHOST_PASSWORD',
  }),
  after: key(duration, {
    doc: 'Only for mail that has waited this long, so that a short outage costs nothing.',
    unit: 'duration',
    default: '0s',
    example: '2h',
  }),
  alternateFrom: optionalKey(mailAddress, {
    doc: "Where the sender's domain forbids other servers (DMARC): send from this address, with the sender as Reply-To. Without it: such mail waits for the provider.",
    unit: 'mail address',
    example: 'relay@example.net',
  }),
});

const incoming = z.discriminatedUnion('kind', [imap, pop3, roundcube, jmap]);
const outgoing = z.discriminatedUnion('kind', [smtp, roundcube, jmap, smarthost]);

export type RawPath = z.output<typeof incoming> | z.output<typeof outgoing>;

export const provider = z.strictObject({
  name: requiredKey(label, {
    doc: 'What logs and status call it. Changing it forgets its health record.',
    unit: 'name',
    example: 'example',
  }),
  domains: requiredKey(z.array(domain).min(1, { error: 'must name at least one mail domain' }), {
    doc: 'The mail domains whose accounts live there: what stands after the @.',
    unit: 'list of domains',
    example: ['example.org'],
  }),
  login: key(oneOf('address', 'localpart'), {
    doc: 'The user name there: the whole address, or what stands before the @.',
    unit: 'address or localpart',
    default: 'address',
    example: 'localpart',
  }),
  incoming: z
    .array(incoming)
    .prefault([])
    .meta({ stopgap: { doc: 'Ways to read mail there and to check a password, best first.', unit: 'list' } satisfies KeyDoc }),
  outgoing: z
    .array(outgoing)
    .prefault([])
    .meta({ stopgap: { doc: 'Ways to send mail, best first.', unit: 'list' } satisfies KeyDoc }),
  probe: section('How its paths are watched. Real traffic counts as well.', {
    every: key(duration, { doc: 'The time between two probes of a path.', unit: 'duration', default: '15s', example: '1m' }),
    timeout: key(duration, { doc: 'A probe without an answer for so long has failed.', unit: 'duration', default: '10s', example: '5s' }),
    downAfter: key(count(1, 100), { doc: 'So many failures in a row and the path is down.', unit: 'count', default: 2, example: 3 }),
    upAfter: key(count(1, 100), { doc: 'So many successes in a row and it is up again.', unit: 'count', default: 2, example: 3 }),
    account: optionalKey(mailAddress, {
      doc: 'An account here (stopgap account add) whose log-in is tried on every path once in five minutes: finds servers that answer but let nobody in. Without it probes log in as nobody.',
      unit: 'mail address',
      example: 'probe@example.org',
    }),
  }),
});

export type RawProvider = z.output<typeof provider>;
