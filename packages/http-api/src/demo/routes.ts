/* `/demo/outage`, there in `stopgap demo` alone: a practice provider that breaks and heals on request. */
import { z } from 'zod';
import { route, type App, type AppContext } from '../app-env.ts';
import { bodyBytes, payloadTooLarge } from '../bounded-body.ts';
import { DEMO_PARTS, type DemoDeps } from '../deps.ts';
import { HttpProblem } from '../problem.ts';
import { refuseCrossSite } from '../sessions/cross-site.ts';

const MOST_BYTES = 1024;
const orderSchema = z.union([
  z.strictObject({ outage: z.boolean() }),
  z.strictObject({ down: z.array(z.enum(DEMO_PARTS)).max(DEMO_PARTS.length) }),
]);

export function demoRoutes(app: App, demo: DemoDeps | undefined): void {
  if (demo === undefined) return;
  route(app, '/demo/outage', {
    GET: (c) => c.json(stateOf(demo)),
    POST: async (c) => {
      refuseCrossSite(c);
      const order = await readOrder(c);
      demo.setDown('down' in order ? order.down : order.outage ? demo.outage : []);
      return c.json(stateOf(demo));
    },
  });
}

function stateOf(demo: DemoDeps) {
  const down = demo.down();
  return { outage: down.length > 0, down, accounts: demo.accounts };
}

/** Nothing at all asks for the outage that the demo is about. */
async function readOrder(c: AppContext): Promise<z.infer<typeof orderSchema>> {
  const text = (await bodyBytes(c, MOST_BYTES, () => payloadTooLarge(MOST_BYTES))).toString('utf8').trim();
  if (text === '' || text === '{}') return { outage: true };
  try {
    return orderSchema.parse(JSON.parse(text));
  } catch {
    throw new HttpProblem(400, `Send {"outage": true or false}, or {"down": [...]} with some of ${DEMO_PARTS.join(', ')}`);
  }
}
