import { useEffect, useMemo, useState, type ReactNode } from 'react';
import { writePreferences, type Preferences } from './preferences.ts';
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
  useEffect(() => showTaste(preferences), [preferences]);
  return <PreferencesContext value={store}>{children}</PreferencesContext>;
}
