import type { Direction, PathKind, PathState, ReasonClass } from '@stopgap/core';

export type Language = 'de' | 'en';

interface Words {
  readonly title: string;
  readonly intro: string;
  readonly none: string;
  readonly since: string;
  readonly until: string;
  readonly past: string;
  readonly quiet: string;
  /** @param since undefined: all of the seven days */
  readonly strip: (times: number, since: string | undefined) => string;
  readonly direction: Readonly<Record<Direction, string>>;
  readonly state: Readonly<Record<PathState, string>>;
  /** Of the classes that a path can be down for; the others are our own affair. */
  readonly reason: Readonly<Partial<Record<ReasonClass, string>>>;
  readonly now: string;
  readonly again: string;
}

/** The same in every language. */
export const KINDS: Readonly<Record<PathKind, string>> = {
  imap: 'IMAP',
  pop3: 'POP3',
  smtp: 'SMTP',
  roundcube: 'Webmail',
  jmap: 'JMAP',
  smarthost: 'Smarthost',
};

const en: Words = {
  title: 'State of the mail providers',
  intro: 'Each way to a provider by itself, as this relay meets it. When an outage ends nobody can know before, so it does not stand here.',
  none: 'No provider is configured.',
  since: 'since',
  until: 'until',
  past: 'The last seven days',
  quiet: 'No outage.',
  strip: (times, since) =>
    `${times === 0 ? 'no outage' : `down ${times === 1 ? 'once' : `${times} times`}`} ${since === undefined ? 'in seven days' : `since ${since}`}`,
  direction: { incoming: 'Reading by', outgoing: 'Sending by' },
  state: { up: 'works', impaired: 'works with difficulty', down: 'is down', unknown: 'not known yet' },
  reason: {
    connect: 'no connection',
    tls: 'no secure connection',
    auth: 'refuses log-ins',
    throttled: 'lets too little through',
    protocol: 'does not answer as it should',
    'lost-answer': 'answers get lost',
  },
  now: 'As of',
  again: 'Look again',
};

const de: Words = {
  title: 'Zustand der Mailanbieter',
  intro:
    'Jeder Weg zu einem Anbieter für sich, wie dieses Relay ihn antrifft. Wann eine Störung endet, weiß vorher niemand; darum steht es hier nicht.',
  none: 'Kein Anbieter ist eingerichtet.',
  since: 'seit',
  until: 'bis',
  past: 'Die letzten sieben Tage',
  quiet: 'Keine Störung.',
  strip: (times, since) =>
    `${times === 0 ? 'keine Störung' : `${times}-mal gestört`} ${since === undefined ? 'in sieben Tagen' : `seit ${since}`}`,
  direction: { incoming: 'Lesen über', outgoing: 'Senden über' },
  state: { up: 'geht', impaired: 'geht nur mühsam', down: 'ist gestört', unknown: 'noch nicht bekannt' },
  reason: {
    connect: 'keine Verbindung',
    tls: 'keine sichere Verbindung',
    auth: 'weist Anmeldungen ab',
    throttled: 'lässt zu wenig durch',
    protocol: 'antwortet nicht, wie es soll',
    'lost-answer': 'Antworten gehen verloren',
  },
  now: 'Stand',
  again: 'Neu laden',
};

export const WORDS: Readonly<Record<Language, Words>> = { en, de };

/** RFC 9110 12.5.4: of the two the one that is named first. */
export function languageOf(acceptLanguage: string | undefined): Language {
  const named = (acceptLanguage ?? '').toLowerCase().match(/\b(?:de|en)\b/);
  return named?.[0] === 'de' ? 'de' : 'en';
}
