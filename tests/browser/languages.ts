/* The client in its two languages, where it stands: as if it were chosen in another window. */
import type { Page } from 'playwright-core';

const KEY = 'stopgap.preferences';
export type Language = 'en' | 'de';

/** The language that is there comes first, and is there again at the end. */
export async function inEachLanguage(page: Page, look: (language: Language) => Promise<void>): Promise<void> {
  const first = await page.evaluate<Language>('document.documentElement.lang');
  await look(first);
  // What is there before the mailbox speaks the language that it began with; `first-screen.test.ts` begins it in both.
  if ((await page.locator('main.log-in, #app > main > .state').count()) > 0) return;
  const kept = await page.evaluate<string | null>(`localStorage.getItem('${KEY}')`);
  const other = first === 'en' ? 'de' : 'en';
  await choose(page, JSON.stringify({ ...JSON.parse(kept ?? '{}'), language: other }), other);
  await look(other);
  await choose(page, kept, first);
}

async function choose(page: Page, kept: string | null, language: Language): Promise<void> {
  const write = kept === null ? `localStorage.removeItem('${KEY}')` : `localStorage.setItem('${KEY}', ${JSON.stringify(kept)})`;
  await page.evaluate(`${write}; dispatchEvent(new StorageEvent('storage', { key: '${KEY}' }))`);
  await page.locator(`html[lang=${language}]`).waitFor({ state: 'attached' });
}
