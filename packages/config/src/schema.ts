import { z } from 'zod';
import { key, optionalKey, section, type KeyDoc } from './key.ts';
import { provider } from './provider-schema.ts';
import {
  anyText,
  count,
  countOrFalse,
  decimal,
  door,
  duration,
  durationOrFalse,
  flag,
  fullName,
  host,
  ipAddress,
  nameServer,
  oneOf,
  size,
  sizeOrFalse,
} from './value.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
/** `auto`: pretty where a person looks on (a terminal), JSON elsewhere. */
export type LogFormat = 'auto' | 'json' | 'pretty';

const listenAt = (doc: string, port: number, example: string | false) =>
  key(door, { doc, unit: 'host:port or false', default: `127.0.0.1:${port}`, example });

const listen = section('Where each door listens; false keeps it shut. Behind a firewall or proxy only you know what is safe to open.', {
  submission: listenAt('Mail programs send here: SMTP with STARTTLS. In production port 587.', 2587, '0.0.0.0:587'),
  submissions: listenAt('Mail programs send here: SMTP with TLS from the first byte. In production port 465.', 2465, '0.0.0.0:465'),
  imap: listenAt('Mail programs read here: IMAP with STARTTLS. In production port 143.', 2143, '0.0.0.0:143'),
  imaps: listenAt('Mail programs read here: IMAP with TLS from the first byte. In production port 993.', 2993, '0.0.0.0:993'),
  pop3: listenAt('Mail programs fetch here: POP3 with STARTTLS. In production port 110.', 2110, '0.0.0.0:110'),
  pop3s: listenAt('Mail programs fetch here: POP3 with TLS from the first byte. In production port 995.', 2995, false),
  http: listenAt(
    'The web client, JMAP, the status page, health checks and metrics. Put a TLS proxy before it when it leaves this machine.',
    2080,
    '127.0.0.1:8080',
  ),
});

const toldPort = (doc: string, example: number | false) => optionalKey(countOrFalse(1, 65_535), { doc, unit: 'port or false', example });

const clients = section(
  'What mail programs are told to use (autoconfig, autodiscover, profiles, the page for setting up a mail program). Without these keys: hostname, and the ports of listen. For a proxy or NAT that maps ports.',
  {
    hostname: optionalKey(host, {
      doc: 'The name that mail programs connect to; it must be in the certificate. Without it: hostname, or localhost where hostname is not set and every door is open for this machine only.',
      unit: 'host name or IP address',
      example: 'mail.example.org',
    }),
    submission: toldPort('The port that leads to listen.submission; false: not told.', 587),
    submissions: toldPort('The port that leads to listen.submissions; false: not told.', 465),
    imap: toldPort('The port that leads to listen.imap; false: not told.', 143),
    imaps: toldPort('The port that leads to listen.imaps; false: not told.', 993),
    pop3: toldPort('The port that leads to listen.pop3; false: not told.', false),
    pop3s: toldPort('The port that leads to listen.pop3s; false: not told.', 995),
  },
);

const loginFailures = section('Brakes against guessing passwords, counted over all doors together.', {
  perAccount: key(count(1, 100_000), {
    doc: 'Wrong log-ins for one account before it must pause.',
    unit: 'count',
    default: 10,
    example: 5,
  }),
  perAddress: key(count(1, 100_000), {
    doc: 'Wrong log-ins from one IP address (an IPv6 /64 counts as one) before it must pause. An office behind one address shares it.',
    unit: 'count',
    default: 30,
    example: 100,
  }),
  within: key(duration, {
    doc: 'The time in which they are counted, and how long the pause is.',
    unit: 'duration',
    default: '15m',
    example: '1h',
  }),
});

