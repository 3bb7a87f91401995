import { bestServer, type ClientServer } from './servers.ts';
import { escapeXml, parseXml, textAt } from './xml.ts';

const ENVELOPE = 'http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006';
const OUTLOOK = 'http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a';

const TYPES = { imap: 'IMAP', pop3: 'POP3', smtp: 'SMTP' } as const satisfies Record<ClientServer['protocol'], string>;

/** MS-OXDSCLI 2.2.4.1.1.3: what Outlook is told in words when there are no settings. */
export type AutodiscoverError = 'invalid-request' | 'no-such-schema' | 'unknown-address';
const ERRORS: Readonly<Record<AutodiscoverError, readonly [number, string]>> = {
  'unknown-address': [500, 'The e-mail address cannot be found.'],
  'invalid-request': [600, 'Invalid Request'],
  'no-such-schema': [601, 'Requested schema version not supported'],
};

/** MS-OXDSCLI 2.2.3.1.1. */
export function readAutodiscover(body: string): { readonly address: string } | { readonly error: AutodiscoverError } {
  const root = parseXml(body);
  if (root?.name !== 'Autodiscover') return { error: 'invalid-request' };
  const address = textAt(root, 'Request', 'EMailAddress');
  if (address === '') return { error: 'invalid-request' };
  // Phones ask the same place for ActiveSync, which is not spoken here.
  const schema = textAt(root, 'Request', 'AcceptableResponseSchema');
  return schema === '' || schema === OUTLOOK ? { address } : { error: 'no-such-schema' };
}

/** MS-OXDSCLI 2.2.4.1. Outlook takes one server for each protocol, so each is told once. */
export function autodiscoverXml(servers: readonly ClientServer[], address: string): string {
  const best = (['imap', 'pop3', 'smtp'] as const).flatMap((protocol) => bestServer(servers, protocol) ?? []);
  return document(
    [
      `  <Response xmlns="${OUTLOOK}">`,
      '    <User>',
      `      <DisplayName>${escapeXml(address)}</DisplayName>`,
      '    </User>',
      '    <Account>',
      '      <AccountType>email</AccountType>',
      '      <Action>settings</Action>',
      ...best.flatMap((server) => protocolLines(server, address)),
      '    </Account>',
      '  </Response>',
    ].join('\n'),
  );
}

export function autodiscoverErrorXml(error: AutodiscoverError, now: Date): string {
  const [code, message] = ERRORS[error];
  return document(
    [
      '  <Response>',
      `    <Error Time="${now.toISOString().slice(11, 23)}" Id="1">`,
      `      <ErrorCode>${code}</ErrorCode>`,
      `      <Message>${escapeXml(message)}</Message>`,
      '      <DebugData />',
      '    </Error>',
      '  </Response>',
    ].join('\n'),
  );
}

function document(response: string): string {
  return `<?xml version="1.0" encoding="utf-8"?>\n<Autodiscover xmlns="${ENVELOPE}">\n${response}\n</Autodiscover>\n`;
}

function protocolLines({ protocol, host, port, security }: ClientServer, address: string): string[] {
  return [
    '      <Protocol>',
    `        <Type>${TYPES[protocol]}</Type>`,
    `        <Server>${escapeXml(host)}</Server>`,
    `        <Port>${port}</Port>`,
    '        <DomainRequired>off</DomainRequired>',
    `        <LoginName>${escapeXml(address)}</LoginName>`,
    '        <SPA>off</SPA>',
    // SSL is from the first byte; Encryption, where it is understood, wins over it.
    `        <SSL>${security === 'tls' ? 'on' : 'off'}</SSL>`,
    `        <Encryption>${security === 'tls' ? 'SSL' : 'TLS'}</Encryption>`,
    '        <AuthRequired>on</AuthRequired>',
    ...(protocol === 'smtp' ? ['        <UsePOPAuth>off</UsePOPAuth>', '        <SMTPLast>off</SMTPLast>'] : []),
    '      </Protocol>',
  ];
}
