import { route, type App } from '../app-env.ts';
import { DEMO_PATHS } from './demo-paths.ts';
import { DOCUMENT } from './document.ts';
import { SETUP_PATHS } from './setup-paths.ts';

/** `/api/openapi.json`: what is there now, so the routes of a demo or of the first run only while they are. */
export function openApiRoute(app: App, { isDemo, isSetup }: { readonly isDemo: boolean; readonly isSetup: boolean }): void {
  const paths = { ...DOCUMENT.paths, ...(isDemo ? DEMO_PATHS : {}), ...(isSetup ? SETUP_PATHS : {}) };
  route(app, '/api/openapi.json', { GET: (c) => c.json({ ...DOCUMENT, paths }) });
}
