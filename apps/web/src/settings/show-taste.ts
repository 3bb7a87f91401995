import type { Preferences } from './preferences.ts';

/** What of a person's taste the page itself bears: for those who have it read aloud, and for the colours. */
export function showTaste({ language, theme }: Preferences): void {
  const page = document.documentElement;
  page.lang = language;
  if (theme === 'system') delete page.dataset['theme'];
  else page.dataset['theme'] = theme;
}
