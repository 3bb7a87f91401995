import { route, type App } from '../app-env.ts';
import type { OperatorDeps } from '../deps.ts';
import { HttpProblem } from '../problem.ts';

/** /healthz, /readyz, /metrics: no log-in, no addresses of people, so keep them on the operator's network. */
export function operatorRoutes(app: App, operator: OperatorDeps): void {
  route(app, '/healthz', { GET: () => text('alive\n') });
  route(app, '/readyz', {
    GET: async () => {
      try {
        await operator.ready();
      } catch {
        throw new HttpProblem(503, 'The store takes no writes');
      }
      return text('ready\n');
    },
  });
  route(app, '/metrics', {
    GET: async () => {
      const metrics = await operator.metrics();
      return text(metrics.text, metrics.type);
    },
  });
}

function text(body: string, type = 'text/plain'): Response {
  return new Response(body, { headers: { 'content-type': type, 'content-length': String(Buffer.byteLength(body)) } });
}
