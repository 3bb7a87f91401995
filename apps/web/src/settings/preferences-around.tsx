import { useEffect, useMemo, useState, type ReactNode } from 'react';
import { loadSpeech, SpeechContext, type Speech } from '../words/use-words.ts';
import { PREFERENCES_KEY, readPreferences, writePreferences, type Preferences } from './preferences.ts';
import { PreferencesContext } from './use-preferences.ts';

interface PreferencesAroundProps {
  readonly preferences: Preferences;
  readonly speech: Speech;
  readonly children: ReactNode;
}

/** What a person has chosen, for everything inside; kept in the browser, and shown at once. */
export function PreferencesAround({ preferences: first, speech: firstSpeech, children }: PreferencesAroundProps): ReactNode {
  const [preferences, setPreferences] = useState(first);
  const [speech, setSpeech] = useState(firstSpeech);
  const store = useMemo(
    () => ({
      preferences,
      change(some: Partial<Preferences>) {
        const next = { ...preferences, ...some };
        writePreferences(localStorage, next);
        setPreferences(next);
      },
    }),
    [preferences],
  );
  // What was chosen in another window holds here, too: else this one would write the old choice over it.
  useEffect(() => {
    const readAgain = ({ key }: StorageEvent): void => {
      if (key === PREFERENCES_KEY) setPreferences(readPreferences(localStorage, navigator.language));
    };
    window.addEventListener('storage', readAgain);
    return () => window.removeEventListener('storage', readAgain);
  }, []);
  const { language } = preferences;
  useEffect(() => {
    let isWanted = true;
    void loadSpeech(language).then((loaded) => {
      if (isWanted) setSpeech((before) => (before.language === language ? before : loaded));
    });
    return () => {
      isWanted = false;
    };
  }, [language]);
  useEffect(() => {
    document.documentElement.lang = speech.language;
  }, [speech]);
  useEffect(() => {
    if (preferences.theme === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = preferences.theme;
  }, [preferences.theme]);
  return (
    <PreferencesContext value={store}>
      <SpeechContext value={speech}>{children}</SpeechContext>
    </PreferencesContext>
  );
}
