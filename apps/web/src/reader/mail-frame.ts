import { quotedFrom } from './quoted-heads.ts';
import { sanitiseShown } from './sanitise.ts';

/** A message that is taller scrolls in its frame: no message makes the page endless. */
const TALLEST_PX = 30_000;
/** What grows with its frame (100vh and more) would never come to rest. */
const MOST_ADJUSTMENTS = 40;
const SHOWN_IMAGES = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/bmp', 'image/avif']);
const MOST_IMAGES = 200;
/** `name` and `id` come out of the sanitiser with something before them. The last but one is that of GMX and web.de. */
const QUOTES =
  'blockquote[type="cite"], .gmail_quote, .moz-cite-prefix + blockquote, blockquote.protonmail_quote, div[name$="-quote"], .yahoo_quoted';

const STYLE = `
:root { color-scheme: light; }
html { background: #fff; }
body { margin: 0; padding: 2px; font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; color: #1d2327; overflow-wrap: anywhere; overflow-x: auto; }
img { max-width: 100%; height: auto; }
img:not([src]) { border: 1px dashed #b4bdc2; border-radius: 4px; color: #56625f; font-size: 12px; }
pre { white-space: pre-wrap; }
a { color: #175d8d; }
blockquote { margin: 0.6em 0; padding-inline-start: 0.9em; border-inline-start: 3px solid #d5dadd; }
summary.stopgap-fold { display: inline-block; cursor: pointer; padding: 0 0.6em; border: 1px solid #c9d0d4; border-radius: 0.6em; color: #4d575d; font-size: 12px; list-style: none; }
`;

/** A part of the message that its text shows, at once if it is here; undefined: there is none of that name. Rejects: it can not be had now. */
export type ImageOf = (cid: string) => Blob | Promise<Blob | undefined>;

export interface FrameOptions {
  readonly isRemoteShown: boolean;
  readonly imageOf: ImageOf;
}

export interface FrameFollower {
  readonly quoteLabel: string;
  /** What is quoted is what it is about. */
  readonly isForward: boolean;
  /** Some of its images can not be had now. */
  readonly onMissing: (isMissing: boolean) => void;
  readonly onHeight: (px: number) => void;
  readonly onMailto: (link: string) => void;
}

export interface FilledFrame {
  readonly hasRemote: boolean;
  /** It is seen from now on; once. */
  readonly follow: (follower: FrameFollower) => void;
  /** Asks once more for the images that could not be had. */
  readonly retryImages: () => void;
  /** Lets go of everything that was made for it. */
  readonly stop: () => void;
}

export type FillFrame = typeof fillFrame;

/** Puts a message into the empty page of a frame that runs no scripts. */
export function fillFrame(page: Document, html: string, { isRemoteShown, imageOf }: FrameOptions): FilledFrame {
  const { html: tree, hasRemote } = sanitiseShown(html, { isRemoteShown, by: page.defaultView ?? window });
  const body = tree.querySelector('body');
  const style = page.createElement('style');
  style.textContent = STYLE;
  page.head.replaceChildren(style, ...[...tree.querySelectorAll('head style')].map((one) => page.importNode(one, true)));
  page.body.replaceChildren(...[...(body?.childNodes ?? [])].map((node) => page.importNode(node, true)));
  for (const { name, value } of body?.attributes ?? []) page.body.setAttribute(name, value);
  // What does not say in which direction it is written is asked by its first letters.
  if (!page.body.hasAttribute('dir')) page.body.setAttribute('dir', tree.getAttribute('dir') ?? 'auto');
  const folds = foldQuotes(page);
  const images = showOwnImages(page, imageOf);
  const endings: (() => void)[] = [images.stop];
  return {
    hasRemote,
    retryImages: images.retry,
    follow({ quoteLabel, isForward, onMissing, onHeight, onMailto }) {
      for (const fold of folds) {
        fold.setAttribute('aria-label', quoteLabel);
        fold.parentElement?.toggleAttribute('open', isForward);
      }
      images.follow(onMissing);
      const onClick = (event: MouseEvent): void => openMailto(event, onMailto);
      page.addEventListener('click', onClick);
      const onKey = (event: KeyboardEvent): void => passOn(event);
      page.addEventListener('keydown', onKey);
      const stopListening = (): void => {
        page.removeEventListener('click', onClick);
        page.removeEventListener('keydown', onKey);
      };
      endings.push(followHeight(page, onHeight), stopListening);
    },
    stop() {
      for (const end of endings.splice(0)) end();
    },
  };
}

