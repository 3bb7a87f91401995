import type { BrowserContextOptions, Page } from 'playwright-core';
import { startChromium, type Browser } from '../browser/chromium.ts';
import { buildClient, openDesk } from '../browser/desk.ts';
import { startFilledRelay } from './filled-relay.ts';
import { htmlMail, pictureMail } from './html-mail.ts';
import type { ImapTarget } from './imap-line.ts';
import { JUMP, openByMouse, openEvery } from './openings.ts';
import { against, type Bench, type BenchOptions } from './report.ts';

const MESSAGES = 100_000;
const SIZE_BYTES = 1000;
const OPENED = 40;
const JUMPS = 20;
/** So long at the least somebody looks at a letter. */
const LOOK_MS = 500;
const HTML_BYTES = 12_000;
const HTML = 'HTML';
const PICTURES = 'Pictures';
const SCROLLED_FRAMES = 300;
const SCROLLED_PX = 40;
const TYPED = 200;

/** A telephone of the lower kind on a bad line: 400 kbit/s, 400 ms, a quarter of this machine's speed. */
const PHONE: BrowserContextOptions = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
const PHONE_SLOWER = 4;
const PHONE_LINE = { offline: false, latency: 400, downloadThroughput: 50_000, uploadThroughput: 50_000 };

const GOAL_COLD_S = 6;
const GOAL_WARM_S = 1.5;
const GOAL_OPEN_MS = 100;
/** 60 frames a second. */
const GOAL_FRAME_MS = 1000 / 60;
/** The screen's own clock is not that exact. */
const FRAME_SLACK_MS = 0.5;

/** What a person waits for in the browser, with a mailbox of 100,000 messages. As Chromium itself measures it. */
export const web: Bench = async (options) => {
  const messages = options.messages ?? MESSAGES;
  buildClient();
  const opened = Math.min(OPENED, messages);
  const mailboxes = [
    { name: 'INBOX', messages, sizeBytes: SIZE_BYTES },
    { name: HTML, messages: opened, sizeBytes: HTML_BYTES, textOf: htmlMail },
    { name: PICTURES, messages: opened, sizeBytes: HTML_BYTES, textOf: pictureMail },
  ];
  await using filled = await startFilledRelay(mailboxes, { users: ['user0'], profileDir: options.profileDir });
  const [person] = filled.targets;
  if (!person) throw new Error('nobody is there');
  const origin = `http://127.0.0.1:${filled.relay.ports.http}`;
  options.say(`${messages} messages are there`);
  await using browser = await startChromium();
  const phone = await onThePhone(browser, origin, person);
  options.say(`phone: log-in screen after ${phone.screenS.toFixed(1)} s, first lines ${phone.inboxS.toFixed(1)} s after the log-in`);
  const desk = await atTheDesk(browser, { origin, person, messages, opened }, options);
  const coldS = phone.screenS + phone.inboxS;
  const isFluent = (ms: number): boolean => ms <= GOAL_FRAME_MS + FRAME_SLACK_MS;
  return {
    line: [
      `web ${messages}: phone cold ${against(`${coldS.toFixed(1)} s`, `< ${GOAL_COLD_S}`, coldS < GOAL_COLD_S)}`,
      `warm ${against(`${phone.warmS.toFixed(1)} s`, `< ${GOAL_WARM_S}`, phone.warmS < GOAL_WARM_S)}`,
      against(`a message opens in ${desk.openMs.toFixed(0)} ms`, `< ${GOAL_OPEN_MS}`, desk.openMs < GOAL_OPEN_MS),
      against(`HTML in ${desk.htmlMs.toFixed(0)} ms`, `< ${GOAL_OPEN_MS}`, desk.htmlMs < GOAL_OPEN_MS),
      against(`with pictures in ${desk.picturesMs.toFixed(0)} ms`, `< ${GOAL_OPEN_MS}`, desk.picturesMs < GOAL_OPEN_MS),
      against(`${(1000 / desk.scrollMs).toFixed(0)} frames/s scrolling`, '60', isFluent(desk.scrollMs)),
      against(`${(1000 / desk.typeMs).toFixed(0)} typing`, '60', isFluent(desk.typeMs)),
    ].join('; '),
    figures: { coldS, warmS: phone.warmS, ...desk },
  };
};

/** Seconds: until the log-in can be typed, from there to the first lines, and to them when the page is opened again later. */
async function onThePhone(browser: Browser, origin: string, { user, password }: ImapTarget) {
  const context = await browser.context(PHONE);
  const page = await context.newPage();
  const tools = await context.newCDPSession(page);
  await tools.send('Network.enable');
  await tools.send('Network.emulateNetworkConditions', PHONE_LINE);
  await tools.send('Emulation.setCPUThrottlingRate', { rate: PHONE_SLOWER });
  const screenS = await seconds(async () => {
    await page.goto(`${origin}/`, { waitUntil: 'commit' });
    await page.locator('input[name=password]').waitFor();
  });
  await page.locator('input[name=address]').fill(user);
  await page.locator('input[name=password]').fill(password);
  const inboxS = await seconds(async () => {
    await page.locator('.log-in-form button[type=submit]').click();
    await page.locator('.message-link').first().waitFor();
  });
  await untilKept(page);
  const warmS = await seconds(async () => {
    await page.goto(`${origin}/`, { waitUntil: 'commit' });
    await page.locator('.message-link').first().waitFor();
  });
  await context.close();
  return { screenS, inboxS, warmS };
}

