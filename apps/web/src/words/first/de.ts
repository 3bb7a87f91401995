import type { FirstWords } from './en.ts';

export const de: FirstWords = {
  app: {
    name: 'Stopgap',
    loading: 'Wird geladen',
    retry: 'Erneut versuchen',
    close: 'Schließen',
    cancel: 'Abbrechen',
    back: 'Zurück',
    undo: 'Rückgängig',
    save: 'Speichern',
  },
  logIn: {
    title: 'Ihre E-Mails, während Ihr Anbieter gestört ist',
    lead: 'Melden Sie sich mit Adresse und Passwort Ihres E-Mail-Kontos an, wie in Ihrem Mailprogramm.',
    address: 'E-Mail-Adresse',
    password: 'Passwort',
    submit: 'Anmelden',
    busy: 'Wird geprüft',
    show: 'Passwort anzeigen',
    hide: 'Passwort verbergen',
    wrong: 'Adresse oder Passwort ist falsch.',
    wrongHint: 'Gemeint ist das Passwort Ihres E-Mail-Kontos bei Ihrem Anbieter.',
    tooOften: 'Zu viele Versuche.',
    againIn: (minutes) => (minutes <= 1 ? 'Versuchen Sie es in einer Minute wieder.' : `Versuchen Sie es in ${minutes} Minuten wieder.`),
    notKnown: 'Ihr Passwort kann gerade nicht geprüft werden.',
    notKnownHint: 'Keiner der Server Ihres Anbieters antwortet, und Sie haben sich hier noch nie angemeldet.',
    device: 'Das ist mein eigenes Gerät',
    deviceHint:
      'Was Sie lesen, bleibt hier gespeichert und öffnet sich auch ohne Verbindung. Lassen Sie es weg an einem Computer, den auch andere nutzen.',
    noAnswer: 'Dieser Dienst antwortet nicht.',
    noAnswerHint: 'Prüfen Sie Ihre Verbindung und versuchen Sie es noch einmal.',
    refused: 'Sie können sich hier nicht anmelden.',
    inClear: 'Diese Seite ist nicht verschlüsselt.',
    inClearHint:
      'Ihr Passwort könnte unterwegs gelesen werden. Öffnen Sie die Adresse dieses Dienstes, die mit https:// beginnt (wer ihn betreibt, kennt sie).',
    status: 'Was funktioniert beim Anbieter gerade?',
    practice: 'Übung',
    practiceText: 'Nichts hier ist echt, und nichts verlässt diesen Rechner. Herein als',
    unfinished: 'Der Rest dieser Seite ist nicht angekommen.',
  },
};
