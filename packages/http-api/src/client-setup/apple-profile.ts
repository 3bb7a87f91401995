import { createHash } from 'node:crypto';
import { bestServer, type ClientServer } from './servers.ts';
import { escapeXml } from './xml.ts';

export const PROFILE_TYPE = 'application/x-apple-aspen-config';

/** The namespace of our names (RFC 9562 5.5), made once at random. */
const NAMESPACE = 'b2f0c3a1-7d54-4c0e-9a6b-5f1d8e2c4a37';

export interface ProfileOptions {
  readonly servers: readonly ClientServer[];
  readonly hostname: string;
  readonly address: string;
}

/**
 * A profile for the Mail of iPhone, iPad and Mac (com.apple.mail.managed), unsigned and without a password: the device asks for it. The same address gets the
 * same identifiers, so a second installation replaces the first.
 * @returns undefined where one of the two servers that a profile must have is not open
 */
export function appleProfile({ servers, hostname, address }: ProfileOptions): string | undefined {
  const incoming = bestServer(servers, 'imap', 'pop3');
  const outgoing = bestServer(servers, 'smtp');
  if (incoming === undefined || outgoing === undefined) return undefined;
  const identity = address.toLowerCase();
  const profile = uuidOf(`${hostname} ${identity} profile`);
  const account = uuidOf(`${hostname} ${identity} account`);
  const title = `Stopgap (${hostname})`;
  const mail = dict([
    ['EmailAccountDescription', text(title)],
    ['EmailAccountType', text(incoming.protocol === 'imap' ? 'EmailTypeIMAP' : 'EmailTypePOP')],
    ['EmailAddress', text(address)],
    ...serverKeys('Incoming', incoming, address),
    ...serverKeys('Outgoing', outgoing, address),
    ['OutgoingPasswordSameAsIncomingPassword', '<true/>'],
    ['PayloadDescription', text(`Reads and sends the mail of ${address} by way of ${hostname}.`)],
    ['PayloadDisplayName', text(title)],
    ['PayloadIdentifier', text(`${hostname}.stopgap.${account}`)],
    ['PayloadType', text('com.apple.mail.managed')],
    ['PayloadUUID', text(account)],
    ['PayloadVersion', '<integer>1</integer>'],
  ]);
  const whole = dict([
    ['PayloadContent', `<array>\n${indented(mail)}\n</array>`],
    ['PayloadDescription', text(`Reads and sends the mail of ${address} by way of ${hostname}.`)],
    ['PayloadDisplayName', text(`${title}: ${address}`)],
    ['PayloadIdentifier', text(`${hostname}.stopgap.${profile}`)],
    ['PayloadType', text('Configuration')],
    ['PayloadUUID', text(profile)],
    ['PayloadVersion', '<integer>1</integer>'],
  ]);
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
${whole}
</plist>
`;
}

type Entry = readonly [string, string];

/** UseSSL is for both forms of TLS: the port tells Mail which. */
function serverKeys(direction: 'Incoming' | 'Outgoing', server: ClientServer, address: string): Entry[] {
  return [
    [`${direction}MailServerAuthentication`, text('EmailAuthPassword')],
    [`${direction}MailServerHostName`, text(server.host)],
    [`${direction}MailServerPortNumber`, `<integer>${server.port}</integer>`],
    [`${direction}MailServerUseSSL`, '<true/>'],
    [`${direction}MailServerUsername`, text(address)],
  ];
}

function dict(entries: readonly Entry[]): string {
  return `<dict>\n${entries.map(([key, value]) => indented(`<key>${key}</key>\n${value}`)).join('\n')}\n</dict>`;
}

function text(value: string): string {
  return `<string>${escapeXml(value)}</string>`;
}

function indented(lines: string): string {
  return lines.replaceAll(/^/gm, '  ');
}

/** RFC 9562 5.5: version 5, from a name. */
function uuidOf(name: string): string {
  const namespace = Buffer.from(NAMESPACE.replaceAll('-', ''), 'hex');
  const hash = createHash('sha1').update(namespace).update(name).digest();
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x50, 6);
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = hash.toString('hex').toUpperCase();
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}
