import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import axe from 'axe-core';
import { expect } from 'vitest';
import type { BrowserContext, Page, Request } from 'playwright-core';
import { screenPath } from './chromium.ts';
import { inEachLanguage } from './languages.ts';

const BUILDER = resolve(import.meta.dirname, '../../apps/web/build-when-older.mjs');
/** Of the page's own blobs, and of the browser itself: its viewer for PDF. */
const OWN_PROTOCOLS = new Set(['data:', 'blob:', 'chrome:', 'chrome-extension:']);
/** The machine may be busy with other things. */
const PATIENCE_MS = 60_000;

/** The relay serves what was built when it starts, so this comes before. */
export function buildClient(): void {
  const { status, stderr } = spawnSync(process.execPath, [BUILDER], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the client could not be built: ${stderr}`);
}

/** A window of the client, and everything that went wrong in it. */
export interface Desk {
  readonly page: Page;
  /** Errors that nobody caught, and dialogs that nobody asked for. */
  readonly faults: string[];
  /** Requests to anywhere but the relay. */
  readonly strangers: string[];
  /** @param isOwn it is this person's own device */
  logIn(address: string, password: string, isOwn?: boolean): Promise<void>;
  /** A picture for people. */
  show(name: string): Promise<void>;
  /** What axe finds wrong, as sentences: in both languages, in light and in dark. */
  axe(): Promise<readonly string[]>;
}

/** @param waitUntil what is loaded behind the first screen is a part of `load` */
export async function openDesk(context: BrowserContext, origin: string, waitUntil: 'load' | 'commit' = 'load'): Promise<Desk> {
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const faults: string[] = [];
  const strangers: string[] = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('dialog', (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  const note = (request: Request): void => {
    const url = new URL(request.url());
    // What a policy forbade never left the browser.
    const isForbidden = /csp/i.test(request.failure()?.errorText ?? '');
    if (url.origin !== origin && !isForbidden && !OWN_PROTOCOLS.has(url.protocol)) strangers.push(url.href);
  };
  page.on('requestfinished', note);
  page.on('requestfailed', note);
  await page.goto(`${origin}/`, { waitUntil });
  return {
    page,
    faults,
    strangers,
    async logIn(address, password, isOwn) {
      await page.locator('input[name=address]').fill(address);
      await page.locator('input[name=password]').fill(password);
      if (isOwn !== undefined) await page.locator('input[name=device]').setChecked(isOwn);
      await page.locator('.log-in-form button[type=submit]').click();
      await page.locator('.message-link').first().waitFor();
    },
    async show(name) {
      await page.evaluate('document.fonts.ready');
      await page.screenshot({ path: await screenPath(name), animations: 'disabled' });
    },
    async axe() {
      const found: string[] = [];
      let isFirst = true;
      await inEachLanguage(page, async (language) => {
        // Colours are those of both languages, and take the longest to look at.
        found.push(...(await axeIn(page, { hasContrast: isFirst })).map((one) => `${language}: ${one}`));
        isFirst = false;
      });
      const isDark = await page.evaluate<boolean>(`matchMedia('(prefers-color-scheme: dark)').matches`);
      await page.emulateMedia({ colorScheme: isDark ? 'light' : 'dark' });
      found.push(...(await axeIn(page, { runOnly: ['color-contrast'] })).map((one) => `${isDark ? 'light' : 'dark'}: ${one}`));
      await page.emulateMedia({ colorScheme: isDark ? 'dark' : 'light' });
      return found;
    },
  };
}

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** What is there now. */
export async function axeIn(page: Page, { runOnly = RULES, hasContrast = true } = {}): Promise<readonly string[]> {
  // Through the protocol of the browser's own tools: the page's policy lets no script be added to it.
  await page.evaluate(axe.source);
  const found = await page.evaluate<readonly (readonly string[])[]>(
    // Without the frames that wait, in which there is nothing: where any frame is, axe (4) does not see that a dialog covers the page.
    `axe.run({ exclude: ['body > [hidden]'] }, { iframes: false, runOnly: ${JSON.stringify(runOnly)}, rules: { 'color-contrast': { enabled: ${hasContrast} } } }).then((r) => r.violations.map((v) => [v.id, v.help, v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160) + ' ' + (n.any[0]?.message ?? '')).join(' | ')]))`,
  );
  return found.map((one) => one.join(': '));
}

export async function expectNoFaults({ faults, strangers }: Desk): Promise<void> {
  expect({ faults, strangers }).toEqual({ faults: [], strangers: [] });
}