/** What was said before is there at a click; a message that is nothing but a quotation stays open. Gives what is clicked. */
function foldQuotes(page: Document): readonly HTMLElement[] {
  const folds: HTMLElement[] = [];
  const fold = (): HTMLElement => {
    const details = page.createElement('details');
    const summary = page.createElement('summary');
    summary.className = 'stopgap-fold';
    summary.textContent = '•••';
    details.append(summary);
    folds.push(summary);
    return details;
  };
  const from = quotedFrom(page.body, QUOTES);
  if (from !== undefined && !isFirst(page, from)) {
    const rest = page.createRange();
    rest.setStartBefore(from);
    rest.setEnd(page.body, page.body.childNodes.length);
    const details = fold();
    details.append(rest.extractContents());
    page.body.append(details);
  }
  for (const quote of page.querySelectorAll(QUOTES)) {
    if ((quote.parentElement?.closest('details') ?? null) !== null || isFirst(page, quote)) continue;
    const details = fold();
    quote.replaceWith(details);
    details.append(quote);
  }
  return folds;
}

/** Nothing stands before it. */
function isFirst(page: Document, node: Node): boolean {
  const before = page.createRange();
  before.setStart(page.body, 0);
  before.setEndBefore(node);
  return before.toString().trim() === '';
}

interface OwnImages {
  readonly follow: (onMissing: (isMissing: boolean) => void) => void;
  readonly retry: () => void;
  readonly stop: () => void;
}

function showOwnImages(page: Document, imageOf: ImageOf): OwnImages {
  const urls: string[] = [];
  const missing = new Set<HTMLImageElement>();
  let onMissing: ((isMissing: boolean) => void) | undefined;
  let isStopped = false;
  const show = async (image: HTMLImageElement): Promise<void> => {
    const found = imageOf(decoded(image.getAttribute('data-cid') ?? ''));
    // What is here is read while the letter is laid out.
    const blob = found instanceof Blob ? found : await found;
    if (blob === undefined || isStopped || !SHOWN_IMAGES.has(blob.type.split(';', 1)[0] ?? '')) return;
    const url = URL.createObjectURL(blob);
    urls.push(url);
    image.src = url;
  };
  const showAll = async (images: readonly HTMLImageElement[]): Promise<void> => {
    const shown = await Promise.allSettled(images.map(show));
    for (const [index, { status }] of shown.entries()) {
      const image = images[index];
      if (image !== undefined && status === 'rejected') missing.add(image);
    }
    if (!isStopped) onMissing?.(missing.size > 0);
  };
  const retry = (): void => {
    const again = [...missing];
    missing.clear();
    void showAll(again);
  };
  void showAll([...page.querySelectorAll<HTMLImageElement>('img[data-cid]')].slice(0, MOST_IMAGES));
  return {
    follow(told) {
      onMissing = told;
      // What could not be had before anybody saw it is worth another look.
      retry();
    },
    retry,
    stop() {
      isStopped = true;
      for (const url of urls) URL.revokeObjectURL(url);
    },
  };
}

function followHeight(page: Document, onHeight: (px: number) => void): () => void {
  let adjustments = 0;
  let last = 0;
  const adjust = (): void => {
    const height = Math.min(Math.ceil(page.documentElement.getBoundingClientRect().height), TALLEST_PX);
    if (height === last || adjustments > MOST_ADJUSTMENTS) return;
    last = height;
    adjustments += 1;
    onHeight(height);
  };
  // In the frame in which it is seen first it is as tall as it is.
  adjust();
  const observer = new ResizeObserver(adjust);
  observer.observe(page.documentElement);
  return () => observer.disconnect();
}

/** Written here, not in a mail program that does not work today. */
function openMailto(event: MouseEvent, onMailto: (link: string) => void): void {
  const link = (event.target as Element | null)?.closest?.('a[href^="mailto:" i]');
  const href = link?.getAttribute('href');
  if (href === null || href === undefined) return;
  event.preventDefault();
  onMailto(href);
}

/** The keys of the page work in the frame, too. */
function passOn(event: KeyboardEvent): void {
  const { key, ctrlKey, metaKey, altKey, shiftKey } = event;
  const copy = new KeyboardEvent('keydown', { key, ctrlKey, metaKey, altKey, shiftKey, bubbles: true, cancelable: true });
  if (!document.dispatchEvent(copy)) event.preventDefault();
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
