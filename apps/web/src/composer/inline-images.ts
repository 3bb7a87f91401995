/*
 * Images within the text. A draft names them by their Content-ID (`<img src="cid:...">`, RFC 2392), as it is sent; the editor shows what is behind the name
 * and keeps it beside (`data-cid`), for an address of the browser's own means nothing a moment later.
 */
import { newMessageId } from './draft.ts';

/** What every mail program shows; SVG is a document. */
const TYPES: ReadonlySet<string> = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp']);
/** Wider than this no letter is read. */
export const WIDEST_PX = 640;

export function isInlineImage({ type }: Pick<Blob, 'type'>): boolean {
  return TYPES.has(type.toLowerCase());
}

/** RFC 2392: of the same form as a Message-ID. */
export function newContentId(address: string): string {
  return newMessageId(address, crypto.randomUUID());
}

/** As it is kept and sent. */
export function namedImages(html: string): string {
  if (!/<img\b/i.test(html)) return html;
  // A document without a window: nothing in it is loaded.
  const { body } = new DOMParser().parseFromString(html, 'text/html');
  for (const image of body.querySelectorAll('img')) {
    const cid = image.dataset['cid'];
    if (cid === undefined) {
      image.remove();
      continue;
    }
    image.setAttribute('src', `cid:${cid}`);
    image.removeAttribute('data-cid');
  }
  return body.innerHTML;
}

/** In pixels; undefined: as wide as it is. */
export async function shownWidth(file: Blob): Promise<number | undefined> {
  const bitmap = await createImageBitmap(file);
  const { width } = bitmap;
  bitmap.close();
  return width > WIDEST_PX ? WIDEST_PX : undefined;
}