const limits = section('What one client may ask of us. Beyond a limit there is a clear refusal, never a slow death.', {
  messageBytes: key(size, { doc: 'The largest message that is taken.', unit: 'size', default: 52_428_800, example: '25MB' }),
  recipients: key(count(1, 10_000), {
    doc: 'Recipients of one message. RFC 5321 4.5.3.1.8 asks for at least 100.',
    unit: 'count',
    default: 100,
    example: 500,
  }),
  connections: key(count(1, 1_000_000), { doc: 'Connections at once, for each door.', unit: 'count', default: 2000, example: 500 }),
  connectionsPerAddress: key(count(1, 1_000_000), {
    doc: 'Connections at once from one IP address, for each door. An office behind one address shares it.',
    unit: 'count',
    default: 200,
    example: 50,
  }),
  connectionsPerAccount: key(count(1, 1_000_000), {
    doc: 'IMAP connections at once of one account, of all its devices together: programs open one for each mailbox that they watch.',
    unit: 'count',
    default: 100,
    example: 30,
  }),
  recipientsPerHour: key(countOrFalse(1, 1_000_000), {
    doc: 'Recipients that one account may send to in an hour, so that a stolen password does little harm; false leaves it to the provider.',
    unit: 'count or false',
    default: false,
    example: 300,
  }),
  hops: key(count(1, 1000), { doc: 'Received fields in a message; with more it is in a loop.', unit: 'count', default: 50, example: 100 }),
  loginFailures,
});

const retry = section('When mail that could not leave is tried again.', {
  first: key(duration, { doc: 'The wait after the first failed try.', unit: 'duration', default: '30s', example: '10s' }),
  factor: key(decimal(1, 10), {
    doc: 'Each further wait is longer by this factor; 1 keeps it the same.',
    unit: 'number',
    default: 2,
    example: 1.5,
  }),
  longest: key(duration, { doc: 'No wait is longer than this.', unit: 'duration', default: '30m', example: '10m' }),
  expireAfter: key(duration, {
    doc: 'Mail that still waits after this long goes back to its sender. The clock stands still while every path that could take the mail is down.',
    unit: 'duration',
    default: '5d',
    example: '7d',
  }),
  delayNoticeAfter: key(durationOrFalse, {
    doc: 'The sender is told once that the mail still waits; false: never.',
    unit: 'duration or false',
    default: '4h',
    example: '1h',
  }),
});

const unsure = section('Attempts whose end nobody knows: the connection broke after the last byte had left.', {
  settle: key(duration, {
    doc: 'Wait this long, then look into the Sent mailbox where there is one.',
    unit: 'duration',
    default: '5m',
    example: '2m',
  }),
  retries: key(count(0, 100), {
    doc: 'Where nothing can be looked up (plain SMTP): send again with the same Message-ID this often, then a person decides. A second copy is the lesser evil; 0: always ask a person.',
    unit: 'count',
    default: 3,
    example: 0,
  }),
});

const mirror = section('The copy of each mailbox that is kept here, and kept equal with the provider.', {
  pollEvery: key(duration, {
    doc: 'How often each mailbox is looked at where the provider does not tell of new mail by itself. Many accounts at a short pace are what providers throttle. Two looks must agree on a deletion, a minute apart, or less where this is less.',
    unit: 'duration',
    default: '60s',
    example: '5m',
  }),
  keepExpunged: key(duration, {
    doc: 'How long a deleted message can be brought back by "stopgap mirror restore", whoever deleted it and wherever. Until then it takes room.',
    unit: 'duration',
    default: '30d',
    example: '90d',
  }),
  quota: key(sizeOrFalse, {
    doc: 'What the mailboxes of one account may take here; beyond it nothing more is copied, and nothing is lost with the provider. false: no limit.',
    unit: 'size or false',
    default: false,
    example: '5GB',
  }),
  brake: section(
    'Messages that vanish at the provider vanish here, too - unless it is more of one mailbox than both of these: then nothing goes until somebody says "stopgap mirror release" (or "give-back"). All of a mailbox is always too much.',
    {
      messages: key(count(0, 1_000_000), {
        doc: 'So many may vanish at once.',
        unit: 'count',
        default: 20,
        example: 100,
      }),
      share: key(decimal(0, 1), {
        doc: 'This share of the mailbox may vanish at once.',
        unit: 'number from 0 to 1',
        default: 0.2,
        example: 0.5,
      }),
    },
  ),
});

