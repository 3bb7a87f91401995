import { useEffect, useMemo, useState, type ReactNode } from 'react';
import { PREFERENCES_KEY, readPreferences, writePreferences, type Preferences } from './preferences.ts';
import { showTaste } from './show-taste.ts';
import { PreferencesContext } from './use-preferences.ts';

interface PreferencesAroundProps {
  readonly preferences: Preferences;
  readonly children: ReactNode;
}

/** What a person has chosen, for everything inside; kept in the browser, and shown at once. */
export function PreferencesAround({ preferences: first, children }: PreferencesAroundProps): ReactNode {
  const [preferences, setPreferences] = useState(first);
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
  useEffect(() => showTaste(preferences), [preferences]);
  return <PreferencesContext value={store}>{children}</PreferencesContext>;
}
