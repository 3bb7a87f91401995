/* How long it takes to open a message, in the page itself. Scripts are text: the tests know no DOM. */
import type { Page } from 'playwright-core';

/** As `.message-row` has it. */
const ROW_PX = 78;
/** From one that is opened to the next: further than anything is fetched ahead. */
export const JUMP = 7;
/** The pointer is on a line for so long before it is clicked, and the button is down for so long: about as quick as people are. */
const ON_IT_MS = 150;
const DOWN_MS = 60;

/** What has to be seen: subject and text; of HTML the frame as tall as all of it; and the pictures in it. */
export type Kind = 'plain' | 'html' | 'pictures';

const SEEN: Readonly<Record<Kind, string>> = {
  plain: `document.querySelector('.reader .text-body') !== null`,
  html: 'isFrameSeen()',
  pictures: 'isFrameSeen() && arePicturesSeen()',
};

const SCRIPT = `
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const scroller = document.querySelector('.list-scroller');
  const rowAt = async (index) => {
    for (;;) {
      const row = document.querySelector('.message-place[aria-posinset="' + index + '"] .message-link');
      if (row !== null) return row;
      scroller.scrollTop = (index - 1) * ${ROW_PX};
      await frame();
    }
  };
  const subjectOf = (row) => row.querySelector('.message-subject').textContent.trim();
  let subject;
  const mail = () => document.querySelector('.mail-frame');
  const isFrameSeen = () => {
    const page = mail()?.contentDocument;
    if (!page?.querySelector('a[href^="https://far.test/' + subject.split(' ').at(-1) + '/"]')) return false;
    return mail().clientHeight >= page.documentElement.getBoundingClientRect().height - 1;
  };
  const arePicturesSeen = () => [...mail().contentDocument.images].every((one) => one.complete && one.naturalWidth > 0);
  const untilSeen = async (begin, seen) => {
    do await frame();
    while (!(document.querySelector('#message-subject')?.textContent.startsWith(subject) && seen()));
    return performance.now() - begin;
  };`;

/** Which lines of the list: `first` is one of the list's, from 1; nothing can be fetched ahead where each is `JUMP` behind the last. */
export interface Openings {
  readonly kind: Kind;
  readonly first: number;
  readonly step: number;
  readonly messages: number;
  /** How long one is looked at; 0: the next is clicked in the very frame in which it is seen. */
  readonly lookMs?: number;
}

/** From the click to the frame in which all of it is to be seen. */
export function openEvery(page: Page, { kind, first, step, messages, lookMs = 0 }: Openings): Promise<number[]> {
  return page.evaluate<number[]>(`(async () => {
    ${SCRIPT}
    const times = [];
    for (let index = ${first}; times.length < ${messages}; index += ${step}) {
      const row = await rowAt(index);
      subject = subjectOf(row);
      const begin = performance.now();
      row.click();
      times.push(await untilSeen(begin, () => ${SEEN[kind]}));
      if (${lookMs} > 0) {
        await new Promise((done) => setTimeout(done, ${lookMs}));
        await frame();
      }
    }
    return times;
  })()`);
}

/** The same by a person's mouse: the pointer comes to the line first. */
export async function openByMouse(page: Page, { kind, first, step, messages }: Openings): Promise<readonly number[]> {
  const times: number[] = [];
  for (let index = first; times.length < messages; index += step) {
    const { x, y } = await page.evaluate<{ x: number; y: number }>(`(async () => {
      ${SCRIPT}
      scroller.scrollTop = ${(index - 1) * ROW_PX};
      await frame();
      const row = await rowAt(${index});
      subject = subjectOf(row);
      window.opened = new Promise((done) => {
        row.addEventListener('click', () => done(untilSeen(performance.now(), () => ${SEEN[kind]})), { once: true });
      });
      const { x, y, width, height } = row.getBoundingClientRect();
      return { x: x + width / 2, y: y + height / 2 };
    })()`);
    await page.mouse.move(x, y, { steps: 5 });
    await page.waitForTimeout(ON_IT_MS);
    await page.mouse.down();
    await page.waitForTimeout(DOWN_MS);
    await page.mouse.up();
    times.push(await page.evaluate<number>('window.opened'));
  }
  return times;
}
