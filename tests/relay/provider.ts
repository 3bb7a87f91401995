import type { Lab } from '../lab/index.ts';

/** A path as stopgap.yaml has it. */
export type PathConfig = Readonly<Record<string, unknown>>;

export type IncomingKind = 'imap' | 'roundcube' | 'pop3' | 'jmap' | 'cyrusImap';

export interface ProviderChoice {
  /** In this order; default: IMAP, then the webmail. `jmap` and `cyrusImap` are those of Cyrus. */
  readonly incoming?: readonly IncomingKind[];
  /** In this order; default: SMTP, then the webmail. */
  readonly outgoing?: readonly ('smtp' | 'roundcube' | PathConfig)[];
  readonly probe?: Readonly<Record<string, unknown>>;
}

/** The lab as a provider of stopgap.yaml: its public doors, those that can fail. */
export function providerOf(lab: Lab, choice: ProviderChoice = {}): Record<string, unknown> {
  const { ports } = lab.edge;
  const webmail = { kind: 'roundcube', url: `http://127.0.0.1:${ports.roundcube}/` };
  const paths = {
    smtp: { kind: 'smtp', host: '127.0.0.1', port: ports.submission, security: 'starttls', caFile: lab.caFile },
    roundcube: webmail,
  };
  const incoming: Readonly<Record<IncomingKind, PathConfig>> = {
    imap: { kind: 'imap', host: '127.0.0.1', port: ports.imaps, security: 'tls', caFile: lab.caFile },
    roundcube: webmail,
    pop3: { kind: 'pop3', host: '127.0.0.1', port: ports.pop3s, security: 'tls', caFile: lab.caFile },
    jmap: { kind: 'jmap', url: `http://127.0.0.1:${ports.jmap}/.well-known/jmap` },
    cyrusImap: { kind: 'imap', host: '127.0.0.1', port: ports.cyrusImap, security: 'none' },
  };
  return {
    name: 'lab',
    domains: ['provider.test'],
    incoming: (choice.incoming ?? ['imap', 'roundcube']).map((kind) => incoming[kind]),
    outgoing: (choice.outgoing ?? ['smtp', 'roundcube']).map((path) => (typeof path === 'string' ? paths[path] : path)),
    probe: { every: '1s', timeout: '3s', downAfter: 2, upAfter: 2, ...choice.probe },
  };
}
