import type { Lab } from '../lab/index.ts';

/** A path as stopgap.yaml has it. */
export type PathConfig = Readonly<Record<string, unknown>>;

export interface ProviderChoice {
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
  return {
    name: 'lab',
    domains: ['provider.test'],
    incoming: [{ kind: 'imap', host: '127.0.0.1', port: ports.imaps, security: 'tls', caFile: lab.caFile }, webmail],
    outgoing: (choice.outgoing ?? ['smtp', 'roundcube']).map((path) => (typeof path === 'string' ? paths[path] : path)),
    probe: { every: '1s', timeout: '3s', downAfter: 2, upAfter: 2, ...choice.probe },
  };
}
