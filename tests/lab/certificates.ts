import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Home } from './home.ts';
import { run } from './daemon.ts';

const DAYS = '30';

export interface Certificates {
  /** What a client has to trust. */
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/** One authority and one certificate for mail.<domain>, localhost and 127.0.0.1. */
export async function makeCertificates(home: Home, domain: string): Promise<Certificates> {
  const dir = home.folder('tls');
  const at = (name: string): string => join(dir, name);
  const config = at('openssl.cnf');
  writeFileSync(config, configFor(domain));
  const common = ['req', '-x509', '-config', config, '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', DAYS];
  await run(home, 'openssl', [...common, '-subj', '/CN=Lab CA', '-extensions', 'authority', '-keyout', at('ca.key'), '-out', at('ca.pem')]);
  const signed = ['-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-extensions', 'server'];
  await run(home, 'openssl', [...common, '-subj', `/CN=mail.${domain}`, ...signed, '-keyout', at('server.key'), '-out', at('server.pem')]);
  return { caFile: at('ca.pem'), certFile: at('server.pem'), keyFile: at('server.key') };
}

function configFor(domain: string): string {
  return `[req]
distinguished_name = name
[name]
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[server]
basicConstraints = critical, CA:FALSE
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
extendedKeyUsage = serverAuth
subjectAltName = DNS:mail.${domain}, DNS:localhost, IP:127.0.0.1
`;
}
