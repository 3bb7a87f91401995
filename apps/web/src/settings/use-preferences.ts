import { createContext, use } from 'react';
import type { Preferences } from './preferences.ts';

export interface PreferencesStore {
  readonly preferences: Preferences;
  readonly change: (some: Partial<Preferences>) => void;
}

export const PreferencesContext = createContext<PreferencesStore | undefined>(undefined);

export function usePreferences(): PreferencesStore {
  const store = use(PreferencesContext);
  if (store === undefined) throw new Error('no preferences around this component');
  return store;
}
