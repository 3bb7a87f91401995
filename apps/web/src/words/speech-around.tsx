import { useEffect, useMemo, useState, type ReactNode } from 'react';
import { untilLoaded } from '../offline/until-loaded.ts';
import { usePreferences } from '../settings/use-preferences.ts';
import { formatsFor } from './formats.ts';
import { loadWords, type Spoken } from './load-words.ts';
import { SpeechContext } from './use-words.ts';

/** The words for everything inside. Another language is spoken as soon as its words are there. */
export function SpeechAround({ first, children }: { readonly first: Spoken; readonly children: ReactNode }): ReactNode {
  const { language } = usePreferences().preferences;
  const [spoken, setSpoken] = useState(first);
  useEffect(() => {
    if (language !== spoken.language) void untilLoaded(() => loadWords(language)).then(setSpoken);
  }, [language, spoken]);
  const speech = useMemo(() => ({ ...spoken, formats: formatsFor(spoken.language, spoken.words) }), [spoken]);
  return <SpeechContext value={speech}>{children}</SpeechContext>;
}