/** Milliseconds: of opening a message (95th percentile), and of the median frame while scrolling and typing. */
async function atTheDesk(
  browser: Browser,
  {
    origin,
    person,
    messages,
    opened,
  }: { readonly origin: string; readonly person: ImapTarget; readonly messages: number; readonly opened: number },
  { say }: BenchOptions,
) {
  const context = await browser.context();
  const desk = await openDesk(context, origin);
  await desk.logIn(person.user, person.password);
  const { page } = desk;
  await untilKept(page);
  const opens = await openings(page, { messages, opened }, say);
  const scrolled = await framesWhile(page, `scroller.scrollTop += ${SCROLLED_PX}`, SCROLLED_FRAMES);
  const typed = await typingFrames(page);
  for (const [name, frames] of Object.entries({ scrolling: scrolled, typing: typed })) {
    say(`${name}: median frame ${percentile(frames, 0.5).toFixed(1)} ms, 95th percentile ${percentile(frames, 0.95).toFixed(1)} ms`);
  }
  await context.close();
  return { ...opens, scrollMs: percentile(scrolled, 0.5), typeMs: percentile(typed, 0.5) };
}

/** Tells of each kind of message and of coming to it. Gives the 95th percentiles of what comes next. */
async function openings(
  page: Page,
  { messages, opened }: { readonly messages: number; readonly opened: number },
  say: BenchOptions['say'],
): Promise<{ readonly openMs: number; readonly htmlMs: number; readonly picturesMs: number }> {
  const tell = (name: string, times: readonly number[]): number => {
    const p95 = percentile(times, 0.95);
    say(
      `${name}: median ${percentile(times, 0.5).toFixed(0)} ms, 95th percentile ${p95.toFixed(0)} ms, the first ${(times[0] ?? 0).toFixed(0)} ms`,
    );
    return p95;
  };
  const goTo = async (name: string): Promise<void> => {
    await page.getByRole('navigation').getByRole('link', { name }).click();
    await page.locator('.list-pane h1').filter({ hasText: name }).waitFor();
    await page.locator('.message-link').first().waitFor();
  };
  const next = tell('a message opens', await openEvery(page, { kind: 'plain', first: 1, step: 1, messages: opened }));
  const jumps = Math.min(JUMPS, Math.floor((messages - opened) / (2 * JUMP)) - 1);
  const far = { kind: 'plain', first: opened + JUMP, step: JUMP, messages: jumps } as const;
  tell('far from the last one', await openEvery(page, far));
  tell('far from it, by mouse', await openByMouse(page, { ...far, first: far.first + jumps * JUMP }));
  const half = Math.ceil(opened / 2);
  const letters = { openMs: next, htmlMs: 0, picturesMs: 0 };
  for (const [name, kind] of [
    [HTML, 'html'],
    [PICTURES, 'pictures'],
  ] as const) {
    await goTo(name);
    const some = { kind, first: 1, step: 1, messages: half };
    letters[`${kind}Ms`] = tell(`${name} opens`, await openEvery(page, { ...some, lookMs: LOOK_MS }));
    tell(`${name} opens, looked at for no time`, await openEvery(page, { ...some, first: 1 + half, messages: opened - half }));
  }
  return letters;
}

/** Lengths of frames, while something is done before each. */
function framesWhile(page: Page, act: string, frames: number): Promise<number[]> {
  return page.evaluate<number[]>(`(async () => {
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    const scroller = document.querySelector('.list-scroller');
    const times = [];
    let last = await frame();
    while (times.length < ${frames}) {
      ${act};
      const now = await frame();
      times.push(now - last);
      last = now;
    }
    return times;
  })()`);
}

/** Lengths of frames while somebody types fast. */
async function typingFrames(page: Page): Promise<readonly number[]> {
  await page.keyboard.press('c');
  const text = page.locator('.rich-text');
  await text.waitFor();
  await text.click();
  await page.evaluate(`window.isTyping = true; window.typed = (async () => {
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    const times = [];
    let last = await frame();
    while (window.isTyping) {
      const now = await frame();
      times.push(now - last);
      last = now;
    }
    return times;
  })(); undefined`);
  await page.keyboard.type('the quick brown fox '.repeat(TYPED / 20), { delay: 30 });
  return page.evaluate<number[]>('window.isTyping = false; window.typed');
}

/** The worker has the client, as it has soon after the first lines. */
function untilKept(page: Page): Promise<unknown> {
  return page.evaluate('navigator.serviceWorker.ready.then(() => undefined)');
}

async function seconds(act: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await act();
  return (performance.now() - startMs) / 1000;
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.ceil(sorted.length * share) - 1] ?? 0;
}
