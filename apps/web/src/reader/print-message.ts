/*
 * What is read, on paper. A frame is not broken into pages: it goes to the next one whole, and lines are cut in two. So what is open is put into a frame of its
 * own, with the mail in it instead of the frames, and that is printed.
 */

/** For the dialog of the browser alone: nothing in it can run. */
const SANDBOX = 'allow-same-origin allow-modals';
const LONGEST_WAIT_MS = 5000;

export async function printMessage(): Promise<void> {
  const shown = document.querySelector('.message');
  const frames = [...(shown?.querySelectorAll<HTMLIFrameElement>('.mail-frame') ?? [])];
  // Where one of them loads nothing from outside, none does.
  const frame = frames.find(({ src }) => !src.endsWith('?remote')) ?? frames[0];
  if (shown === null || frame === undefined) return print();
  document.querySelector('.paper')?.remove();
  const paper = document.createElement('iframe');
  paper.className = 'paper';
  paper.setAttribute('sandbox', SANDBOX);
  paper.src = frame.src;
  const loaded = Promise.withResolvers<unknown>();
  paper.addEventListener('load', loaded.resolve, { once: true });
  document.body.append(paper);
  await loaded.promise;
  const { contentDocument: page, contentWindow } = paper;
  // Without a connection it may have become a page of the browser's.
  if (page === null || contentWindow === null) {
    paper.remove();
    return print();
  }
  fill(page, shown);
  await Promise.race([untilSeen(page), new Promise((resolve) => setTimeout(resolve, LONGEST_WAIT_MS))]);
  contentWindow.addEventListener('afterprint', () => paper.remove());
  contentWindow.print();
}

function fill(page: Document, shown: Element): void {
  page.title = shown.querySelector('.message-title')?.textContent ?? '';
  const style = page.createElement('style');
  style.textContent = [...document.styleSheets].flatMap(({ cssRules }) => [...cssRules].map(({ cssText }) => cssText)).join('\n');
  page.head.append(style);
  const copy = page.importNode(shown, true);
  const places = shown.querySelectorAll('.mail-frame-place');
  for (const [index, place] of copy.querySelectorAll('.mail-frame-place').entries()) {
    const mail = places[index]?.querySelector('iframe')?.contentDocument ?? undefined;
    place.replaceChildren();
    if (mail === undefined) continue;
    // Styles of a letter are its own.
    const letter = place.attachShadow({ mode: 'open' });
    letter.append(...[...mail.head.querySelectorAll('style'), mail.body].map((one) => page.importNode(one, true)));
  }
  page.body.replaceChildren(copy);
}

async function untilSeen(page: Document): Promise<void> {
  const images = [...page.querySelectorAll('.mail-frame-place')].flatMap(({ shadowRoot }) => [
    ...(shadowRoot?.querySelectorAll('img') ?? []),
  ]);
  await Promise.allSettled(images.filter(({ src }) => src !== '').map((image) => image.decode()));
}
