import { route, type App } from '../app-env.ts';
import type { OperatorDeps } from '../deps.ts';

/** For anybody. */
export function statusRoutes(app: App, operator: OperatorDeps): void {
  route(app, '/status.json', { GET: (c) => c.json(operator.status()) });
}
