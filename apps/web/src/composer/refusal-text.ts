/* Why the relay does not take a message, by the type of its answer (RFC 8621 7.5, or `http-429`). Both languages stand here: only who writes needs them. */
import type { Language } from '../words/load-words.ts';

const GERMAN_TROUBLE = 'Das Relay kommt im Moment nicht weiter.';

const REFUSALS: Readonly<Record<Language, Readonly<Record<string, string>>>> = {
  en: {
    forbiddenFrom: 'You may write only as your own address.',
    forbiddenMailFrom: 'You may write only as your own address.',
    overQuota: 'The relay has no room for it at the moment.',
    tooLarge: 'It is too large.',
    noRecipients: 'Nobody is named to get it.',
    invalidRecipients: 'One of the addresses is none.',
    tooManyRecipients: 'These are too many recipients for one message.',
    blobNotFound: 'One of the files is not at the relay any more; attach it once more.',
  },
  de: {
    forbiddenFrom: 'Sie können nur unter Ihrer eigenen Adresse schreiben.',
    forbiddenMailFrom: 'Sie können nur unter Ihrer eigenen Adresse schreiben.',
    forbiddenToSend: 'Das Relay nimmt im Moment nichts mehr an: Es waren zu viele Empfänger in einer Stunde, oder es hat keinen Platz.',
    overQuota: 'Das Relay hat im Moment keinen Platz dafür.',
    tooLarge: 'Sie ist zu groß.',
    noRecipients: 'Es ist niemand genannt, der sie bekommen soll.',
    invalidRecipients: 'Eine der Adressen ist keine.',
    tooManyRecipients: 'Das sind zu viele Empfänger für eine Nachricht.',
    blobNotFound: 'Eine der Dateien liegt nicht mehr beim Relay; hängen Sie sie noch einmal an.',
    serverUnavailable: GERMAN_TROUBLE,
    serverFail: GERMAN_TROUBLE,
    'http-429': 'Es waren zu viele Anfragen auf einmal.',
    'http-500': GERMAN_TROUBLE,
    'http-503': GERMAN_TROUBLE,
  },
};

/** Undefined: what the relay said has to do. */
export function refusalText(type: string, language: Language): string | undefined {
  const refusals = REFUSALS[language];
  return Object.hasOwn(refusals, type) ? refusals[type] : undefined;
}
