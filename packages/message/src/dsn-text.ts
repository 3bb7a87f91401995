import { oneLine } from './dsn-status.ts';
import type { DsnAction, DsnOptions, DsnRecipient } from './dsn.ts';

/*
 * The part of a notice that people read: German, then English. Calm and plain: what happened, to whom, why, what to do. No end of an outage is
 * ever promised here.
 */

interface Bilingual {
  readonly de: string;
  readonly en: string;
}
type Language = keyof Bilingual;

const subjects: Readonly<Record<DsnAction, string>> = {
  failed: 'Nachricht nicht zugestellt / Message not delivered',
  delayed: 'Nachricht noch unterwegs / Message still on its way',
  delivered: 'Nachricht zugestellt / Message delivered',
  relayed: 'Nachricht weitergegeben / Message passed on',
  expanded: 'Nachricht an Verteiler zugestellt / Message delivered to a list',
};

const openings: Readonly<Record<DsnAction, Bilingual>> = {
  failed: { de: 'Ihre Nachricht konnte nicht zugestellt werden an:', en: 'Your message could not be delivered to:' },
  delayed: {
    de: 'Ihre Nachricht ist noch nicht zugestellt. Sie wartet für:',
    en: 'Your message has not been delivered yet. It is waiting for:',
  },
  delivered: { de: 'Ihre Nachricht wurde zugestellt an:', en: 'Your message was delivered to:' },
  relayed: { de: 'Ihre Nachricht wurde weitergegeben für:', en: 'Your message was passed on for:' },
  expanded: { de: 'Ihre Nachricht wurde an einen Verteiler zugestellt:', en: 'Your message was delivered to a mailing list:' },
};

const closings: Readonly<Record<DsnAction, Bilingual>> = {
  failed: {
    de: 'Es wird kein weiterer Versuch gemacht. Ihre Nachricht oder ihre Kopfzeilen hängen an, damit Sie sie wiedererkennen.',
    en: 'No further attempt will be made. Your message or its header is attached, so that you can tell which one it was.',
  },
  delayed: {
    de: 'Sie müssen nichts tun: Die Nachricht ist sicher aufbewahrt, und wir versuchen es weiter. Bitte senden Sie sie nicht noch einmal, sonst kommt sie vielleicht doppelt an.',
    en: 'There is nothing you need to do: the message is kept safe and we go on trying. Please do not send it again, or it may arrive twice.',
  },
  delivered: { de: 'Sie haben um diese Bestätigung gebeten.', en: 'You asked for this confirmation.' },
  relayed: {
    de: 'Der nächste Mailserver hat sie angenommen, bestätigt die Zustellung aber nicht. Eine weitere Nachricht dazu erhalten Sie nur, wenn etwas schiefgeht.',
    en: 'The next mail server has taken it, but does not confirm deliveries. You will hear of it again only if something goes wrong.',
  },
  expanded: {
    de: 'Ob jedes Mitglied sie erhalten hat, wird nicht bestätigt.',
    en: 'Whether each member has received it will not be confirmed.',
  },
};

