import { createHash } from 'node:crypto';
import { escaped, outageText } from './page.ts';
import type { StatusView } from './view.ts';
import { WORDS, type Language } from './words.ts';

const MOST_ITEMS = 50;

/** RSS 2.0: one item for the beginning of an outage, another one for its end. */
export function statusRss(view: StatusView, { language, origin }: { readonly language: Language; readonly origin: string }): string {
  const words = WORDS[language];
  const items = view.outages
    .flatMap((outage) => {
      const began = { atMs: outage.startMs, outage: { ...outage, endMs: undefined } };
      return outage.endMs === undefined ? [began] : [{ atMs: outage.endMs, outage }, began];
    })
    .toSorted((one, other) => other.atMs - one.atMs)
    .slice(0, MOST_ITEMS)
    .map(({ atMs, outage: { endMs, ...outage } }) => {
      const title = outageText({ ...outage, ...(endMs === undefined ? {} : { endMs }) }, language).replaceAll(/<[^>]*>/g, '');
      const id = createHash('sha256')
        .update(`${outage.path} ${outage.startMs} ${endMs ?? ''}`)
        .digest('hex')
        .slice(0, 32);
      return `<item><title>${title}</title><link>${escaped(origin)}/status</link><guid isPermaLink="false">${id}</guid><pubDate>${new Date(atMs).toUTCString()}</pubDate></item>`;
    });
  return `<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0"><channel><title>${words.title}</title><link>${escaped(origin)}/status</link><description>${words.title}</description>${items.join('')}</channel></rss>
`;
}
