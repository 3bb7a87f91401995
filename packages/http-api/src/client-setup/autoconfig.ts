import { asciiName, type ClientServer } from './servers.ts';
import { escapeXml } from './xml.ts';

/** What a program that was given no address is told; it would not read a longer list. */
const MOST_DOMAINS = 500;

export interface AutoconfigOptions {
  readonly servers: readonly ClientServer[];
  /** The relay's own name. */
  readonly hostname: string;
  readonly domains: readonly string[];
}

/** Mozilla's config-v1.1 (draft-ietf-mailmaint-autoconfig 4): Thunderbird, K-9, FairEmail, Evolution and others. Thunderbird takes ASCII names alone. */
export function autoconfigXml({ servers, hostname, domains }: AutoconfigOptions): string {
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<clientConfig version="1.1">',
    `  <emailProvider id="${escapeXml(asciiName(hostname))}">`,
    ...domains.slice(0, MOST_DOMAINS).map((domain) => `    <domain>${escapeXml(asciiName(domain))}</domain>`),
    `    <displayName>${escapeXml(`Stopgap (${hostname})`)}</displayName>`,
    '    <displayShortName>Stopgap</displayShortName>',
    ...servers.flatMap(serverLines),
    '  </emailProvider>',
    '</clientConfig>',
    '',
  ].join('\n');
}

function serverLines({ protocol, host, port, security }: ClientServer): string[] {
  const element = protocol === 'smtp' ? 'outgoingServer' : 'incomingServer';
  return [
    `    <${element} type="${protocol}">`,
    `      <hostname>${escapeXml(asciiName(host))}</hostname>`,
    `      <port>${port}</port>`,
    `      <socketType>${security === 'tls' ? 'SSL' : 'STARTTLS'}</socketType>`,
    '      <authentication>password-cleartext</authentication>',
    '      <username>%EMAILADDRESS%</username>',
    `    </${element}>`,
  ];
}
