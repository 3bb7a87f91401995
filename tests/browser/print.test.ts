/* HTML of mail on paper: all of it, in pages that break between lines, with its head; by our button, and by the browser's own menu. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startMirrorScene, type MirrorScene } from '../relay/index.ts';
import { startChromium, type Browser } from './chromium.ts';
import { buildClient, expectNoFaults, openDesk, type Desk } from './desk.ts';
import { htmlLetter } from './letters.ts';

const LIMIT_MS = 180_000;
const NAME = 'A long letter';
/** Taller than a frame gets on the screen. */
const PARAGRAPHS = 900;
const HTML = `<style>p { color: rgb(1, 2, 3); }</style>${`<p>${'A paragraph of a letter. '.repeat(12)}</p>`.repeat(PARAGRAPHS)}<p>The end.</p>`;

let scene: MirrorScene;
let browser: Browser;
let desk: Desk;

beforeAll(async () => {
  buildClient();
  scene = await startMirrorScene({ incoming: ['imap'], lab: { users: ['alice'], parts: ['dovecot', 'postfix'] } });
  const alice = scene.lab.address('alice');
  await (await scene.door('alice')).append(['INBOX'], { bytes: htmlLetter(NAME, HTML, alice) });
  await scene.add('alice');
  await scene.untilEqual('alice');
  browser = await startChromium();
  desk = await openDesk(await browser.context({ viewport: { width: 1900, height: 900 } }), `http://127.0.0.1:${scene.relay.ports.http}`);
  await desk.logIn(alice, scene.lab.password('alice'));
  await desk.page.locator('.message-link').click();
  await desk.page.frameLocator('.mail-frame').getByText('The end.').waitFor();
}, 300_000);

afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  await scene?.[Symbol.asyncDispose]();
});

afterEach(() => expectNoFaults(desk));

test('by the button the letter itself is printed, and not a frame with it', { timeout: LIMIT_MS }, async () => {
  const { page } = desk;
  const inPaper = (what: string): Promise<unknown> =>
    page.evaluate(
      `(() => { const page = document.querySelector('.paper')?.contentDocument; const letter = page?.querySelector('.mail-frame-place')?.shadowRoot; return ${what}; })()`,
    );
  await page.getByRole('button', { name: 'Print' }).click();
  await expect.poll(() => inPaper('letter?.querySelectorAll("p").length')).toBe(PARAGRAPHS + 1);
  expect(
    await inPaper('[page.title, page.querySelector(".message-title").textContent, page.querySelectorAll("iframe, script").length]'),
  ).toEqual([NAME, NAME, 0]);
  expect(await inPaper('page.defaultView.getComputedStyle(letter.querySelector("p")).color')).toBe('rgb(1, 2, 3)');
  expect(await page.locator('.paper').getAttribute('sandbox')).toBe('allow-same-origin allow-modals');
  // As it is printed: the browser prints only pages of its own here.
  const html = await inPaper('page.documentElement.getHTML({ shadowRoots: [letter] })');
  const sheet = await page.context().newPage();
  await sheet.setContent(`<!doctype html><html>${String(html)}</html>`);
  expect(pagesOf(await sheet.pdf({ format: 'A4' }))).toBeGreaterThan(20);
  await sheet.close();
});

test('by the menu of the browser nothing is cut off, and the frame is on the screen afterwards as it was', async () => {
  const { page } = desk;
  const size = (): Promise<unknown> =>
    page.evaluate(
      `(() => { const frame = document.querySelector('.mail-frame'); return [frame.clientWidth, frame.clientHeight, frame.contentDocument.documentElement.scrollHeight]; })()`,
    );
  const before = await size();
  await page.evaluate(`dispatchEvent(new Event('beforeprint'))`);
  const [width, height, content] = (await size()) as [number, number, number];
  expect([width, height]).toEqual([680, content]);
  expect(height).toBeGreaterThan(30_000);
  await page.evaluate(`dispatchEvent(new Event('afterprint'))`);
  expect(await size()).toEqual(before);
});

function pagesOf(pdf: Buffer): number {
  return pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length ?? 0;
}
