/*
 * What this browser remembers of a person's taste. Nothing of mail and nothing secret is kept in it.
 */
import type { Language } from '../words/load-words.ts';

/** Under this name it is kept. */
export const PREFERENCES_KEY = 'stopgap.preferences';

export type Theme = 'system' | 'light' | 'dark';

export interface Preferences {
  readonly language: Language;
  readonly theme: Theme;
  readonly writesRich: boolean;
  /** Keys of one letter (WCAG 2.1.4: they can be switched off). */
  readonly hasShortcuts: boolean;
  /** One line of a list for all messages of a conversation. */
  readonly showsConversations: boolean;
}

/** Anything that is not understood counts as not said. */
export function readPreferences(storage: Pick<Storage, 'getItem'>, browserLanguage: string): Preferences {
  const said = parsed(storage);
  const spoken = browserLanguage.toLowerCase().startsWith('de') ? 'de' : 'en';
  return {
    language: said['language'] === 'de' || said['language'] === 'en' ? said['language'] : spoken,
    theme: said['theme'] === 'light' || said['theme'] === 'dark' ? said['theme'] : 'system',
    writesRich: said['writesRich'] !== false,
    hasShortcuts: said['hasShortcuts'] !== false,
    showsConversations: said['showsConversations'] !== false,
  };
}

/** A browser that keeps nothing for us is no reason to fail. */
export function writePreferences(storage: Pick<Storage, 'setItem'>, preferences: Preferences): void {
  try {
    storage.setItem(PREFERENCES_KEY, JSON.stringify(preferences));
  } catch {
    return;
  }
}

function parsed(storage: Pick<Storage, 'getItem'>): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(storage.getItem(PREFERENCES_KEY) ?? '{}');
    return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
