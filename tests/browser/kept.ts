import type { Page } from 'playwright-core';

/** What a window's browser has kept in a store of the client. */
export function keptIn<Item = unknown>(page: Page, store: string): Promise<readonly Item[]> {
  return page.evaluate<readonly Item[]>(`new Promise((resolve, reject) => {
    const opening = indexedDB.open('stopgap');
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const asking = opening.result.transaction('${store}').objectStore('${store}').getAll();
      asking.onsuccess = () => { opening.result.close(); resolve(asking.result); };
    };
  })`);
}
