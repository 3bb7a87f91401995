/*
 * What is known of large providers, for setting one up in the browser: only what they publish for mail programs, and each server is asked before it is used.
 * Found by the domain, or by the mail servers (MX) of a domain of one's own that lives there.
 */
import type { NewPath, NewProvider } from './first-config.ts';

/** What a person has to do at the provider first. */
export type PresetHint = 'app-password' | 'switch-on';

export interface Preset extends Omit<NewProvider, 'domains'> {
  readonly hint?: PresetHint;
}

interface Known extends Preset {
  readonly domains: readonly string[];
  /** Names that the provider's MX hosts end with. */
  readonly mx: readonly string[];
}

const tls = (kind: 'imap' | 'pop3' | 'smtp', host: string, port: number): NewPath => ({ kind, host, port, security: 'tls' });
const starttls = (host: string): NewPath => ({ kind: 'smtp', host, port: 587, security: 'starttls' });
const imap = (host: string): NewPath => tls('imap', host, 993);
const pop3 = (host: string): NewPath => tls('pop3', host, 995);
const smtps = (host: string): NewPath => tls('smtp', host, 465);

function known(name: string, places: Pick<Known, 'domains' | 'mx'>, paths: Pick<Known, 'incoming' | 'outgoing' | 'hint'>): Known {
  return { name, login: 'address', ...places, ...paths };
}

const KNOWN: readonly Known[] = [
  known(
    'gmx',
    { domains: ['gmx.de', 'gmx.net', 'gmx.at', 'gmx.ch', 'gmx.eu', 'gmx.org', 'gmx.info', 'gmx.biz'], mx: ['gmx.net'] },
    { incoming: [imap('imap.gmx.net'), pop3('pop.gmx.net')], outgoing: [starttls('mail.gmx.net')], hint: 'switch-on' },
  ),
  known(
    'web.de',
    { domains: ['web.de', 'email.de'], mx: ['web.de'] },
    { incoming: [imap('imap.web.de'), pop3('pop3.web.de')], outgoing: [starttls('smtp.web.de')], hint: 'switch-on' },
  ),
  known(
    't-online',
    { domains: ['t-online.de', 'magenta.de'], mx: ['t-online.de'] },
    {
      incoming: [imap('secureimap.t-online.de'), pop3('securepop.t-online.de')],
      outgoing: [smtps('securesmtp.t-online.de')],
      hint: 'app-password',
    },
  ),
  known(
    'freenet',
    { domains: ['freenet.de'], mx: ['freenet.de'] },
    { incoming: [imap('mx.freenet.de'), pop3('mx.freenet.de')], outgoing: [starttls('mx.freenet.de')] },
  ),
  known(
    'ionos',
    { domains: ['online.de', 'onlinehome.de'], mx: ['kundenserver.de', 'ionos.de'] },
    { incoming: [imap('imap.ionos.de'), pop3('pop.ionos.de')], outgoing: [smtps('smtp.ionos.de'), starttls('smtp.ionos.de')] },
  ),
  known(
    'strato',
    { domains: [], mx: ['rzone.de', 'strato.de'] },
    { incoming: [imap('imap.strato.de'), pop3('pop3.strato.de')], outgoing: [smtps('smtp.strato.de')] },
  ),
  known(
    'hetzner',
    { domains: [], mx: ['your-server.de'] },
    {
      incoming: [imap('mail.your-server.de'), { kind: 'roundcube', url: 'https://webmail.your-server.de/' }, pop3('mail.your-server.de')],
      outgoing: [starttls('mail.your-server.de'), { kind: 'roundcube', url: 'https://webmail.your-server.de/' }],
    },
  ),
  known(
    'mailbox.org',
    { domains: ['mailbox.org'], mx: ['mailbox.org'] },
    { incoming: [imap('imap.mailbox.org'), pop3('pop3.mailbox.org')], outgoing: [smtps('smtp.mailbox.org'), starttls('smtp.mailbox.org')] },
  ),
  known(
    'posteo',
    { domains: ['posteo.de', 'posteo.net', 'posteo.org', 'posteo.eu', 'posteo.at', 'posteo.ch'], mx: ['posteo.de'] },
    { incoming: [imap('posteo.de'), pop3('posteo.de')], outgoing: [smtps('posteo.de'), starttls('posteo.de')] },
  ),
  known(
    'gmail',
    { domains: ['gmail.com', 'googlemail.com'], mx: ['google.com', 'googlemail.com'] },
    {
      incoming: [imap('imap.gmail.com'), pop3('pop.gmail.com')],
      outgoing: [smtps('smtp.gmail.com'), starttls('smtp.gmail.com')],
      hint: 'app-password',
    },
  ),
  known(
    'icloud',
    { domains: ['icloud.com', 'me.com', 'mac.com'], mx: ['icloud.com'] },
    { incoming: [imap('imap.mail.me.com')], outgoing: [starttls('smtp.mail.me.com')], hint: 'app-password' },
  ),
  known(
    'yahoo',
    { domains: ['yahoo.com', 'yahoo.de', 'ymail.com', 'rocketmail.com'], mx: ['yahoodns.net'] },
    {
      incoming: [imap('imap.mail.yahoo.com'), pop3('pop.mail.yahoo.com')],
      outgoing: [smtps('smtp.mail.yahoo.com'), starttls('smtp.mail.yahoo.com')],
      hint: 'app-password',
    },
  ),
];

/** @param domain lower case @param mx names of its mail servers, lower case, without a final dot */
export function presetFor(domain: string, mx: readonly string[]): Preset | undefined {
  const isUnder = (name: string, zone: string): boolean => name === zone || name.endsWith(`.${zone}`);
  const found =
    KNOWN.find((one) => one.domains.includes(domain)) ?? KNOWN.find((one) => mx.some((name) => one.mx.some((zone) => isUnder(name, zone))));
  if (found === undefined) return undefined;
  const { domains: _domains, mx: _mx, ...preset } = found;
  return preset;
}
