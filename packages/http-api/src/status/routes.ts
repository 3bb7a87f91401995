import { originOf, route, type App } from '../app-env.ts';
import type { HttpApiDeps } from '../deps.ts';
import { statusDocument } from './document.ts';
import { PAGE_POLICY, statusPage } from './page.ts';
import { statusRss } from './rss.ts';
import { statusView } from './view.ts';
import { languageOf } from './words.ts';

type StatusDeps = Pick<HttpApiDeps, 'board' | 'providers' | 'clock' | 'plaintextAuth'>;

/** `/status`, for anybody: by page, JSON and RSS. */
export function statusRoutes(app: App, deps: StatusDeps): void {
  route(app, '/status', {
    GET: (c) => {
      const page = statusPage(statusView(deps), languageOf(c.req.header('accept-language')));
      return c.body(page, 200, {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': PAGE_POLICY,
        vary: 'Accept-Language',
      });
    },
  });
  route(app, '/status.json', { GET: (c) => c.json(statusDocument(statusView(deps))) });
  route(app, '/status.rss', {
    GET: (c) => {
      const language = languageOf(c.req.header('accept-language'));
      const rss = statusRss(statusView(deps), { language, origin: originOf(c, deps) });
      return c.body(rss, 200, { 'content-type': 'application/rss+xml; charset=utf-8', vary: 'Accept-Language' });
    },
  });
}
