import type { ReactNode } from 'react';
import { useSpeech } from '../words/use-words.ts';

const TEXTS = {
  en: {
    what: (time: string) => `Your provider refuses your password since ${time}.`,
    so: 'New mail does not come in, and what you send may have to wait. If you changed the password there, log out here and log in with the new one.',
  },
  de: {
    what: (time: string) => `Ihr Anbieter weist Ihr Passwort seit ${time} ab.`,
    so: 'Neue Mails kommen nicht herein, und was Sie senden, muss vielleicht warten. Haben Sie das Passwort dort geändert, melden Sie sich hier ab und mit dem neuen wieder an.',
  },
} as const;

/** Only its person can do something about it. The relay says so when it is no lie of an outage. */
export function RefusedNotice({ since }: { readonly since: string }): ReactNode {
  const { language, formats } = useSpeech();
  const { what, so } = TEXTS[language];
  return (
    <p>
      <strong>{what(formats.moment(since))}</strong> {so}
    </p>
  );
}
