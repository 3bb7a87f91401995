/*
 * The frames that HTML of mail is put into. Each shows one message in its life: what one message left in it could be found by the next. Since its page has to be
 * loaded, which takes longer than all else that opens a message, some are made before, empty, and moved to where they are wanted. One more is filled with the
 * message that is opened next, likely; it is shown for that one, or never.
 */
import { untilLoaded } from '../offline/until-loaded.ts';
import type { FilledFrame, FillFrame, ImageOf } from './mail-frame.ts';

/** Filled in by the build: the page beside this one that mail is put into. */
declare const MAIL_FRAME: string;

/*
 * Without allow-scripts nothing in it can run, whatever gets past the sanitiser; with allow-same-origin this page can put the message into it. The page
 * in the frame comes with a policy of its own, which lets nothing be loaded but images, and those from outside only when they were asked for.
 */
const SANDBOX = 'allow-same-origin allow-popups allow-popups-to-escape-sandbox';
const WITH_REMOTE = 'mail-frame.html?remote';
/** One that is opened, and one for who opens the next before another could be made. */
const MOST_SPARE = 2;

const FIRST_HEIGHT = '120px';

/** To fill one may wait for so long until the page has nothing else to do. */
const LONGEST_WAIT_MS = 1000;

/** DOM "moveBefore", of which the types do not know yet: an iframe that is moved by it keeps its page. */
interface Mover {
  readonly moveBefore?: (node: Node, before: Node | null) => void;
}

/** What is put into a frame. */
export interface FramedMail {
  readonly id: string;
  readonly html: string;
  readonly imageOf: ImageOf;
}

export interface Placing {
  readonly isRemoteShown: boolean;
  /** It is filled, which may be so at once, or filled anew as its page was loaded anew. */
  readonly onFilled: (filled: FilledFrame, frame: HTMLIFrameElement) => void;
}

export interface MailFrames {
  /** Has empty ones at hand, what fills them, and before long one filled with what is opened next, likely. */
  readonly prepare: (next: FramedMail | undefined) => void;
  /** Puts one into a place, with this in it. Gives what removes it. */
  readonly put: (place: HTMLElement, mail: FramedMail, placing: Placing) => () => void;
  readonly close: () => void;
}

interface Ready {
  readonly mail: FramedMail;
  readonly frame: HTMLIFrameElement;
  readonly page: Document;
  readonly filled: FilledFrame;
}

export function createMailFrames(): MailFrames {
  let fillFrame: FillFrame | undefined;
  let stock: HTMLElement | undefined;
  let next: FramedMail | undefined;
  let ready: Ready | undefined;
  /** The sanitiser comes with the first message of this kind. */
  const load = async (): Promise<FillFrame> => {
    fillFrame ??= (await untilLoaded(() => import('./mail-frame.ts'))).fillFrame;
    return fillFrame;
  };
  const spares = (): readonly HTMLIFrameElement[] =>
    [...(stock?.children ?? [])].filter((one): one is HTMLIFrameElement => one instanceof HTMLIFrameElement && one !== ready?.frame);
  const stockUp = (): void => {
    if (stock === undefined) {
      stock = document.createElement('div');
      stock.hidden = true;
      document.body.append(stock);
    }
    while (spares().length < MOST_SPARE) stock.append(emptyFrame(MAIL_FRAME));
  };
  const takeSpare = (): HTMLIFrameElement | undefined => {
    const [spare] = spares();
    // Without a connection it may have become a page of the browser's.
    if (spare?.contentDocument !== null) return spare;
    spare.remove();
    return undefined;
  };
  const drop = ({ frame, filled }: Ready): void => {
    filled.stop();
    frame.remove();
  };
  const fillAhead = async (mail: FramedMail): Promise<void> => {
    const fill = await load();
    await new Promise((done) => requestIdleCallback(done, { timeout: LONGEST_WAIT_MS }));
    if (next !== mail) return;
    next = undefined;
    const frame = spares().find((one) => pageOf(one) !== undefined);
    const page = frame && pageOf(frame);
    if (frame === undefined || page === undefined) return;
    if (ready !== undefined) drop(ready);
    ready = { mail, frame, page, filled: fill(page, mail.html, { isRemoteShown: false, imageOf: mail.imageOf }) };
    stockUp();
  };
  const takeReady = ({ id, html }: FramedMail): Ready | undefined => {
    next = undefined;
    if (ready === undefined || ready.mail.id !== id || ready.mail.html !== html) return undefined;
    const taken = ready;
    ready = undefined;
    if (pageOf(taken.frame) === taken.page) return taken;
    drop(taken);
    return undefined;
  };
  return {
    prepare(mail) {
      void load();
      if (!('moveBefore' in Element.prototype)) return;
      stockUp();
      if (mail === undefined || mail.id === next?.id || mail.id === ready?.mail.id) return;
      next = mail;
      void fillAhead(mail);
    },
    put(place: HTMLElement & Mover, mail, { isRemoteShown, onFilled }) {
      const made = isRemoteShown ? undefined : takeReady(mail);
      const spare = isRemoteShown ? undefined : (made?.frame ?? takeSpare());
      const frame = spare ?? emptyFrame(isRemoteShown ? WITH_REMOTE : MAIL_FRAME);
      if (spare === undefined) place.append(frame);
      else place.moveBefore?.(frame, null);
      frame.className = 'mail-frame';
      frame.style.height = FIRST_HEIGHT;
      let filled = made?.filled;
      let shown = made?.page;
      let isGone = false;
      const fill = (): void => {
        const page = pageOf(frame);
        if (page === undefined || page === shown || fillFrame === undefined || isGone) return;
        shown = page;
        filled?.stop();
        filled = fillFrame(page, mail.html, { isRemoteShown, imageOf: mail.imageOf });
        onFilled(filled, frame);
      };
      frame.addEventListener('load', fill);
      if (fillFrame === undefined) void load().then(fill);
      if (filled === undefined) fill();
      else onFilled(filled, frame);
      return () => {
        isGone = true;
        filled?.stop();
        frame.remove();
      };
    },
    close() {
      next = undefined;
      ready?.filled.stop();
      stock?.remove();
    },
  };
}

function emptyFrame(path: string): HTMLIFrameElement {
  const frame = document.createElement('iframe');
  frame.setAttribute('sandbox', SANDBOX);
  frame.referrerPolicy = 'no-referrer';
  frame.src = `./${path}`;
  return frame;
}

/** Undefined: it is not there yet, or it is none of ours. */
function pageOf({ contentDocument }: HTMLIFrameElement): Document | undefined {
  return contentDocument?.readyState === 'complete' && contentDocument.URL !== 'about:blank' ? contentDocument : undefined;
}
