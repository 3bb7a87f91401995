/*
 * What of a message's HTML is shown. Nothing changes its text after the sanitiser: what is done later is done to the tree that came out of it.
 */
import DOMPurify, { type Config } from 'dompurify';

/** More of nested elements is no letter (the parser itself nests 512 deep at most). */
const LONGEST_HTML = 2 * 1024 * 1024;

/** Things to fill in, to play, or that load by themselves in ways which are not asked about. */
const FORBIDDEN_TAGS =
  'form input button textarea select option optgroup fieldset datalist output meter progress dialog audio video source track picture map area marquee template slot nav link meta base'.split(
    ' ',
  );
const FORBIDDEN_ATTRIBUTES =
  'srcset sizes action ping poster autofocus tabindex contenteditable draggable download usemap popover popovertarget accesskey role hidden is loading crossorigin'.split(
    ' ',
  );

const SHOWN: Config = {
  USE_PROFILES: { html: true },
  FORBID_TAGS: FORBIDDEN_TAGS,
  FORBID_ATTR: FORBIDDEN_ATTRIBUTES,
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  SANITIZE_NAMED_PROPS: true,
  WHOLE_DOCUMENT: true,
};

/** For the editor, which is in our own page: the bare text with its simplest forms, and nothing that has a look or an address of its own. */
const QUOTED: Config = {
  ALLOWED_TAGS:
    'p br div span blockquote ul ol li b strong i em u s strike a pre code hr h1 h2 h3 h4 h5 h6 table thead tbody tr td th sub sup img'.split(
      ' ',
    ),
  ALLOWED_ATTR: ['href', 'colspan', 'rowspan', 'dir', 'type', 'src', 'alt', 'width', 'data-cid'],
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
};

const REMOTE = /^\s*(?:https?:)?\/\//i;
const REMOTE_IN_STYLE = /url\s*\(\s*['"]?\s*(?:https?:)?\/\//i;
const FOLLOWED = /^(?:https?:\/\/|mailto:)/i;

export interface Sanitised {
  /** In a document that loads nothing. */
  readonly html: HTMLElement;
  /** It would load something from outside. */
  readonly hasRemote: boolean;
}

interface ShownOptions {
  readonly isRemoteShown: boolean;
  /** Of the frame that it is for: by a page that allows no styles each style of a letter would be reported as forbidden, which takes ten times as long as all else. */
  readonly by: Window & typeof globalThis;
}

/** `data-cid` names what stands in the message itself. */
export function sanitiseShown(html: string, { isRemoteShown, by }: ShownOptions): Sanitised {
  let hasRemote = false;
  const purify = DOMPurify(by);
  purify.addHook('uponSanitizeElement', (node, { tagName }) => {
    if (tagName === 'style' && REMOTE_IN_STYLE.test(node.textContent ?? '')) hasRemote = true;
  });
  purify.addHook('afterSanitizeAttributes', (element) => {
    if (element.nodeName === 'A') restrainLink(element);
    for (const name of ['src', 'background'] as const) {
      const value = element.getAttribute(name);
      if (value === null) continue;
      if (REMOTE.test(value)) {
        hasRemote = true;
        if (!isRemoteShown) element.removeAttribute(name);
      } else if (/^\s*cid:/i.test(value)) {
        element.removeAttribute(name);
        element.setAttribute('data-cid', value.trim().slice('cid:'.length));
      } else if (!/^\s*data:image\/(?:png|jpe?g|gif|webp|bmp)[;,]/i.test(value)) {
        // Relative: to nothing that the sender could mean.
        element.removeAttribute(name);
      }
    }
    if (REMOTE_IN_STYLE.test(element.getAttribute('style') ?? '')) hasRemote = true;
  });
  const tree = purify.sanitize(html.slice(0, LONGEST_HTML), { ...SHOWN, RETURN_DOM: true }) as HTMLElement;
  return { html: tree, hasRemote };
}

/** As a fragment for the editor. Of images it keeps those that are named by a Content-ID of `ownCids`, without where they come from. */
export function sanitiseQuoted(html: string, ownCids: ReadonlySet<string>): DocumentFragment {
  const purify = DOMPurify(window);
  purify.addHook('afterSanitizeAttributes', (element) => {
    if (element.nodeName === 'IMG') {
      const cid = /^cid:(.+)$/i.exec(element.getAttribute('src') ?? '')?.[1] ?? element.getAttribute('data-cid') ?? '';
      element.removeAttribute('src');
      if (ownCids.has(cid)) element.setAttribute('data-cid', cid);
      else element.remove();
      return;
    }
    if (element.nodeName === 'A' && !FOLLOWED.test(element.getAttribute('href') ?? '')) element.removeAttribute('href');
  });
  const clean = purify.sanitize(html.slice(0, LONGEST_HTML), { ...QUOTED, RETURN_DOM_FRAGMENT: true });
  return document.importNode(clean, true);
}

/** A link opens a page that knows nothing of us; and says where it leads. */
function restrainLink(link: Element): void {
  const href = (link.getAttribute('href') ?? '').trim();
  if (!FOLLOWED.test(href)) {
    link.removeAttribute('href');
    link.removeAttribute('target');
    return;
  }
  link.setAttribute('target', '_blank');
  link.setAttribute('rel', 'noopener noreferrer nofollow');
  link.setAttribute('title', href);
}