const pop3 = section('POP3 programs.', {
  delete: key(oneOf('trash', 'expunge'), {
    doc: 'What becomes of a message that a POP3 program deletes (many do so with all they have fetched). trash: moved to Trash, here and at the provider. expunge: gone in both places; "stopgap mirror restore" brings it back for mirror.keepExpunged.',
    unit: 'trash or expunge',
    default: 'trash',
    example: 'expunge',
  }),
});

export const fileSchema = z.strictObject({
  hostname: optionalKey(fullName, {
    doc: "Our name towards clients and other servers. Without it: this machine's full name, or localhost.localdomain where it has none.",
    unit: 'host name',
    example: 'relay.example.org',
  }),
  data: key(anyText, {
    doc: 'Folder of everything that must survive: database, messages, keys. Relative to this file. Back it up, keep it private.',
    unit: 'folder',
    default: './stopgap-data',
    example: '/var/lib/stopgap',
  }),
  // Not shown back: it holds a password.
  database: optionalKey(
    z.unknown().refine(() => false, { error: 'is for PostgreSQL, which is not supported yet; leave it out to use SQLite in `data`' }),
    { doc: 'Kept for PostgreSQL, which is not supported yet: leave it out.', unit: 'address', example: undefined },
  ),
  listen,
  clients,
  tls: z
    .strictObject({
      certificate: optionalKey(anyText, { doc: 'PEM file with the certificate and its chain.', unit: 'file', example: 'cert.pem' }),
      key: optionalKey(anyText, { doc: "PEM file with the certificate's private key.", unit: 'file', example: 'key.pem' }),
    })
    .optional()
    .meta({
      stopgap: {
        doc: 'Our certificate. Without it: a self-signed one, made once for hostname and clients.hostname, and kept in `data`; mail programs will warn about it.',
        unit: 'section',
      } satisfies KeyDoc,
    }),
  plaintextAuth: key(oneOf('never', 'loopback', 'always'), {
    doc: 'May a client log in over a connection without TLS? `loopback`: only from this machine. `always` shows passwords to everybody on the way.',
    unit: 'never, loopback or always',
    default: 'loopback',
    example: 'never',
  }),
  limits,
  retry,
  unsure,
  mirror,
  pop3,
  providers: z
    .array(provider)
    .prefault([])
    .meta({ stopgap: { doc: 'The mail companies whose accounts are kept working.', unit: 'list' } satisfies KeyDoc }),
  enrolment: key(oneOf('open', 'closed'), {
    doc: 'open: an address of a known provider may simply log in; its password is checked once with the provider. closed: only accounts that were added.',
    unit: 'open or closed',
    default: 'open',
    example: 'closed',
  }),
  allowPrivateUpstreams: key(flag, {
    doc: "May a provider's server be on a loopback or private address? For a lab or your own network; else it stays false, so that nobody reaches inside through us.",
    unit: 'true or false',
    default: false,
    example: true,
  }),
  dns: section('Name look-ups of our own: the DMARC policy before mail takes another way out.', {
    servers: key(z.array(nameServer), {
      doc: "DNS servers to ask; empty: the system's.",
      unit: 'list of IP or IP:port',
      default: [],
      example: ['9.9.9.9', '127.0.0.1:5353'],
    }),
  }),
  http: section('The HTTP door.', {
    proxies: key(z.array(ipAddress), {
      doc: 'Proxies before the http door, by their IP addresses: what they say in X-Forwarded-For about who asks is believed, for the brakes against guessing. Without this line all who come through a proxy look like one.',
      unit: 'list of IP',
      default: [],
      example: ['127.0.0.1'],
    }),
  }),
  log: section('What is written to the log (standard error).', {
    level: key(oneOf('debug', 'info', 'warn', 'error'), {
      doc: 'The least important kind of line that is still written.',
      unit: 'debug, info, warn or error',
      default: 'info',
      example: 'debug',
    }),
    format: key(oneOf('auto', 'json', 'pretty'), {
      doc: 'json: one object a line. pretty: for eyes. auto: pretty on a terminal, json elsewhere.',
      unit: 'auto, json or pretty',
      default: 'auto',
      example: 'json',
    }),
  }),
});

export type FileConfig = z.output<typeof fileSchema>;
