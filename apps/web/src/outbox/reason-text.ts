/*
 * Why a message waits or came to nothing, by the class that the relay gives the reason. Both languages stand here: they come with the Outbox, and no sooner.
 */
import type { Language } from '../words/use-words.ts';

const REASONS: Readonly<Record<Language, Readonly<Record<string, string>>>> = {
  en: {
    connect: 'The server can not be reached.',
    tls: 'There is no secure connection to the server.',
    auth: 'The server refuses the log-in.',
    greylist: 'The server wants to be asked once more, a little later.',
    throttled: 'The server takes no more at this moment.',
    quota: 'The mailbox is full.',
    recipient: 'The server does not take this recipient.',
    policy: 'The server refuses it by a rule.',
    content: 'The server refuses it for what is in it.',
    'too-big': 'It is too large for the server.',
    protocol: 'The server does not answer as it should.',
    route: 'It can not go this way.',
    'lost-answer': 'The answer of the server was lost.',
    expired: 'It could not be delivered in time.',
    cancelled: 'It was cancelled.',
    internal: 'The relay itself could not go on.',
  },
  de: {
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
  },
};

/** Undefined: a class that this client does not know. */
export function reasonText(reasonClass: string | null, language: Language): string | undefined {
  const reasons = REASONS[language];
  return reasonClass !== null && Object.hasOwn(reasons, reasonClass) ? reasons[reasonClass] : undefined;
}
