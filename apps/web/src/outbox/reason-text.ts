/* Why a message waits or came to nothing. What the relay says of it is English; who reads something else is told by the class of the reason first. */
import type { Language } from '../words/load-words.ts';

const GERMAN: Readonly<Record<string, string>> = {
  connect: 'Der Server ist nicht zu erreichen.',
  tls: 'Es kommt keine sichere Verbindung zum Server zustande.',
  auth: 'Der Server weist die Anmeldung ab.',
  greylist: 'Der Server möchte etwas später noch einmal gefragt werden.',
  throttled: 'Der Server nimmt im Moment nichts mehr an.',
  quota: 'Das Postfach ist voll.',
  recipient: 'Der Server nimmt diesen Empfänger nicht an.',
  policy: 'Der Server lehnt sie nach einer Regel ab.',
  content: 'Der Server lehnt sie wegen ihres Inhalts ab.',
  'too-big': 'Sie ist dem Server zu groß.',
  protocol: 'Der Server antwortet nicht, wie er soll.',
  route: 'Auf diesem Weg kann sie nicht gehen.',
  'lost-answer': 'Die Antwort des Servers ging verloren.',
  expired: 'Sie konnte nicht rechtzeitig zugestellt werden.',
  cancelled: 'Sie wurde abgebrochen.',
  internal: 'Das Relay selbst kam nicht weiter.',
};

/** Undefined: the relay's own words have to do. */
export function reasonText(reasonClass: string | null, language: Language): string | undefined {
  return language === 'de' && reasonClass !== null && Object.hasOwn(GERMAN, reasonClass) ? GERMAN[reasonClass] : undefined;
}
