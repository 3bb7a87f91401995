import type { NewPath } from '@stopgap/config';
import type { Guard } from '@stopgap/upstreams';
import { guardedDispatcher } from '@stopgap/upstreams/web';
import { fetch } from 'undici';
import { elementAt, parseXml, textAt, type XmlElement } from '../../client-setup/xml.ts';
import type { FoundPaths } from './dns.ts';

/** The longest that are published have 10 KB. */
const MOST_BYTES = 128 * 1024;
const FETCH_MS = 8000;
const MOST_SERVERS = 6;

export interface ProviderFile extends FoundPaths {
  readonly login: 'address' | 'localpart';
  /** Pages for reading mail in a browser, which may be a Roundcube. */
  readonly webmails: readonly string[];
}

/**
 * The file that a provider publishes for mail programs (draft-ietf-mailmaint-autoconfig), by TLS alone: who can change it can have the password.
 * @param domains whose file it may be: that of the address, then that of its mail servers; the first that has one
 */
export async function providerFile(
  address: string,
  domains: readonly string[],
  { guard, signal }: { readonly guard: Guard; readonly signal: AbortSignal },
): Promise<ProviderFile | undefined> {
  const dispatcher = guardedDispatcher({ guard });
  try {
    const query = `?emailaddress=${encodeURIComponent(address)}`;
    const places = domains.flatMap((domain) => [
      `https://autoconfig.${domain}/mail/config-v1.1.xml${query}`,
      `https://${domain}/.well-known/autoconfig/mail/config-v1.1.xml`,
    ]);
    const found = await Promise.all(
      places.map(async (url) => {
        const text = await loadByTls(url, { dispatcher, signal }).catch(() => undefined);
        return text === undefined ? undefined : readProviderFile(text, address);
      }),
    );
    return found.find((one) => one !== undefined);
  } finally {
    await dispatcher.destroy();
  }
}

/** The text at an address, or undefined: bounded, and by TLS to the end of all redirects. @throws what the network or the guard says */
export async function loadByTls(
  url: string,
  { dispatcher, signal }: { readonly dispatcher: ReturnType<typeof guardedDispatcher>; readonly signal: AbortSignal },
): Promise<string | undefined> {
  const answer = await fetch(url, { dispatcher, signal: AbortSignal.any([signal, AbortSignal.timeout(FETCH_MS)]) });
  if (!answer.ok || answer.body === null || !answer.url.startsWith('https:')) return undefined;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of answer.body as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Undefined: it is no such file, or has no server that a password may be sent to. */
export function readProviderFile(text: string, address: string): ProviderFile | undefined {
  const root = parseXml(text);
  const provider = root?.name === 'clientConfig' ? elementAt(root, 'emailProvider') : undefined;
  const servers = provider?.children.filter(({ name }) => name === 'incomingServer' || name === 'outgoingServer') ?? [];
  const paths = (element: string): NewPath[] =>
    servers
      .filter(({ name }) => name === element)
      .flatMap((server) => pathOf(server, address) ?? [])
      .slice(0, MOST_SERVERS);
  const incoming = paths('incomingServer');
  const outgoing = paths('outgoingServer');
  if (incoming.length + outgoing.length === 0) return undefined;
  const isLocalPart = servers.every((server) => textAt(server, 'username') === '%EMAILLOCALPART%');
  const webmail = elementAt(root, 'webMail', 'loginPage')?.attributes['url'] ?? '';
  return {
    login: isLocalPart ? 'localpart' : 'address',
    incoming,
    outgoing,
    webmails: /^https:\/\/[^\s@]+$/.test(webmail) ? [webmail] : [],
  };
}

function pathOf(server: XmlElement, address: string): NewPath | undefined {
  const kind = (['imap', 'pop3', 'smtp'] as const).find((one) => one === server.attributes['type']);
  const [localPart = '', domain = ''] = splitAt(address);
  const host = textAt(server, 'hostname').replaceAll('%EMAILDOMAIN%', domain).replaceAll('%EMAILLOCALPART%', localPart).toLowerCase();
  const port = Number(textAt(server, 'port'));
  const security = { SSL: 'tls', STARTTLS: 'starttls' }[textAt(server, 'socketType')] as 'tls' | 'starttls' | undefined;
  if (kind === undefined || security === undefined || host === '' || !Number.isInteger(port) || port < 1 || port > 65_535) return undefined;
  return { kind, host, port, security };
}

function splitAt(address: string): readonly string[] {
  const at = address.lastIndexOf('@');
  return [address.slice(0, at), address.slice(at + 1).toLowerCase()];
}
