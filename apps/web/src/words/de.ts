import { reading } from './de-reading.ts';
import { writing } from './de-writing.ts';
import type { Words } from './en.ts';
import { de as first } from './first/de.ts';

const GONE = 'Es ist nicht mehr da.';
const TOO_MUCH = 'Das ist zu viel auf einmal.';
const TROUBLE = 'Das Relay kommt im Moment nicht weiter. Versuchen Sie es gleich noch einmal.';

export const de: Words = {
  ...first,
  ...reading,
  ...writing,
  language: 'Deutsch',
  again: {
    title: 'Bitte melden Sie sich erneut an',
    text: 'Ihre Sitzung ist abgelaufen. Nichts Geschriebenes ist verloren: Geben Sie Ihr Passwort ein und machen Sie weiter.',
    other: 'Anderes Konto verwenden',
    titleOthers: 'Ein anderes Konto ist angemeldet',
    textOthers: (address) =>
      `In einem anderen Fenster dieses Browsers hat sich jemand angemeldet. Dieses hier gehört noch zu ${address}, und nichts Geschriebenes ist verloren: Geben Sie Ihr Passwort ein und machen Sie hier weiter. Das andere Fenster fragt dann nach seinem eigenen.`,
    asOthers: 'Mit jenem Konto weitermachen',
  },
  folders: {
    title: 'Ordner',
    inbox: 'Posteingang',
    drafts: 'Entwürfe',
    sent: 'Gesendet',
    archive: 'Archiv',
    junk: 'Spam',
    trash: 'Papierkorb',
    unread: (count) => `${count} ungelesen`,
    total: (count) => (count === 1 ? '1 E-Mail' : `${count} E-Mails`),
    create: 'Neuer Ordner',
    name: 'Name des Ordners',
    empty: 'Ordner leeren',
    open: 'Ordner anzeigen',
    taken: 'Einen Ordner dieses Namens gibt es schon.',
    noName: 'Ein Name enthält kein „/“ und mehr als Leerzeichen.',
    toMove: 'In Ordner verschieben',
    find: 'Ordner suchen',
    gone: 'Diesen Ordner gibt es nicht.',
    none: 'Kein Ordner heißt so.',
    change: (name: string) => `Ordner „${name}“`,
    within: 'Im Ordner',
    topLevel: '(ganz oben)',
    remove: 'Ordner löschen',
    removed: (name: string) => `Ordner „${name}“ gelöscht`,
    removeQuestion: (name: string, messages: number) =>
      `Den Ordner „${name}“ löschen? Er kommt ${messages === 0 ? '' : messages === 1 ? 'mit seiner Nachricht ' : `mit seinen ${messages} Nachrichten `}in den Papierkorb und kann von dort zurückgeholt werden.`,
  },
  act: {
    compose: 'Schreiben',
    reply: 'Antworten',
    replyAll: 'Allen antworten',
    forward: 'Weiterleiten',
    archive: 'Archivieren',
    junk: 'Spam',
    notJunk: 'Kein Spam',
    remove: 'Löschen',
    removeForGood: 'Endgültig löschen',
    removeQuestion: (count) => (count === 1 ? 'Diese E-Mail endgültig löschen?' : `${count} E-Mails endgültig löschen?`),
    move: 'Verschieben',
    flag: 'Markieren',
    unflag: 'Markierung entfernen',
    markRead: 'Als gelesen markieren',
    markUnread: 'Als ungelesen markieren',
    print: 'Drucken',
    source: 'Quelltext anzeigen',
    edit: 'Entwurf bearbeiten',
    next: 'Nächste E-Mail',
    previous: 'Vorige E-Mail',
  },
  done: {
    moved: (count, to) => (count === 1 ? `Nach ${to} verschoben` : `${count} E-Mails nach ${to} verschoben`),
    removed: (count) => (count === 1 ? 'E-Mail gelöscht' : `${count} E-Mails gelöscht`),
    changed: (count: number) => `${count} Nachrichten geändert`,
    undone: 'Rückgängig gemacht',
    failed: 'Das hat nicht geklappt.',
    failedWhy: (why) => `Das hat nicht geklappt: ${why}`,
    noAnswer: 'Keine Verbindung. Bitte versuchen Sie es noch einmal.',
    outdated: 'In einem anderen Fenster ist eine neuere Version offen. Laden Sie dieses Fenster neu.',
    why: {
      forbidden: 'Das ist hier nicht erlaubt.',
      notFound: GONE,
      'http-404': GONE,
      notPossible: 'Das geht gerade nicht.',
      overQuota: 'Es ist kein Platz mehr dafür.',
      tooLarge: TOO_MUCH,
      requestTooLarge: TOO_MUCH,
      'http-413': TOO_MUCH,
      tooManyKeywords: 'Das sind zu viele Schlagwörter.',
      mailboxHasChild: 'Es sind noch Ordner darin.',
      serverFail: TROUBLE,
      serverUnavailable: TROUBLE,
      'http-429': TROUBLE,
      'http-500': TROUBLE,
      'http-503': TROUBLE,
    },
  },
  outbox: {
    title: 'Postausgang',
    waiting: (count) => (count === 1 ? '1 E-Mail wartet' : `${count} E-Mails warten`),
  },
  situation: {
    path: { roundcube: 'Webmail', smarthost: 'Ersatzserver' },
    route: {
      smtp: 'seinen Mailserver (SMTP)',
      imap: 'IMAP',
      pop3: 'POP3',
      jmap: 'JMAP',
      roundcube: 'sein Webmail',
      smarthost: 'einen Ersatzserver',
    },
    outDown: (since) => `Der Postausgangsserver Ihres Anbieters antwortet seit ${since} nicht.`,
    outBy: (route) => `Sie können wie gewohnt schreiben; was Sie senden, geht über ${route} hinaus.`,
    outWaits: 'Sie können wie gewohnt schreiben; was Sie senden, wartet hier sicher und geht hinaus, sobald ein Weg offen ist.',
    inDown: (since) => `Der Posteingangsserver Ihres Anbieters antwortet seit ${since} nicht.`,
    inBy: (route) => `Neue E-Mails kommen trotzdem an, über ${route}.`,
    inWaits: 'Sie sehen die E-Mails, die hier sind; neue kommen, sobald ein Weg offen ist.',
    allDown: (since) => `Keiner der Server Ihres Anbieters antwortet seit ${since}.`,
    allDownText: 'Sie können hier lesen und schreiben. Was Sie senden, wartet sicher und geht hinaus, sobald ein Weg offen ist.',
    more: 'Einzelheiten',
    less: 'Einzelheiten verbergen',
    pathState: { up: 'funktioniert', impaired: 'funktioniert teilweise', down: 'antwortet nicht', unknown: 'noch nicht bekannt' },
    incoming: 'Eingang',
    outgoing: 'Ausgang',
    since: (when) => `seit ${when}`,
    mirror: (have, total) => `Ihr Postfach wird geholt: ${have} von ${total}, die neuesten zuerst`,
    carry: (count) =>
      count === 1
        ? '1 Änderung wartet darauf, zum Anbieter gebracht zu werden'
        : `${count} Änderungen warten darauf, zum Anbieter gebracht zu werden`,
    offline: 'Keine Verbindung zu diesem Dienst. Was Sie sehen, ist vielleicht veraltet; wir versuchen es weiter.',
    changesWait: (count) =>
      count === 1
        ? 'Eine Änderung an Ihren E-Mails wartet hier auf Verbindung.'
        : `${count} Änderungen an Ihren E-Mails warten hier auf Verbindung.`,
    doNotClose: 'Schließen Sie dieses Fenster bis dahin nicht.',
  },
  settings: {
    title: 'Einstellungen',
  },
};
