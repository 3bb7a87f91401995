/* What is said of messages in the Outbox, in both languages: only who looks there needs it. */
import type { Language } from '../words/load-words.ts';
import { useSpeech } from '../words/use-words.ts';

const en = {
  lead: 'What you sent and where it is. Messages leave by themselves; you need not wait here.',
  nothing: 'Nothing is waiting',
  nothingText: 'Messages that are on their way appear here, with the reason for any wait.',
  recent: 'Recently finished',
  state: {
    queued: 'Waiting',
    leased: 'Being sent now',
    delivered: 'Has left',
    rejected: 'Refused',
    unsure: 'Not certain',
    expired: 'Given up',
    cancelled: 'Cancelled',
    held: 'On hold',
  },
  via: (route: string) => `through ${route}`,
  next: (when: string) => `next try ${when}`,
  leaves: (when: string) => `leaves ${when}`,
  tries: (count: number) => (count === 1 ? 'one try so far' : `${count} tries so far`),
  unsureTitle: 'We do not know whether this arrived',
  unsureText:
    'The connection broke at the very end of sending. It may have arrived, or not. We look for proof and decide by ourselves if we can; you can also decide now.',
  unsureChoices:
    '“It arrived” and “Do not send it again” end it. “Send it again” is safe when it did not arrive; if it did, the recipient gets it twice.',
  delivered: 'It arrived',
  resend: 'Send it again',
  cancelled: 'Do not send it again',
  resendHint: 'If it did arrive, the recipient gets it twice.',
  cancel: 'Cancel sending',
  keep: 'Keep sending',
  cancelQuestion: 'Cancel sending? What has not left yet will not be sent.',
  cancelToDrafts: 'Cancel sending? The message goes back to Drafts.',
  sendNow: 'Try now',
  leaveNow: 'Send now',
  hold: 'Hold',
  release: 'Release',
  sent: (when: string) => `sent ${when}`,
};

type OutboxWords = typeof en;

const de: OutboxWords = {
  lead: 'Was Sie gesendet haben und wo es ist. Alles geht von selbst hinaus; Sie müssen hier nicht warten.',
  nothing: 'Nichts wartet',
  nothingText: 'E-Mails, die unterwegs sind, erscheinen hier, mit dem Grund, falls sie warten.',
  recent: 'Zuletzt abgeschlossen',
  state: {
    queued: 'Wartet',
    leased: 'Wird gerade gesendet',
    delivered: 'Ist hinaus',
    rejected: 'Abgelehnt',
    unsure: 'Nicht gewiss',
    expired: 'Aufgegeben',
    cancelled: 'Abgebrochen',
    held: 'Angehalten',
  },
  via: (route) => `über ${route}`,
  next: (when) => `nächster Versuch ${when}`,
  leaves: (when) => `geht hinaus um ${when}`,
  tries: (count) => (count === 1 ? 'bisher ein Versuch' : `bisher ${count} Versuche`),
  unsureTitle: 'Wir wissen nicht, ob dies angekommen ist',
  unsureText:
    'Die Verbindung brach ganz am Ende des Sendens ab. Die E-Mail kann angekommen sein oder nicht. Wir suchen nach einem Beweis und entscheiden selbst, wenn es geht; Sie können auch jetzt entscheiden.',
  unsureChoices:
    '„Sie ist angekommen“ und „Nicht noch einmal senden“ beenden es. „Noch einmal senden“ ist richtig, wenn sie nicht angekommen ist; ist sie es doch, bekommt der Empfänger sie zweimal.',
  delivered: 'Sie ist angekommen',
  resend: 'Noch einmal senden',
  cancelled: 'Nicht noch einmal senden',
  resendHint: 'Falls sie doch angekommen ist, bekommt der Empfänger sie zweimal.',
  cancel: 'Senden abbrechen',
  keep: 'Weiter senden',
  cancelQuestion: 'Senden abbrechen? Was noch nicht hinaus ist, wird nicht gesendet.',
  cancelToDrafts: 'Senden abbrechen? Die E-Mail kommt zurück in die Entwürfe.',
  sendNow: 'Jetzt versuchen',
  leaveNow: 'Jetzt senden',
  hold: 'Anhalten',
  release: 'Freigeben',
  sent: (when) => `gesendet ${when}`,
};

const WORDS: Readonly<Record<Language, OutboxWords>> = { en, de };

export function useOutboxWords(): OutboxWords {
  return WORDS[useSpeech().language];
}
