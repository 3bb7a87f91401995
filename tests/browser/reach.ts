/* What somebody who needs larger letters, or has no pointer, can get at on a screen: asked in the browser itself. */
import { expect } from 'vitest';
import type { Locator, Page } from 'playwright-core';
import type { Desk } from './desk.ts';
import { inEachLanguage } from './languages.ts';

const WIDE = { width: 1360, height: 860 };
/** The same window at 200 % (WCAG 1.4.4), and at 320 CSS pixels (1.4.10). */
const CLOSE = [
  { width: 680, height: 430 },
  { width: 320, height: 640 },
] as const;

const FRONT = `([...document.querySelectorAll('dialog[open]')].at(-1) ?? document.querySelector('.composer:not(.is-minimised), .sidebar.is-open') ?? document.body)`;
const CONTROLS = 'a[href], button, input, select, textarea, summary, [role=textbox]';
/** The list makes room for the message, so it is left out. */
const NOTE_WHAT_IS_THERE = `window.there = [...${FRONT}.querySelectorAll('${CONTROLS}')].filter((one) => one.checkVisibility({ visibilityProperty: true }) && one.closest('dialog, .composer, .sidebar.is-open, main') !== null && one.closest('.list-pane') === null)`;

/** Of what is in front: every control that was there is still, can be scrolled to, is whole, is covered by nothing; no text is cut; the page does not go sideways. */
const OUT_OF_REACH = `(() => {
  const found = [];
  const front = ${FRONT};
  const isSeen = (one) => one.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true });
  const nameOf = (one) => (one.getAttribute('aria-label') ?? one.textContent ?? '').trim().slice(0, 60) + ' <' + one.tagName.toLowerCase() + ' ' + one.className + '>';
  if (document.documentElement.scrollWidth > innerWidth) found.push('the page scrolls sideways: ' + document.documentElement.scrollWidth);
  if (front.scrollWidth > front.clientWidth + 1 && front !== document.body) found.push('it scrolls sideways: ' + front.scrollWidth + ' of ' + front.clientWidth);
  for (const one of front.querySelectorAll('${CONTROLS}')) {
    if (!one.isConnected || !isSeen(one)) continue;
    one.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    const { left, right, top, bottom, width, height } = one.getBoundingClientRect();
    if (width < 2 || height < 2) continue;
    if (left < -1 || right > innerWidth + 1) found.push('beside the window: ' + nameOf(one));
    const hit = document.elementFromPoint((left + right) / 2, (Math.max(0, top) + Math.min(innerHeight, bottom)) / 2);
    if (hit === null || !(one.contains(hit) || hit.contains(one) || hit.closest('label')?.contains(one))) found.push('covered: ' + nameOf(one) + ' by ' + (hit === null ? 'nothing' : nameOf(hit)));
  }
  for (const one of window.there) if (one.isConnected && !isSeen(one)) found.push('not there any more: ' + nameOf(one));
  for (const one of front.querySelectorAll('button, label, h2, h3, legend, dt, dd, .hint, .banner p, .message-title')) {
    if (!isSeen(one) || one.closest('.visually-hidden') !== null) continue;
    if (getComputedStyle(one).overflowX !== 'visible' && one.scrollWidth > one.clientWidth + 1) found.push('cut: ' + nameOf(one));
  }
  document.scrollingElement.scrollTo(0, 0);
  return found;
})()`;

/** What has no room in the bar over a message is behind a button. */
const OPEN_MORE = `document.querySelector('.bar-more[aria-expanded=false]')?.click()`;

/** What there is now is for everybody: in both languages, in light and in dark, near and far. */
export async function expectForEverybody(desk: Desk, name: string): Promise<void> {
  const { page } = desk;
  expect.soft(await desk.axe(), name).toEqual([]);
  await inEachLanguage(page, async (language) => {
    await page.evaluate(NOTE_WHAT_IS_THERE);
    for (const size of CLOSE) {
      await page.setViewportSize(size);
      await page.evaluate(OPEN_MORE);
      expect.soft(await page.evaluate(OUT_OF_REACH), `${name}, ${size.width} pixels, ${language}`).toEqual([]);
    }
    await page.setViewportSize(WIDE);
  });
}

/** The Tab key, as often as it takes. */
export async function tabTo(page: Page, selector: string): Promise<void> {
  const MOST = 60;
  for (let presses = 0; presses < MOST; presses += 1) {
    if (await page.evaluate(`document.activeElement?.matches(${JSON.stringify(selector)}) === true`)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`the Tab key does not lead to ${selector}`);
}

export async function expectFocus(one: Locator): Promise<void> {
  await expect.poll(() => one.evaluate((element) => element === element.ownerDocument.activeElement), { message: String(one) }).toBe(true);
}