/** By RFC 3463 subject.detail; the class digit stands in the action already. */
const reasons: Readonly<Record<string, Bilingual>> = {
  '1.1': {
    de: 'Diese Adresse gibt es dort nicht. Bitte prüfen Sie die Schreibweise.',
    en: 'This address does not exist there. Please check the spelling.',
  },
  '1.2': {
    de: 'Der Teil hinter dem @ ist dort nicht bekannt. Bitte prüfen Sie die Schreibweise.',
    en: 'The part after the @ is not known. Please check the spelling.',
  },
  '2.1': { de: 'Das Postfach ist gesperrt oder stillgelegt.', en: 'The mailbox is disabled.' },
  '2.2': {
    de: 'Das Postfach des Empfängers ist voll. Versuchen Sie es später wieder, oder erreichen Sie ihn auf anderem Weg.',
    en: "The recipient's mailbox is full. Try again later, or reach the person another way.",
  },
  '2.3': { de: 'Die Nachricht ist für dieses Postfach zu groß.', en: 'The message is too large for this mailbox.' },
  '3.4': { de: 'Die Nachricht ist für den Mailserver zu groß.', en: 'The message is too large for the mail server.' },
  '4.1': { de: 'Der Mailserver war nicht erreichbar.', en: 'The mail server could not be reached.' },
  '4.7': {
    de: 'Die Zeit für weitere Versuche ist abgelaufen. Sie können die Nachricht noch einmal senden.',
    en: 'The time for further attempts has run out. You may send the message again.',
  },
  '7.1': {
    de: 'Der Mailserver des Empfängers lehnt die Nachricht nach seinen Regeln ab.',
    en: "The recipient's mail server refuses the message by its rules.",
  },
};

const WRAP_AT = 72;

/** ASCII, so that it needs no encoding. */
export function dsnSubject(kind: DsnAction): string {
  return subjects[kind];
}

/** CRLF line ends. */
export function dsnText(options: DsnOptions): string {
  const german = section(options, 'de');
  const english = section(options, 'en');
  const lines = [...german, '', '-'.repeat(WRAP_AT), '', ...english, '', `-- `, oneLine(options.reportingMta)];
  return `${lines.join('\r\n')}\r\n`;
}

function section(options: DsnOptions, language: Language): string[] {
  const { kind, recipients } = options;
  const hello = language === 'de' ? 'Guten Tag,' : 'Hello,';
  const accepted = dateText(options.arrivalMs, language);
  const taken = language === 'de' ? `(Angenommen am ${accepted}.)` : `(It was accepted on ${accepted}.)`;
  return [
    hello,
    '',
    ...wrap(openings[kind][language], ''),
    '',
    ...recipients.flatMap((recipient) => [...recipientLines(recipient, language), '']),
    ...wrap(closings[kind][language], ''),
    ...wrap(taken, ''),
  ];
}

function recipientLines(recipient: DsnRecipient, language: Language): string[] {
  const lines = [`  ${oneLine(recipient.address)}`];
  const isTrouble = recipient.action === 'failed' || recipient.action === 'delayed';
  const plain = reasons[recipient.status.split('.').slice(1).join('.')];
  if (isTrouble && plain !== undefined) lines.push(...wrap(plain[language], '    '));
  const words = oneLine(recipient.reasonText ?? '');
  if (isTrouble && words !== '') lines.push(...wrap(`${language === 'de' ? 'Im Einzelnen' : 'In detail'}: ${words}`, '    '));
  const diagnostic = oneLine(recipient.diagnostic ?? '');
  if (isTrouble && diagnostic !== '' && !words.includes(diagnostic)) {
    lines.push(...wrap(`${language === 'de' ? 'Antwort des Mailservers' : 'Answer of the mail server'}: ${diagnostic}`, '    '));
  }
  if (recipient.action === 'delayed' && recipient.willRetryUntilMs !== undefined) {
    lines.push(
      `    ${language === 'de' ? 'Wir versuchen es bis' : 'We go on trying until'}: ${dateText(recipient.willRetryUntilMs, language)}`,
    );
  }
  return lines;
}

/** In UTC and saying so: we do not know where the person is. */
function dateText(ms: number, language: Language): string {
  const [date = '', time = ''] = new Date(ms).toISOString().slice(0, 16).split('T');
  return language === 'de' ? `${date.split('-').toReversed().join('.')}, ${time} Uhr UTC` : `${date} ${time} UTC`;
}

function wrap(text: string, indent: string): string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(' ')) {
    if (line.length + word.length > WRAP_AT && line !== indent) {
      lines.push(line.trimEnd());
      line = indent;
    }
    line += `${word} `;
  }
  lines.push(line.trimEnd());
  return lines;
}
